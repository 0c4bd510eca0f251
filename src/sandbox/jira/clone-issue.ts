// A person clones an issue: a new id and key at the start of the workflow, with the fields, labels and entity properties
// of the original. Comments, remote links and history stay behind.
import { SandboxEditError } from '../http.ts';
import { lookUpIssue, projectOf, type Value, type World } from './world.ts';
import { addIssue, type Tell } from './writes.ts';

const SUMMARY_LIMIT = 255;

export function cloneIssue(world: World, tell: Tell, idOrKey: string): { readonly id: string; readonly key: string } {
  const original = lookUpIssue(world, idOrKey);
  if (!original) throw new SandboxEditError(`Jira has no issue "${idOrKey}"`);
  const { data } = original;
  const values = new Map<string, Value>(data.values);
  values.set('summary', `CLONE - ${values.get('summary') ?? ''}`.slice(0, SUMMARY_LIMIT));
  const by = (world.people[0] ?? world.syncAccount).accountId;
  const clone = addIssue(world, tell, {
    project: projectOf(data),
    typeId: data.typeId,
    by,
    values,
    properties: [...original.properties].map(([key, value]) => ({ key, value })),
  });
  return { id: clone.id, key: clone.data.key };
}
