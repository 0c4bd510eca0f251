// What `configure` does at once instead of keeping it as a setting.
import { z } from 'zod';
import { SandboxEditError } from '../http.ts';
import { mergeItems } from './merge-items.ts';
import { actAs, byHand, type Portal, userNamed } from './portal.ts';
import { restoreItem } from './recycle-bin.ts';
import { expireAccess, revokeTokens } from './tokens.ts';

const entity = z.enum(['lead', 'deal', 'contact', 'company']);
const id = z.coerce.number().int().positive();

const schema = z.strictObject({
  /** The application's access tokens end now; or all its tokens are no longer known. */
  appTokens: z.enum(['expire', 'revoke']).optional(),
  /** A person merges duplicates: the losers are deleted, the winner takes what it lacks. */
  merge: z
    .strictObject({
      entity,
      winner: id,
      losers: z.array(id).min(1),
      user: z.string().optional(),
    })
    .optional(),
  /** A person takes a deleted item back out of the recycle bin. */
  restore: z.strictObject({ entity, id, user: z.string().optional() }).optional(),
});

export type Acts = z.infer<typeof schema>;
type Changes = Readonly<Record<string, unknown>>;

/** Takes the acts out of the changes. */
export function readActs(changes: Changes): { readonly acts: Acts; readonly settings: Changes } {
  const entries = Object.entries(changes);
  const isAct = ([key]: [string, unknown]) => key in schema.shape;
  const parsed = schema.safeParse(Object.fromEntries(entries.filter(isAct)));
  if (!parsed.success) throw new SandboxEditError(`Bitrix24 settings: ${z.prettifyError(parsed.error)}`);
  return { acts: parsed.data, settings: Object.fromEntries(entries.filter((entry) => !isAct(entry))) };
}

export function runActs(portal: Portal, acts: Acts): void {
  if (acts.appTokens === 'expire') expireAccess(portal);
  if (acts.appTokens === 'revoke') revokeTokens(portal);
  const { merge, restore } = acts;
  if (merge) asPerson(portal, merge.user, (by) => mergeItems(portal, { ...merge, by }));
  if (restore) asPerson(portal, restore.user, () => restoreItem(portal, restore.entity, restore.id));
}

function asPerson(portal: Portal, named: string | undefined, work: (by: number) => void): void {
  const by = named === undefined ? portal.users[0] : userNamed(portal, named);
  if (!by) throw new SandboxEditError(`no person "${named}" in the portal`);
  actAs(portal, byHand(portal, by.id), () => work(by.id));
}
