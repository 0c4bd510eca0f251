// What a pair last agreed on, and what was announced since: the ground on which edits are told from echoes.
import type { Side, Value } from '../model.ts';

/**
 * Field name -> what each side last showed when the field settled. `unsettled`: it never did, and both were filled when they
 * were compared, so that whoever empties one of them edits it.
 */
export type Base = Readonly<Record<string, Both & { readonly coerced?: Coerced; readonly unsettled?: true }>>;
type Both = { readonly jira: Value; readonly crm: Value };

/** What `side` showed when the other one answered success and kept something else; its base waits until that settles. */
export type Coerced = { readonly side: Side; readonly shown: Value };

/** Field name -> what both sides showed when a write of it was planned, and show once that has arrived on each. */
export type Announced = Readonly<Record<string, { readonly before: Both; readonly after: Both }>>;
