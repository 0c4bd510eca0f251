// A write whose answer never came, or was never stored, may have arrived all the same. What it announced tells it from a
// person's edit, so that what people did since is merged against it.
import { SIDES, type Side, type SourceRecord, sameValue } from '../model.ts';
import type { Announced, Base, JournalEntry, Link } from '../state/store.ts';
import { hasArrived } from './announced.ts';
import type { Held, SyncContext } from './context.ts';
import { NOTHING, type Work } from './settlement.ts';

type Pair = Readonly<Record<Side, SourceRecord>>;

/** Settles what of earlier writes without an answer turns out to have arrived: people's edits since then count from there. */
export async function settleArrived(held: Held, pair: Pair, work: Work, context: SyncContext): Promise<void> {
  const { claim } = held;
  const { profile, store, clock } = context;
  const announced = claim.link?.announced ?? null;
  if (claim.link === null || announced === null) return;
  const base: Record<string, Base[string]> = { ...claim.link.base };
  const journal: JournalEntry[] = [];
  for (const field of profile.fields) {
    const own = Object.hasOwn(announced, field.name) ? announced[field.name] : undefined;
    if (own === undefined) continue;
    const sides = SIDES.filter((side) => !sameValue(own.before[side], own.after[side]));
    const isThere = (side: Side) => hasArrived(own.before[side], own.after[side], pair[side].fields[field.ids[side]]);
    if (!sides.every(isThere)) continue;
    base[field.name] = own.after;
    for (const side of sides) journal.push(entryOf(field.name, side, own, claim.link, pair, work, context));
  }
  if (journal.length === 0) return;
  const link = { ...claim.link, base, announced: null };
  const stored = await store.settle(claim, { ...NOTHING, link, journal, next: 'keep' }, clock.now());
  held.claim = { ...claim, link: stored };
}

function entryOf(
  field: string,
  side: Side,
  { before, after }: Announced[string],
  link: Link,
  pair: Pair,
  work: Work,
  { profile, clock }: SyncContext,
): JournalEntry {
  return {
    at: clock.now(),
    profile: profile.name,
    profileVersion: profile.version,
    linkId: link.id,
    side,
    recordId: pair[side].ref.id,
    field,
    action: 'update',
    before: before[side],
    after: after[side],
    cause: work.cause,
    run: work.run,
  };
}
