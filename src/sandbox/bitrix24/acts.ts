// What `configure` does at once instead of keeping it as a setting.
import { z } from 'zod';
import { SandboxEditError } from '../http.ts';
import { mergeItems } from './merge-items.ts';
import { actAs, byHand, type Portal, userNamed } from './portal.ts';
import { expireAccess, revokeTokens } from './tokens.ts';

const id = z.coerce.number().int().positive();

const schema = z.strictObject({
  /** The application's access tokens end now; or all its tokens are no longer known. */
  appTokens: z.enum(['expire', 'revoke']).optional(),
  /** A person merges duplicates: the losers are deleted, the winner takes what it lacks. */
  merge: z
    .strictObject({
      entity: z.enum(['lead', 'deal', 'contact', 'company']),
      winner: id,
      losers: z.array(id).min(1),
      user: z.string().optional(),
    })
    .optional(),
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
  const { merge } = acts;
  if (!merge) return;
  const by = merge.user === undefined ? portal.users[0] : userNamed(portal, merge.user);
  if (!by) throw new SandboxEditError(`no person "${merge.user}" in the portal`);
  actAs(portal, byHand(portal, by.id), () => mergeItems(portal, { ...merge, by: by.id }));
}
