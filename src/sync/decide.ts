// From two records, their link and what is already known about it to what should happen: pure, so that `plan` shows
// exactly what `run` would do.
import { MappingError } from '../errors.ts';
import { type Fields, SIDES, type Side, type SourceRecord, sameValue, type Value } from '../model.ts';
import type { ExpressionContext, Profile, ProfileField } from '../profiles/profile.ts';
import type { Base, Conflict, JournalEntry, Link, Parked, ParkedWrite } from '../state/store.ts';
import { derivedValues, foreignStamp } from './derived.ts';
import { isFlipFlopping } from './flip-flop.ts';
import { gateOf } from './gate.ts';
import { type BaseValues, type ConflictFound, type FieldOutcome, mergeField } from './merge.ts';
import { settledOf } from './settled.ts';

/** What the store knows of the pair besides its link. */
export type Known = {
  readonly link: Link | null;
  /** That of the link; of a new pair mostly empty. */
  readonly base: Base;
  readonly openConflicts: readonly Conflict[];
  readonly parked: readonly Parked[];
  readonly recentWrites: readonly JournalEntry[];
};

/** One value to write. `field` is the name in the profile, `id` the side's field id, `from` what stands there now. */
export type PlannedWrite = {
  readonly field: string;
  readonly side: Side;
  readonly id: string;
  readonly from: Value;
  readonly value: Value;
};

export type Decision = {
  /** The gate is closed: why, as a sentence; nothing else is decided then. */
  readonly waiting: string | null;
  readonly outcomes: Readonly<Record<string, FieldOutcome | { readonly kind: 'parked' }>>;
  readonly writes: readonly PlannedWrite[];
  readonly conflicts: readonly (ConflictFound & { readonly field: string; readonly policy: string })[];
  /** Fields whose open conflict is over once the writes are done. */
  readonly closes: readonly string[];
  readonly park: readonly ParkedWrite[];
  /** Fields that stay parked: nothing about them has changed. */
  readonly stays: readonly string[];
};

export function expressionContext(
  records: Readonly<Record<Side, SourceRecord | null>>,
  base: Base | null,
  profile: Profile,
  now: number,
): ExpressionContext {
  const old = (side: Side): Fields | null => {
    if (base === null) return null;
    const fields: Record<string, Value> = {};
    for (const field of profile.fields) {
      const settled = settledOf(base, field.name);
      if (settled !== undefined) fields[field.ids[side]] = settled[side];
    }
    return fields;
  };
  return {
    jira: records.jira?.fields ?? null,
    crm: records.crm?.fields ?? null,
    old: { jira: old('jira'), crm: old('crm') },
    now,
  };
}

export function decide(
  profile: Profile,
  records: Readonly<Record<Side, SourceRecord>>,
  known: Known,
  now: number,
): Decision {
  const { base } = known;
  const context = expressionContext(records, known.link === null ? null : base, profile, now);
  const waiting = gateOf(profile, context);
  if (waiting !== null) {
    return { waiting, outcomes: {}, writes: [], conflicts: [], closes: [], park: [], stays: [] };
  }

  const outcomes: Record<string, FieldOutcome | { kind: 'parked' }> = {};
  const writes: PlannedWrite[] = [];
  const conflicts: Decision['conflicts'][number][] = [];
  const closes: string[] = [];
  const park: ParkedWrite[] = [];
  const stays: string[] = [];

  for (const field of profile.fields) {
    const shown = { jira: own(records.jira.fields, field.ids.jira), crm: own(records.crm.fields, field.ids.crm) };
    const parked = parkedRow(known, profile, field.name);
    const open = known.openConflicts.find((conflict) => conflict.field === field.name);
    const settled = settledOf(base, field.name) ?? null;
    const outcome = mergeField(
      field,
      {
        ...shown,
        base: baseFor(settled, shown),
        decision: decisionFor(open, shown, field),
        filled: own(base, field.name)?.unsettled === true,
      },
      { changedAt: { jira: records.jira.updatedAt, crm: records.crm.updatedAt } },
    );
    // What is not shown now may have been edited unseen, and what it was parked with is needed when it is shown again.
    if (parked !== undefined && (outcome.kind === 'unknown' || stillParked(parked, shown))) {
      outcomes[field.name] = outcome.kind === 'unknown' ? outcome : { kind: 'parked' };
      stays.push(field.name);
      continue;
    }
    outcomes[field.name] = outcome;
    if (outcome.kind === 'failed') {
      park.push(parkFor(field.name, outcome.side, records, outcome.error, shown));
      continue;
    }
    if (open !== undefined && isOver(outcome)) closes.push(field.name);
    if (outcome.kind === 'held')
      conflicts.push({ ...outcome.conflict, field: field.name, policy: field.conflict.kind });
    if (outcome.kind !== 'write') continue;
    if (isFlipFlopping(known.recentWrites, field.name, now)) {
      park.push(flipFlop(field, records, shown));
      outcomes[field.name] = { kind: 'parked' };
      continue;
    }
    if (outcome.conflict !== null) {
      conflicts.push({ ...outcome.conflict, field: field.name, policy: field.conflict.kind });
    }
    for (const write of outcome.writes) writes.push({ ...write, field: field.name, id: field.ids[write.side] });
  }

  for (const derived of derivedValues(profile, records, context)) {
    const record = records[derived.side];
    const shown = record.fields[derived.id];
    if (derived.error !== null) {
      park.push(parkFor(derived.name, derived.side, records, derived.error, {}));
      continue;
    }
    if (shown === undefined || sameValue(shown, derived.value)) continue;
    const parked = parkedRow(known, profile, derived.name);
    if (parked !== undefined && stillParked(parked, { [derived.side]: shown })) {
      stays.push(derived.name);
      continue;
    }
    if (derived.onlyIfEmpty && shown !== null) {
      park.push(parkFor(derived.name, derived.side, records, foreignStamp(derived, shown), { [derived.side]: shown }));
      continue;
    }
    writes.push({ field: derived.name, side: derived.side, id: derived.id, from: shown, value: derived.value });
  }
  return { waiting: null, outcomes, writes, conflicts, closes, park, stays };
}

/** Names and ids come from people and vendors: `constructor` is a field like any other. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A decided conflict is closed as such, by its own row. */
function isOver(outcome: FieldOutcome): boolean {
  if (outcome.kind === 'held' || outcome.kind === 'unknown') return false;
  return outcome.kind !== 'write' || outcome.conflict?.outcome !== 'decided';
}

/**
 * Under another version of the profile a value may have found its translation, or a field its option: it is tried once
 * more. A flip-flop is not over before a person says so.
 */
function parkedRow(known: Known, profile: Profile, field: string): Parked | undefined {
  const row = known.parked.find((candidate) => candidate.field === field);
  const isNews = known.link !== null && known.link.profileVersion !== profile.version;
  return isNews && row?.kind !== 'flip-flop' ? undefined : row;
}

/** A field stays parked until one of the values changes that it was parked with. */
function stillParked(parked: Parked, shown: Readonly<Partial<Record<Side, Value | undefined>>>): boolean {
  return SIDES.every((side) => {
    const then = parked.values[side];
    const now = shown[side];
    return then === undefined || now === undefined || sameValue(then, now);
  });
}

/**
 * A person's decision counts for the values that the person saw; a newer edit asks again. A side that shows the decided
 * value already is where an earlier attempt came to.
 */
function decisionFor(
  open: Conflict | undefined,
  shown: Readonly<Record<Side, Value | undefined>>,
  field: ProfileField,
): Conflict['take'] {
  const take = open?.take ?? null;
  if (open === undefined || take === null) return null;
  const expected = SIDES.every((side) => {
    const now = shown[side];
    if (now === undefined) return false;
    return (
      sameValue(now, open.values[side]) || ('value' in take && sameValue(now, decidedValue(take.value, side, field)))
    );
  });
  return expected ? take : null;
}

function decidedValue(value: Value, side: Side, field: ProfileField): Value {
  return side === 'crm' ? value : imageOf(field, value, 'crm');
}

/** What the other side reads a value as; null where it has no translation. */
export function imageOf(field: ProfileField, value: Value, from: Side): Value {
  try {
    return field.mapper.translate(value, from);
  } catch (error) {
    if (error instanceof MappingError) return null;
    throw error;
  }
}

/**
 * After a coercion the base of the origin stands where it was, so that the value is sent again when somebody asks for that.
 * When the origin has moved on, even back to its base, that is an edit against what both showed then.
 */
function baseFor(settled: Base[string] | null, shown: Readonly<Record<Side, Value | undefined>>): BaseValues | null {
  if (settled?.coerced === undefined) return settled;
  const { side, shown: then } = settled.coerced;
  const now = shown[side];
  return now === undefined || sameValue(now, then) ? settled : { ...settled, [side]: then };
}

export function parkFor(
  field: string,
  side: Side,
  records: Readonly<Record<Side, SourceRecord>>,
  error: { readonly message: string; readonly cure: string; readonly name: string },
  shown: Readonly<Partial<Record<Side, Value | undefined>>>,
): ParkedWrite {
  return {
    side,
    id: records[side].ref.id,
    field,
    reason: error.message,
    cure: error.cure,
    kind: error.name,
    values: knownValues(shown),
  };
}

export function knownValues(shown: Readonly<Partial<Record<Side, Value | undefined>>>): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const side of SIDES) {
    const value = shown[side];
    if (value !== undefined) values[side] = value;
  }
  return values;
}

function flipFlop(
  field: ProfileField,
  records: Readonly<Record<Side, SourceRecord>>,
  shown: Readonly<Record<Side, Value | undefined>>,
): ParkedWrite {
  return {
    side: 'crm',
    id: records.crm.ref.id,
    field: field.name,
    reason: `"${field.name}" went back and forth more than 5 times in 10 minutes: something else writes it too`,
    cure: 'Find the robot or second sync tool that changes this field, then run: parked retry',
    kind: 'flip-flop',
    values: knownValues(shown),
  };
}
