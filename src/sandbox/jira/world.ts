// The state of the emulated site. An issue's data is replaced as a whole on every change, so that the search index can
// keep older data by reference.

import type { Clock, Random } from '../../ports.ts';
import type { AdfDocument } from './adf.ts';
import { issueNotFound } from './answer.ts';
import { type FieldDef, PROJECTS, type Project } from './schema.ts';
import type { Settings } from './settings.ts';

export type Person = {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  readonly timeZone: string | null;
};

/** As stored: option and priority by id, person by accountId, date-time in epoch ms. Empty values are not stored. */
export type Value = string | number | readonly string[] | AdfDocument;

export type IssueData = {
  readonly id: string;
  readonly key: string;
  readonly projectId: string;
  readonly typeId: string;
  readonly statusId: string;
  readonly resolutionId: string | null;
  readonly resolvedAt: number | null;
  readonly statusChangedAt: number;
  readonly creator: string;
  readonly created: number;
  readonly updated: number;
  readonly values: ReadonlyMap<string, Value>;
};

/** `fieldId` is missing on items that concern no field, such as `Key`. */
export type ChangeItem = {
  readonly field: string;
  readonly fieldtype: 'jira' | 'custom';
  readonly fieldId?: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
};
export type History = {
  readonly id: string;
  readonly author: string;
  readonly created: number;
  readonly items: readonly ChangeItem[];
  readonly historyMetadata?: unknown;
};

export type Comment = {
  readonly id: string;
  readonly author: string;
  readonly body: AdfDocument;
  readonly updateAuthor: string;
  readonly created: number;
  readonly updated: number;
  readonly properties: readonly { key: string; value: unknown }[];
};

export type RemoteLink = {
  readonly id: number;
  readonly globalId: string | null;
  readonly application: Readonly<Record<string, unknown>>;
  readonly relationship: string | null;
  readonly object: Readonly<Record<string, unknown>>;
};

export type Issue = {
  readonly id: string;
  data: IssueData;
  /** What the index could have seen, oldest first; see indexed() in search-index.ts. */
  revisions: IssueData[];
  histories: History[];
  properties: Map<string, unknown>;
  comments: Comment[];
  remoteLinks: RemoteLink[];
};

export type World = {
  readonly clock: Clock;
  readonly random: Random;
  readonly url: () => string;
  readonly settings: Settings;
  readonly people: readonly Person[];
  /** The account whose token is handed out. */
  readonly syncAccount: Person;
  readonly fields: FieldDef[];
  readonly issues: Map<string, Issue>;
  /** Key -> id; keys of before a move included. */
  readonly keys: Map<string, string>;
  /** Last key number per project. */
  readonly keyNumbers: Map<string, number>;
  /** Next number of a series: issue, history, comment, link, webhook, request. */
  readonly next: (series: string, first: number) => number;
  /** The highest id that was ever given to an issue. */
  readonly lastIssue: () => number;
};

export function createCounter(): Pick<World, 'next' | 'lastIssue'> {
  const last = new Map<string, number>();
  return {
    next: (series, first) => {
      const value = (last.get(series) ?? first - 1) + 1;
      last.set(series, value);
      return value;
    },
    lastIssue: () => last.get('issue') ?? 0,
  };
}

export function personById(world: World, accountId: string): Person | undefined {
  return world.people.find((person) => person.accountId === accountId);
}

export function projectOf(data: IssueData): Project {
  const project = PROJECTS.find((candidate) => candidate.id === data.projectId);
  if (!project) throw new Error(`no project ${data.projectId}`);
  return project;
}

export function findProject(world: World, caller: Person | null, idOrKey: string): Project | null {
  const wanted = idOrKey.toUpperCase();
  const project = PROJECTS.find((candidate) => candidate.id === idOrKey || candidate.key === wanted);
  if (!project || !caller || world.settings.hiddenProjects.includes(project.key)) return null;
  return project;
}

/** Anonymous callers see nothing on this site. */
export function canSee(world: World, caller: Person | null, data: IssueData): boolean {
  if (!caller) return false;
  if (world.settings.hiddenProjects.includes(projectOf(data).key)) return false;
  const { hiddenIssues } = world.settings;
  return !hiddenIssues.includes(data.id) && !hiddenIssues.includes(data.key);
}

export function lookUpIssue(world: World, idOrKey: string): Issue | null {
  const id = world.keys.get(idOrKey.toUpperCase()) ?? idOrKey;
  return world.issues.get(id) ?? null;
}

/** Throws the 404 that hides whether the issue is missing or hidden. */
export function visibleIssue(world: World, caller: Person | null, idOrKey: string): Issue {
  const issue = lookUpIssue(world, idOrKey);
  if (!issue || !canSee(world, caller, issue.data)) throw issueNotFound();
  return issue;
}

/** Replaces the data and keeps what the index may still show. */
export function storeData(issue: Issue, data: IssueData): void {
  issue.data = data;
  issue.revisions = [...issue.revisions.slice(-199), data];
}

/** `updated` never stands still or goes back on one issue. */
export function nextUpdated(world: World, issue: Issue): number {
  return Math.max(world.clock.now(), issue.data.updated + 1);
}
