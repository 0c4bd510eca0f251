// Takes back what we wrote: each value that is still ours becomes what stood there before, and its field is parked, as
// what the other side shows would be written again otherwise. The base goes back as well: whoever lets the field go on
// (an edit, another version of the profile, `parked retry`) finds the other side's value as an edit not carried over yet.
import { SIDES, type Side, type SourceRecord, sameValue, type Value } from '../model.ts';
import type { Profile, ProfileField } from '../profiles/profile.ts';
import type { Base, Claim, JournalEntry, Link, ParkedWrite, Settlement } from '../state/store.ts';
import { announcedBut } from './announced.ts';
import { type Applied, apply } from './apply.ts';
import type { SyncContext } from './context.ts';
import { imageOf, knownValues, type PlannedWrite } from './decide.ts';
import { laneOf, readSide } from './load.ts';
import { NOTHING } from './settlement.ts';
import { sightingOf } from './sighting.ts';

/** What we made of one field of one record in the time that is to be taken back. */
export type Undoable = {
  readonly side: Side;
  readonly field: string;
  /** Before our first write, and after our last. */
  readonly before: Value;
  readonly after: Value;
};

export type UndoneField = Undoable & {
  /** `can`: only planned. `changed`: somebody has written it since, and keeps it. */
  readonly what: 'can' | 'undone' | 'changed' | 'left';
  readonly why: string;
};

export type Undone = { readonly keys: Link['keys']; readonly fields: readonly UndoneField[] };

/** A write without an answer may still be carried out for so long. */
const LOOK_AGAIN_MS = 60_000;

type Pair = Readonly<Record<Side, SourceRecord>>;

/** One per field and side, over entries of one pair in any order; creates, stamps and deletes are not among them. */
export function undoableOf(entries: readonly JournalEntry[]): Undoable[] {
  const found = new Map<string, Undoable>();
  for (const { side, field, action, before, after } of [...entries].sort((a, b) => a.at - b.at)) {
    if (action !== 'update') continue;
    const key = `${side}/${field}`;
    found.set(key, { side, field, before: found.get(key)?.before ?? before, after });
  }
  return [...found.values()];
}

/** Without `carryOut` nothing is written. Every field is told of, whatever became of it. */
export async function undoPair(
  claim: Claim,
  wanted: readonly Undoable[],
  carryOut: boolean,
  context: SyncContext,
): Promise<Undone> {
  const { store, clock, profile } = context;
  const { link } = claim;
  if (link === null) throw new Error('only a pair has a journal to go back in');
  const pair = await readPair(claim, link, context);
  const judged = wanted.map((one) => judge(one, pair, profile));
  const writes = judged.flatMap((one) => (one.what === 'can' ? [writeOf(one, pair, profile)] : []));
  if (!carryOut || pair === null || writes.length === 0) {
    await giveBack(claim, context);
    return { keys: link.keys, fields: judged };
  }
  const planned = judged.filter(({ what }) => what === 'can');
  // On disk before it is sent: where no answer comes, what stands there then must not pass for a person's edit.
  const stored = await store.settle(claim, announcement(link, pair, planned, profile), clock.now());
  const applied = await apply(writes, pair, laneOf(claim), context);
  const isDone = (one: UndoneField) => applied.done.some(({ field, side }) => field === one.field && side === one.side);
  const fields = judged.map((one): UndoneField => {
    if (one.what !== 'can') return one;
    return isDone(one) ? { ...one, what: 'undone' } : { ...one, what: 'left', why: whyNot(one, applied) };
  });
  const settlement = settlementOf({ ...claim, link: stored }, link, pair, fields, planned, applied, context);
  await store.settle({ ...claim, link: stored }, settlement, clock.now());
  return { keys: link.keys, fields };
}

async function readPair(claim: Claim, link: Link, context: SyncContext): Promise<Pair | null> {
  const lane = laneOf(claim);
  const read = (side: Side) => readSide(side, link.ids[side], lane, context);
  const [jira, crm] = await Promise.all([read('jira'), read('crm')]);
  return jira === null || crm === null ? null : { jira, crm };
}

function judge(one: Undoable, pair: Pair | null, profile: Profile): UndoneField {
  const left = (why: string): UndoneField => ({ ...one, what: 'left', why });
  if (pair === null) return left('one of the records is gone');
  const field = fieldNamed(profile, one.field);
  if (field === undefined) return left('the profile computes it, or does not map it any more');
  const now = pair[one.side].fields[field.ids[one.side]];
  if (now === undefined) return left('it cannot be read now');
  if (sameValue(now, one.before)) return left('it shows that value already');
  if (!sameValue(now, one.after)) return { ...one, what: 'changed', why: 'it was changed since, and stays' };
  return { ...one, what: 'can', why: '' };
}

function writeOf(one: Undoable, pair: Pair | null, profile: Profile): PlannedWrite {
  const id = (fieldNamed(profile, one.field) as ProfileField).ids[one.side];
  return { field: one.field, side: one.side, id, from: pair?.[one.side].fields[id] ?? null, value: one.before };
}

function whyNot({ field, side }: Undoable, applied: Applied): string {
  const refused = applied.park.find((row) => row.field === field && row.side === side);
  if (refused !== undefined) return refused.reason;
  if (applied.coerced.some((one) => one.field === field && one.side === side)) {
    return 'the product answered success and shows something else';
  }
  const { failure } = applied;
  return failure instanceof Error ? failure.message : 'it was changed while we wrote';
}

/** Parked with the value that is about to stand there: if the write never comes to pass, the next look lets the field go on. */
function announcement(link: Link, pair: Pair, planned: readonly UndoneField[], profile: Profile): Settlement {
  const about = {
    ...link,
    reason: reasonOf(planned, link),
    base: baseAfter(link, planned, profile),
    announced: announcedBut(link.announced, namesOf(planned)),
  };
  return { ...NOTHING, link: about, park: planned.map((one) => parkedRow(one, pair, profile)), next: 'keep' };
}

function reasonOf(undone: readonly UndoneField[], link: Link): string | null {
  return undone.length === 0 ? link.reason : `undone and parked: ${undone.map(({ field }) => field).join(', ')}`;
}

function namesOf(undone: readonly UndoneField[]): readonly string[] {
  return undone.map(({ field }) => field);
}

function baseAfter(link: Link, undone: readonly UndoneField[], profile: Profile): Base {
  const base: Record<string, Base[string]> = { ...link.base };
  for (const one of undone) base[one.field] = baseBefore(one, profile);
  return base;
}

/** `link`: as it was before anything was announced. */
function settlementOf(
  claim: Claim,
  link: Link,
  pair: Pair,
  fields: readonly UndoneField[],
  planned: readonly UndoneField[],
  applied: Applied,
  context: SyncContext,
): Settlement {
  const { profile, clock, random } = context;
  const { records } = applied;
  const undone = fields.filter(({ what }) => what === 'undone');
  const isUndone = ({ side, field }: UndoneField) => undone.some((one) => one.side === side && one.field === field);
  const others = planned.filter((one) => !isUndone(one));
  // Without an answer nobody knows whether it was written: what was announced stands.
  const stays = applied.failure === null ? undone : [...undone, ...others];
  const run = random.hex(8);
  return {
    ...NOTHING,
    link: {
      ...link,
      reason: reasonOf(stays, link),
      base: baseAfter(link, stays, profile),
      announced: announcedBut(link.announced, namesOf(planned)),
      versions: { jira: records.jira.version, crm: records.crm.version },
      fingerprints: {
        jira: sightingOf(profile, records.jira).fingerprint,
        crm: sightingOf(profile, records.crm).fingerprint,
      },
    },
    park: undone.map((one) => parkedRow(one, records, profile)),
    unpark: applied.failure === null ? others.map(({ side, field }) => ({ side, id: pair[side].ref.id, field })) : [],
    journal: applied.done.map((write) => ({
      at: clock.now(),
      profile: profile.name,
      profileVersion: profile.version,
      linkId: link.id,
      side: write.side,
      recordId: pair[write.side].ref.id,
      field: write.field,
      action: 'undo',
      before: write.from,
      after: write.returned,
      cause: 'command',
      run,
    })),
    seen: SIDES.map((side) => ({ ...sightingOf(profile, records[side]), side })),
    next: nextLook(claim, applied, clock.now()),
  };
}

function nextLook(claim: Claim, { failure }: Applied, now: number): Settlement['next'] {
  if (failure !== null)
    return { due: now + LOOK_AGAIN_MS, counted: false, reason: 'a part of an undo was not answered' };
  return claim.rows.length === 0 ? 'clean' : { due: now, counted: false, reason: 'a part of it was undone' };
}

/** As it would be, had both sides agreed on what stood there before. */
function baseBefore({ side, field: name, before }: Undoable, profile: Profile): Base[string] {
  const other = imageOf(fieldNamed(profile, name) as ProfileField, before, side);
  return side === 'jira' ? { jira: before, crm: other } : { jira: other, crm: before };
}

function parkedRow({ side, field: name, before }: UndoneField, records: Pair, profile: Profile): ParkedWrite {
  const field = fieldNamed(profile, name) as ProfileField;
  const now = { jira: records.jira.fields[field.ids.jira], crm: records.crm.fields[field.ids.crm] };
  const shown = { ...now, [side]: before };
  return {
    side,
    id: records[side].ref.id,
    field: name,
    kind: 'undone',
    reason: `A person took back what was written to ${records[side].key}: it shows ${
      before === null ? 'nothing' : `"${field.mapper.show(before, side)}"`
    } again`,
    cure: 'Correct the profile or one of the two values; to write the same once more: parked retry',
    values: knownValues(shown),
  };
}

/** Nothing was done; its rows, if it has any, go on as before. */
async function giveBack(claim: Claim, { store, clock }: SyncContext): Promise<void> {
  const now = clock.now();
  if (claim.rows.length === 0) await store.settle(claim, NOTHING, now);
  else await store.release(claim, { due: now, counted: false, reason: 'a command looked at it' }, now);
}

function fieldNamed(profile: Profile, name: string): ProfileField | undefined {
  return profile.fields.find((field) => field.name === name);
}
