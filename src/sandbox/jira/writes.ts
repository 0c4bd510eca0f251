// The one place where issues change: by the API and by people alike. Every change moves `updated`, appends one history
// and tells the webhooks; a change to the same value does nothing at all.

import { fieldChange, resolutionChange, statusChange } from './changelog.ts';
import { type Coerced, coerced } from './coerce.ts';
import { byId, DEFAULT_PRIORITY, INITIAL_STATUS, type Project, RESOLUTIONS, STATUSES } from './schema.ts';
import { sameValue } from './values.ts';
import {
  type ChangeItem,
  type Comment,
  type History,
  type Issue,
  type IssueData,
  nextUpdated,
  storeData,
  type Value,
  type World,
} from './world.ts';

/** What webhooks hear about. */
export type Happening =
  | { kind: 'created' | 'updated'; issue: Issue; by: string; history: History; typeName: string }
  | { kind: 'deleted'; issue: Issue; by: string }
  | {
      kind: 'comment_created' | 'comment_updated' | 'comment_deleted';
      issue: Issue;
      by: string;
      comment: Comment;
      secondary?: boolean;
    };
export type Tell = (happening: Happening) => void;

/** Field id -> stored value, null empties. */
export type Changes = ReadonlyMap<string, Value | null>;

export type NewIssue = {
  readonly project: Project;
  readonly typeId: string;
  readonly by: string;
  readonly values: Changes;
  readonly statusId?: string;
  readonly at?: number;
  readonly properties?: readonly { key: string; value: unknown }[];
};

export function newHistory(
  world: World,
  by: string,
  at: number,
  items: readonly ChangeItem[],
  metadata?: unknown,
): History {
  const id = String(world.next('history', 20_001));
  return { id, author: by, created: at, items, ...(metadata === undefined ? {} : { historyMetadata: metadata }) };
}

/** A number is used up by every create; with key gaps another one goes missing. */
export function nextKey(world: World, project: Project): string {
  const number = (world.keyNumbers.get(project.key) ?? 0) + (world.settings.keyGaps ? 2 : 1);
  world.keyNumbers.set(project.key, number);
  return `${project.key}-${number}`;
}

function resolutionFor(statusId: string): string | null {
  const status = byId(STATUSES, statusId);
  if (status?.category.key !== 'done') return null;
  return RESOLUTIONS.find((resolution) => resolution.name === status.name)?.id ?? RESOLUTIONS[0]?.id ?? null;
}

export function addIssue(world: World, tell: Tell, input: NewIssue): Issue {
  const at = input.at ?? world.clock.now();
  const values = new Map<string, Value>([['priority', DEFAULT_PRIORITY]]);
  for (const [id, written] of input.values) {
    const value = coerced(world, id, written, null);
    if (value === null) values.delete(id);
    else values.set(id, value);
  }
  if (!values.has('reporter')) values.set('reporter', input.by);
  const statusId = input.statusId ?? INITIAL_STATUS;
  const id = String(world.next('issue', 10_401));
  const data: IssueData = {
    id,
    key: nextKey(world, input.project),
    projectId: input.project.id,
    typeId: input.typeId,
    statusId,
    resolutionId: resolutionFor(statusId),
    resolvedAt: resolutionFor(statusId) === null ? null : at,
    statusChangedAt: at,
    creator: input.by,
    created: at,
    updated: at,
    values,
  };
  const issue: Issue = {
    id,
    data,
    revisions: [data],
    histories: [],
    properties: new Map((input.properties ?? []).map(({ key, value }) => [key, value])),
    comments: [],
    remoteLinks: [],
  };
  world.issues.set(id, issue);
  world.keys.set(data.key, id);
  const items = world.fields
    .filter((field) => values.has(field.id))
    .map((field) => fieldChange(world, field, null, values.get(field.id) ?? null));
  // The changelog of a create is told by the webhook only; the stored one begins with the first edit.
  const history = newHistory(world, input.by, at, [...items, { ...statusChange(null, statusId), field: 'Status' }]);
  tell({ kind: 'created', issue, by: input.by, history, typeName: 'issue_created' });
  return issue;
}

export type IssueChange = {
  readonly by: string;
  readonly values?: Changes;
  readonly statusId?: string;
  readonly historyMetadata?: unknown;
};

/** The history that the change left, or null when it changed nothing. */
export function changeIssue(world: World, tell: Tell, issue: Issue, change: IssueChange): History | null {
  const items: ChangeItem[] = [];
  const values = new Map(issue.data.values);
  for (const [id, written] of change.values ?? []) {
    const field = byId(world.fields, id);
    const before = values.get(id) ?? null;
    const after: Coerced = coerced(world, id, written, before);
    if (!field || sameValue(before, after)) continue;
    if (after === null) values.delete(id);
    else values.set(id, after);
    items.push(fieldChange(world, field, before, after));
  }
  const at = nextUpdated(world, issue);
  const statusId = change.statusId ?? issue.data.statusId;
  let { resolutionId, resolvedAt, statusChangedAt } = issue.data;
  if (statusId !== issue.data.statusId) {
    const resolution = resolutionFor(statusId);
    if (resolution !== resolutionId) {
      items.push(resolutionChange(resolutionId, resolution));
      resolutionId = resolution;
      resolvedAt = resolution === null ? null : at;
    }
    items.push(statusChange(issue.data.statusId, statusId));
    statusChangedAt = at;
  }
  if (items.length === 0) return null;
  storeData(issue, { ...issue.data, values, statusId, resolutionId, resolvedAt, statusChangedAt, updated: at });
  const history = newHistory(world, change.by, at, items, change.historyMetadata);
  issue.histories.push(history);
  const onlyAssigned = items.every((item) => item.fieldId === 'assignee');
  const moved = items.some((item) => item.fieldId === 'status');
  const typeName = moved ? 'issue_generic' : onlyAssigned ? 'issue_assigned' : 'issue_updated';
  tell({ kind: 'updated', issue, by: change.by, history, typeName });
  return history;
}

/** Moves `updated` without a history, as comments do. */
export function touchIssue(world: World, issue: Issue): void {
  storeData(issue, { ...issue.data, updated: nextUpdated(world, issue) });
}

export function removeIssue(world: World, tell: Tell, issue: Issue, by: string): void {
  world.issues.delete(issue.id);
  for (const [key, id] of world.keys) if (id === issue.id) world.keys.delete(key);
  tell({ kind: 'deleted', issue, by });
  for (const comment of issue.comments) tell({ kind: 'comment_deleted', issue, by, comment, secondary: true });
}
