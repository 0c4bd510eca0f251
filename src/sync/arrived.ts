// A write whose answer never came, or was never stored, may have arrived all the same. What it announced tells it from a
// person's edit, so that what people did since is merged against it.
import { SIDES, type Side, type SourceRecord, sameValue } from '../model.ts';
import type { ProfileField } from '../profiles/profile.ts';
import type { Announced, Base, JournalEntry, Link } from '../state/store.ts';
import { hasArrived } from './announced.ts';
import type { Held, SyncContext } from './context.ts';
import { settledOf } from './settled.ts';
import { NOTHING, type Work } from './settlement.ts';

type Pair = Readonly<Record<Side, SourceRecord>>;

/** Settles what of earlier writes without an answer turns out to have arrived: people's edits since then count from there. */
export async function settleArrived(held: Held, pair: Pair, work: Work, context: SyncContext): Promise<void> {
  const { claim } = held;
  const { profile, store, clock } = context;
  const announced = claim.link?.announced ?? null;
  if (claim.link === null || announced === null) return;
  const fields = profile.fields.filter(({ name }) => Object.hasOwn(announced, name));
  const missed = SIDES.filter((side) => fields.some((field) => isUntouched(field, side, announced, pair)));
  const base: Record<string, Base[string]> = { ...claim.link.base };
  const journal: JournalEntry[] = [];
  let doubted = false;
  for (const field of fields) {
    const own = announced[field.name] as Announced[string];
    const sides = SIDES.filter((side) => !sameValue(own.before[side], own.after[side]));
    const isThere = (side: Side) => hasArrived(own.before[side], own.after[side], pair[side].fields[field.ids[side]]);
    if (sides.every((side) => !missed.includes(side) && isThere(side))) {
      base[field.name] = own.after;
      for (const side of sides) journal.push(entryOf(field.name, side, own, claim.link, pair, work, context));
      continue;
    }
    const settled = settledOf(base, field.name);
    const edited = sides.filter((side) => !missed.includes(side) && isEdited(field, side, own, pair));
    if (settled === undefined || edited.length === 0) continue;
    const known = (side: Side) =>
      edited.includes(side) || isSetBack(field, side, own, settled, pair) ? own.after : settled;
    base[field.name] = { jira: known('jira').jira, crm: known('crm').crm };
    doubted = true;
  }
  if (journal.length === 0 && !doubted) return;
  // With a reason the pair is read again, also by a later process: what it shows now has not been merged yet.
  const link = { ...claim.link, base, announced: null, reason: 'an earlier write has arrived, to be compared next' };
  const stored = await store.settle(claim, { ...NOTHING, link, journal, next: 'keep' }, clock.now());
  held.claim = { ...claim, link: stored };
}

/**
 * All of a side leaves at once, so that a field which shows what it did tells that nothing has arrived there, and that a
 * person came to the same value as we would have. A status is a step of its own, after the others.
 */
function isUntouched(field: ProfileField, side: Side, announced: Announced, pair: Pair): boolean {
  const { before, after } = announced[field.name] as Announced[string];
  const now = pair[side].fields[field.ids[side]];
  if (now === undefined || field.schemas[side].type === 'status' || sameValue(before[side], after[side])) return false;
  return sameValue(now, before[side]);
}

/**
 * Neither what stood there nor what we sent: whoever entered it may have seen ours, and then what stood there before is an
 * edit too. Of a set, members that are not there are brought again.
 */
function isEdited(field: ProfileField, side: Side, { before, after }: Announced[string], pair: Pair): boolean {
  const now = pair[side].fields[field.ids[side]];
  if (now === undefined || [now, after[side]].some(Array.isArray)) return false;
  return !sameValue(now, before[side]) && !sameValue(now, after[side]);
}

/** The source shows what it did before the edit that was written from it. */
function isSetBack(
  field: ProfileField,
  side: Side,
  { before, after }: Announced[string],
  settled: Base[string],
  pair: Pair,
): boolean {
  const now = pair[side].fields[field.ids[side]];
  return now !== undefined && sameValue(before[side], after[side]) && sameValue(now, settled[side]);
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
