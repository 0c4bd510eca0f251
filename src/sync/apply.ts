// Carries out the writes of a decision, one minimal update per side, and says what really came of each: settled,
// coerced by the vendor, refused, or written over somebody's edit.

import type { Written } from '../connectors/connector.ts';
import { RejectedError } from '../errors.ts';
import {
  type Fields,
  type Lane,
  otherSide,
  SIDES,
  type Side,
  type SourceRecord,
  sameValue,
  type Value,
} from '../model.ts';
import type { ProfileField } from '../profiles/profile.ts';
import type { ParkedWrite } from '../state/store.ts';
import { hasArrived } from './announced.ts';
import { askFor, type SyncContext, writeAskFor } from './context.ts';
import { cutFields } from './cut.ts';
import { type PlannedWrite, parkFor } from './decide.ts';
import { isSet, membersOf } from './merge-sets.ts';

export type DoneWrite = PlannedWrite & { readonly returned: Value };

/**
 * Somebody's value that our write replaced unseen. `restored`: it stands there again, so that the next merge sees both
 * edits. `lost`: it should, but the vendor did not take it; then the record of it is all there is.
 */
export type Overwritten = {
  readonly write: PlannedWrite;
  readonly before: Value;
  readonly outcome: 'restored' | 'ours-wins' | 'lost';
};

export type Applied = {
  /** As they stand now. */
  readonly records: Readonly<Record<Side, SourceRecord>>;
  readonly done: readonly DoneWrite[];
  /** The vendor answered success and shows something else. */
  readonly coerced: readonly DoneWrite[];
  readonly overwritten: readonly Overwritten[];
  readonly park: readonly ParkedWrite[];
  /** A mapped field that we did not write moved meanwhile: look again. */
  readonly moved: boolean;
  /** What stopped one of the sides; the rest is valid. */
  readonly failure: unknown;
};

type SideResult = {
  record: SourceRecord;
  readonly done: DoneWrite[];
  readonly coerced: DoneWrite[];
  readonly overwritten: Overwritten[];
  readonly park: ParkedWrite[];
  /** Somebody edited what we wrote, or the vendor merged our change of a set with somebody's. */
  edited: boolean;
};

export async function apply(
  writes: readonly PlannedWrite[],
  records: Readonly<Record<Side, SourceRecord>>,
  lane: Lane,
  context: SyncContext,
  /** Nothing is sent before that. */
  ready: Promise<void> = Promise.resolve(),
): Promise<Applied> {
  const results = {} as Record<Side, SideResult>;
  let failure: unknown = null;
  // Told by the write that waits for it; there may be none.
  ready.catch(() => {});
  const attempts = SIDES.map(async (side) => {
    const result: SideResult = {
      record: records[side],
      done: [],
      coerced: [],
      overwritten: [],
      park: [],
      edited: false,
    };
    results[side] = result;
    const own = writes.filter((write) => write.side === side);
    if (own.length === 0) return;
    try {
      await writeSide(side, own, records, result, { lane, ready }, context);
    } catch (error) {
      failure = error;
    }
  });
  await Promise.all(attempts);
  const { jira, crm } = results;
  return {
    records: { jira: jira.record, crm: crm.record },
    done: [...jira.done, ...crm.done],
    coerced: [...jira.coerced, ...crm.coerced],
    overwritten: [...jira.overwritten, ...crm.overwritten],
    park: [...jira.park, ...crm.park],
    moved: SIDES.some(
      (side) => results[side].edited || movedMeanwhile(side, records[side], results[side], writes, context),
    ),
    failure,
  };
}

/** A refused field is parked and the others are written: poison in one field does not stop its neighbours. */
async function writeSide(
  side: Side,
  writes: readonly PlannedWrite[],
  records: Readonly<Record<Side, SourceRecord>>,
  result: SideResult,
  { lane, ready }: { readonly lane: Lane; readonly ready: Promise<void> },
  context: SyncContext,
): Promise<void> {
  const { scope, reads } = context.profile.sides[side];
  const id = records[side].ref.id;
  try {
    const [patch, expected] = [fieldsOf(writes, 'value'), fieldsOf(writes, 'from')];
    const written = await context.connectors[side].update(
      scope,
      id,
      patch,
      expected,
      reads,
      writeAskFor(context, lane, ready),
    );
    result.record = written.record;
    for (const name of cutFields(context.profile, side, records[otherSide(side)], patch)) {
      context.meters.truncated(context.profile.name, name);
    }
    for (const write of writes) await judge(write, written, result, lane, context);
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    const culprit = writes.length === 1 ? writes[0] : writes.find((write) => write.id === error.field);
    if (culprit === undefined) {
      // The vendor does not say which value it refuses: one by one finds out.
      for (const write of writes) await writeSide(side, [write], records, result, { lane, ready }, context);
      return;
    }
    const shown = shownValues(culprit, records, context);
    const parked = parkFor(culprit.field, side, records, error, shown);
    result.park.push({ ...parked, reason: `${error.message} (it was to become ${valueName(culprit, context)})` });
    const others = writes.filter((write) => write !== culprit);
    if (others.length > 0) await writeSide(side, others, records, result, { lane, ready }, context);
  }
}

/** As people see it on the screen: a vendor names what it refuses by its id. */
function valueName({ field, side, value }: PlannedWrite, context: SyncContext): string {
  const mapped = context.profile.fields.find((candidate) => candidate.name === field);
  return value === null ? 'empty' : `"${mapped?.mapper.show(value, side) ?? String(value)}"`;
}

async function judge(
  write: PlannedWrite,
  written: Written,
  result: SideResult,
  lane: Lane,
  context: SyncContext,
): Promise<void> {
  const returned = written.record.fields[write.id];
  const before = written.before[write.id];
  const unseen = before !== undefined && !sameValue(before, write.from) && !sameValue(before, write.value);
  if (returned !== undefined && isBothEdits(write, unseen ? before : undefined, returned)) {
    // Settled on what we wrote; what somebody added or removed meanwhile is found as their edit against that.
    result.done.push({ ...write, returned: write.value });
    result.edited = true;
    return;
  }
  const outcome = { ...write, returned: returned ?? null };
  if (returned !== undefined && sameValue(returned, write.value)) result.done.push(outcome);
  else result.coerced.push(outcome);
  if (unseen) result.overwritten.push(...(await restore(outcome, before, result, lane, context)));
}

/**
 * Some vendors take a set as additions and removals: then nothing was overwritten. Where none of ours made a difference
 * any more, there is no `before` either, and only what somebody added can be told from a coercion.
 */
function isBothEdits(write: PlannedWrite, before: Value | undefined, returned: Value): boolean {
  if (!isSet(returned) || !isSet(write.value) || !isSet(write.from) || sameValue(returned, write.value)) return false;
  const [from, to, now] = [membersOf(write.from), membersOf(write.value), membersOf(returned)];
  if (before === undefined) {
    return to.every((member) => now.includes(member)) && !from.some((one) => !to.includes(one) && now.includes(one));
  }
  const both = new Set(membersOf(before).filter((member) => !from.includes(member) || to.includes(member)));
  for (const member of to) if (!from.includes(member)) both.add(member);
  return sameValue([...both].sort(), [...now]);
}

/**
 * Neither vendor can refuse a write because the record moved. What we wrote over unseen is given back, so that the next
 * merge sees both edits and decides by the field's policy; where our side wins anyway it stays and is only recorded.
 */
async function restore(
  { returned, ...write }: DoneWrite,
  before: Value,
  result: SideResult,
  lane: Lane,
  context: SyncContext,
): Promise<readonly Overwritten[]> {
  const field = context.profile.fields.find((candidate) => candidate.name === write.field);
  context.meters.overwritten(context.profile.name, write.side);
  if (field === undefined || oursWins(field, write.side)) return [{ write, before, outcome: 'ours-wins' }];
  const { scope, reads } = context.profile.sides[write.side];
  const connector = context.connectors[write.side];
  const id = result.record.ref.id;
  // `over`: what stood there when the wanted value was entered.
  let [given, wanted, over] = [before, before, write.from];
  // As our own write left it: the record may have been read since, for another field that was given back before this one.
  let stands = returned;
  try {
    for (let round = 0; round < MOST_RESTORES; round += 1) {
      const patch = { [write.id]: wanted };
      const written = await connector.update(scope, id, patch, { [write.id]: stands }, reads, askFor(context, lane));
      result.record = written.record;
      const seen = written.before[write.id];
      if (seen === undefined || sameValue(seen, stands) || sameValue(seen, wanted)) {
        const isBack = hasArrived(stands, wanted, written.record.fields[write.id]);
        if (!isBack) return [{ write, before: wanted, outcome: 'lost' }];
        if (!sameValue(over, returned)) return [{ write, before: wanted, outcome: 'restored' }];
        // Whoever entered it saw what we wrote: an edit of that, also where it is what had stood there before.
        result.edited = true;
        return [];
      }
      // Faster again: the newest edit is the one to give back.
      [given, wanted, over] = [wanted, seen, stands];
      stands = written.record.fields[write.id] ?? null;
    }
    // Somebody answers each of our writes with another one (a robot): what the last of them replaced is only on record.
    return [
      { write, before: given, outcome: 'restored' },
      { write, before: wanted, outcome: 'lost' },
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.log.warn('overwritten value not given back', { profile: context.profile.name, field: write.field, reason });
    return [{ write, before: wanted, outcome: 'lost' }];
  }
}

const MOST_RESTORES = 3;

function oursWins(field: ProfileField, target: Side): boolean {
  return field.direction !== 'both' || (field.conflict.kind !== target && isSide(field.conflict.kind));
}

function isSide(kind: string): kind is Side {
  return kind === 'jira' || kind === 'crm';
}

function fieldsOf(writes: readonly PlannedWrite[], key: 'value' | 'from'): Fields {
  return Object.fromEntries(writes.map((write) => [write.id, write[key]]));
}

export function shownValues(
  write: PlannedWrite,
  records: Readonly<Record<Side, SourceRecord>>,
  context: SyncContext,
): Partial<Record<Side, Value | undefined>> {
  const field = context.profile.fields.find((candidate) => candidate.name === write.field);
  if (field === undefined) return { [write.side]: records[write.side].fields[write.id] };
  return { jira: records.jira.fields[field.ids.jira], crm: records.crm.fields[field.ids.crm] };
}

function movedMeanwhile(
  side: Side,
  planned: SourceRecord,
  result: SideResult,
  writes: readonly PlannedWrite[],
  context: SyncContext,
): boolean {
  const written = new Set(writes.filter((write) => write.side === side).map((write) => write.id));
  return context.profile.fields.some((field) => {
    const id = field.ids[side];
    const before = planned.fields[id];
    const now = result.record.fields[id];
    return !written.has(id) && before !== undefined && now !== undefined && !sameValue(before, now);
  });
}
