// What a resolved scope of Jira holds, and the JQL that asks for it.
import { z } from 'zod';
import { SyncError } from '../../errors.ts';
import type { Scope } from '../../model.ts';
import type { Kind } from './fields.ts';

/** The only kind of record this connector serves; also the entity in refs, hints and sync keys. */
export const ISSUE = 'issue';

const query = z.object({
  project: z.string(),
  projectKey: z.string(),
  type: z.string(),
  where: z.string().nullable(),
  /** Field id -> how its values are written down; taken from the site when the scope was resolved. */
  kinds: z.record(z.string(), z.string()),
});

export type JiraScope = Omit<z.infer<typeof query>, 'kinds'> & { readonly kinds: Readonly<Record<string, Kind>> };

/** Parsed scopes by identity: a profile passes the same object with every ask. */
const parsed = new WeakMap<Scope, JiraScope>();

export function jiraScope(scope: Scope): JiraScope {
  const known = parsed.get(scope);
  if (known) return known;
  const result = query.safeParse(scope.query);
  if (!result.success || scope.entity !== ISSUE) {
    throw new SyncError('This scope was not made by a Jira connection', 'Reload the profiles.', result.error);
  }
  const fresh = result.data as JiraScope;
  parsed.set(scope, fresh);
  return fresh;
}

/** Ids instead of names: they survive renames. */
export function scopeJql({ project, type, where }: Pick<JiraScope, 'project' | 'type' | 'where'>): string {
  const bounds = `project = ${project} AND issuetype = ${type}`;
  return where === null ? bounds : `${bounds} AND (${where})`;
}
