// An issue that a person moves to another project: a new key, the same id; the old key keeps leading to it.

import { SandboxEditError } from '../http.ts';
import { byId, ISSUE_TYPES, PROJECTS } from './schema.ts';
import { type ChangeItem, lookUpIssue, nextUpdated, projectOf, storeData, type World } from './world.ts';
import { newHistory, nextKey, type Tell } from './writes.ts';

function moved(field: string, from: { id: string; name: string }, to: { id: string; name: string }): ChangeItem {
  return {
    field,
    fieldtype: 'jira',
    fieldId: field,
    from: from.id,
    fromString: from.name,
    to: to.id,
    toString: to.name,
  };
}

export function moveIssue(world: World, tell: Tell, idOrKey: string, projectKey: string): void {
  const issue = lookUpIssue(world, idOrKey);
  if (!issue) throw new SandboxEditError(`Jira has no issue "${idOrKey}"`);
  const target = PROJECTS.find(({ key }) => key === projectKey);
  if (!target) throw new SandboxEditError(`Jira has no project "${projectKey}"`);
  const { data } = issue;
  const source = projectOf(data);
  if (source.id === target.id) return;
  const typeId = target.typeIds.includes(data.typeId) ? data.typeId : (target.typeIds[0] ?? data.typeId);
  const key = nextKey(world, target);
  const items: ChangeItem[] = [moved('project', source, target)];
  const before = byId(ISSUE_TYPES, data.typeId);
  const after = byId(ISSUE_TYPES, typeId);
  if (before && after && before.id !== after.id) items.push(moved('issuetype', before, after));
  // One of the items that carry no fieldId on Cloud.
  items.push({ field: 'Key', fieldtype: 'jira', from: null, fromString: data.key, to: null, toString: key });
  const updated = nextUpdated(world, issue);
  world.keys.set(key, issue.id);
  storeData(issue, { ...data, projectId: target.id, typeId, key, updated });
  const by = (world.people[0] ?? world.syncAccount).accountId;
  const history = newHistory(world, by, updated, items);
  issue.histories.push(history);
  tell({ kind: 'updated', issue, by, history, typeName: 'issue_moved' });
}
