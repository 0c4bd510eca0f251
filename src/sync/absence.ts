// Whether a linked record that was not found is gone. Not being found is not being gone: our account may have lost the
// right to see it, or everything. So other linked records are read with the same credentials first.
import { AuthError } from '../errors.ts';
import type { Lane, Side } from '../model.ts';
import type { Link } from '../state/store.ts';
import { mostGone } from './brake.ts';
import { askFor, type SyncContext } from './context.ts';
import { readSide } from './load.ts';

/** `alone`: there is no other record to compare with. */
export type Sight = 'missing' | 'hidden' | 'alone';

/** Between two looks that do not find a record. */
export const SECOND_LOOK_MS = 60_000;
const FIRST_CONTROLS = 3;
/** Many may have been deleted at once: then the first few are missing too, and access is not lost. */
const MORE_CONTROLS = 9;

/** Throws AuthError when nothing that is looked at can be read any more. */
export async function lookCloser(link: Link, side: Side, lane: Lane, context: SyncContext): Promise<Sight> {
  const { profile, connectors, store, random } = context;
  const id = link.ids[side];
  const { scope } = profile.sides[side];
  if (await connectors[side].hides?.(scope, id, askFor(context, lane))) return 'hidden';
  const asked: string[] = [];
  for (const count of [FIRST_CONTROLS, MORE_CONTROLS]) {
    const picks = Array.from({ length: count }, () => random.next());
    const controls = await store.controls(profile.name, side, id, picks);
    const fresh = controls.filter((control) => !asked.includes(control));
    asked.push(...fresh);
    const found = await Promise.all(fresh.map((control) => readSide(side, control, lane, context)));
    if (found.some((record) => record !== null)) return 'missing';
  }
  if (asked.length === 0) return 'alone';
  const error = new AuthError(
    `none of the ${asked.length + 1} linked records on the ${side} side that were looked at can be read: our account has lost its access`,
    'Give the account of the daemon its rights back, or a new credential; it goes on by itself then. If the records were really deleted, take their pairs apart: jira-crm-sync unlink',
  );
  context.loseSight(side, 'all', error);
  throw error;
}

/** After a hidden record was noted: so many at once are a right that was taken away, not a single restricted record. */
export async function loseSightOfHidden(side: Side, context: SyncContext): Promise<void> {
  const { store, profile, clock } = context;
  const { hidden, links } = await store.goneTally(profile.name, clock.now());
  if (hidden <= mostGone(links)) return;
  const error = new AuthError(
    `${hidden} of ${links} linked records on the ${side} side are refused to our account`,
    'Give the account of the daemon the right to read them again; it goes on by itself then.',
  );
  context.loseSight(side, 'hidden', error);
}
