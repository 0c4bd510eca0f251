// The heart of the sync: what both sides show now, what each showed when the field last settled, and the profile's
// policies become one outcome per field. Pure. Both sides are treated alike; "changed" always means different from
// what that side itself last showed, so a lossy translation never bounces.
import { MappingError } from '../errors.ts';
import type { Side, Value } from '../model.ts';
import { otherSide, sameValue } from '../model.ts';
import type { ProfileField } from '../profiles/profile.ts';
import { carrySetChanges, isSet } from './merge-sets.ts';
import { isSettled, loserOf, targetOf } from './policy.ts';

export { type CreatePatch, createPatch } from './create-patch.ts';

export type BaseValues = { readonly jira: Value; readonly crm: Value };

/** A person's answer to a conflict: a side, or a value in the CRM's canonical form. */
export type Decision = { readonly side: Side } | { readonly value: Value };

/** `undefined`: the side does not show the field now; that is unknown, not empty. */
export type FieldInput = {
  readonly jira: Value | undefined;
  readonly crm: Value | undefined;
  readonly base: BaseValues | null;
  readonly decision: Decision | null;
  /** Both were filled when they were compared before, without a base. */
  readonly filled?: boolean;
};

/** When each record (or the field, where the vendor tells) last changed; epoch ms by the vendors' clocks. */
export type Evidence = { readonly changedAt: Readonly<Record<Side, number>> };

export type ConflictFound = {
  readonly base: BaseValues | null;
  readonly values: BaseValues;
  readonly outcome: 'held' | Side | 'merged' | 'decided';
};

/** Give `side` the `value` where it now shows `from`. */
export type FieldWrite = { readonly side: Side; readonly value: Value; readonly from: Value };

export type FieldOutcome =
  /** Nothing to do; the base stays. */
  | { readonly kind: 'settled' }
  /** Nothing to write; the base becomes this. */
  | { readonly kind: 'agreed'; readonly base: BaseValues }
  | { readonly kind: 'write'; readonly writes: readonly FieldWrite[]; readonly conflict: ConflictFound | null }
  | { readonly kind: 'held'; readonly conflict: ConflictFound }
  /** That side does not show the field; to be reported as drift. */
  | { readonly kind: 'unknown'; readonly side: Side }
  /** No translation; `side` is where it should have been written. */
  | { readonly kind: 'failed'; readonly side: Side; readonly error: MappingError };

/** Both sides are known from here on. */
type Seen = { readonly values: BaseValues; readonly base: BaseValues | null };

const SETTLED: FieldOutcome = { kind: 'settled' };

export function mergeField(field: ProfileField, input: FieldInput, evidence: Evidence): FieldOutcome {
  if (field.on === 'create') return SETTLED;
  if (input.jira === undefined) return { kind: 'unknown', side: 'jira' };
  if (input.crm === undefined) return { kind: 'unknown', side: 'crm' };
  const { base, decision } = input;
  const seen: Seen = { values: { jira: input.jira, crm: input.crm }, base };
  if (decision === null && base !== null && isSettled(seen.values, base)) return SETTLED;
  if (base === null && field.on === 'update') return agreed(seen);
  if (agree(field, seen.values)) return agreed(seen);
  if (decision !== null) return carryOut(field, seen, decision);
  if (base === null) return mergeFirst(field, seen, evidence, input.filled === true);

  const target = targetOf(field.direction);
  const jiraMoved = !sameValue(seen.values.jira, base.jira);
  const crmMoved = !sameValue(seen.values.crm, base.crm);
  if (target !== null) {
    const sourceMoved = target === 'crm' ? jiraMoved : crmMoved;
    return sourceMoved ? overwrite(field, seen, target, null) : SETTLED;
  }
  if (!crmMoved) return carryChange(field, seen, base, 'crm');
  if (!jiraMoved) return carryChange(field, seen, base, 'jira');
  return settleConflict(field, seen, evidence);
}

/** A field of a linked pair that never settled: a new link, a new line in the profile, or a lost store. */
function mergeFirst(field: ProfileField, seen: Seen, evidence: Evidence, filled: boolean): FieldOutcome {
  const { values } = seen;
  const target = targetOf(field.direction);
  if (field.initial !== 'fill-empty') {
    const loser = otherSide(field.initial);
    if (target !== null && target !== loser) return agreed(seen);
    return overwrite(field, seen, loser, values[loser] === null ? null : found(seen, field.initial));
  }
  if (target !== null) {
    // A source that was never filled says nothing about a filled target yet; from here on it is followed.
    const source = otherSide(target);
    if (values[source] === null && !filled) return agreed(seen);
    return overwrite(field, seen, target, values[target] === null ? null : found(seen, source));
  }
  // What both had filled was emptied by somebody since: an edit, and no gap.
  if (filled) return settleConflict(field, seen, evidence);
  if (values.jira === null) return overwrite(field, seen, 'jira', null);
  if (values.crm === null) return overwrite(field, seen, 'crm', null);
  return settleConflict(field, seen, evidence);
}

function settleConflict(field: ProfileField, seen: Seen, evidence: Evidence): FieldOutcome {
  if (field.conflict.kind === 'merge' && isSet(seen.values.jira) && isSet(seen.values.crm)) {
    return mergeSets(field, seen);
  }
  const loser = loserOf(field.conflict, evidence.changedAt);
  if (loser === null) return { kind: 'held', conflict: found(seen, 'held') };
  return overwrite(field, seen, loser, found(seen, otherSide(loser)));
}

/** Each side gets what the other added and loses what the other removed. */
function mergeSets(field: ProfileField, seen: Seen): FieldOutcome {
  const base = seen.base ?? { jira: null, crm: null };
  return guarded('crm', () => {
    const crm = carrySetChanges(field.mapper, seen.values, base, 'crm');
    return guarded('jira', () => {
      const jira = carrySetChanges(field.mapper, seen.values, base, 'jira');
      return writeOrAgree(seen, { jira, crm }, found(seen, 'merged'));
    });
  });
}

/** Only the other side moved. A set takes over what was added and removed, so that lossily carried members stay as they are. */
function carryChange(field: ProfileField, seen: Seen, base: BaseValues, to: Side): FieldOutcome {
  const { values } = seen;
  if (!isSet(values.jira) || !isSet(values.crm)) return overwrite(field, seen, to, null);
  return guarded(to, () => {
    const value = carrySetChanges(field.mapper, values, base, to);
    return writeOrAgree(seen, { ...values, [to]: value }, null);
  });
}

function carryOut(field: ProfileField, seen: Seen, decision: Decision): FieldOutcome {
  const target = targetOf(field.direction);
  const conflict = found(seen, 'decided');
  if ('side' in decision) {
    const loser = otherSide(decision.side);
    // The profile became one-way since: what stands there stays, and the question is closed.
    if (target !== null && target !== loser) return agreed(seen);
    return overwrite(field, seen, loser, conflict);
  }
  const { value } = decision;
  if (target === 'crm') return writeOrAgree(seen, { ...seen.values, crm: value }, conflict);
  return guarded('jira', () => {
    const jira = field.mapper.translate(value, 'crm');
    return writeOrAgree(seen, { jira, crm: target === null ? value : seen.values.crm }, conflict);
  });
}

function overwrite(field: ProfileField, seen: Seen, side: Side, conflict: ConflictFound | null): FieldOutcome {
  const source = otherSide(side);
  return guarded(side, () => {
    const value = field.mapper.translate(seen.values[source], source);
    return writeOrAgree(seen, { ...seen.values, [side]: value }, conflict);
  });
}

/** Writes what differs from what stands there. */
function writeOrAgree(seen: Seen, wanted: BaseValues, conflict: ConflictFound | null): FieldOutcome {
  const writes: FieldWrite[] = [];
  for (const side of ['jira', 'crm'] as const) {
    if (sameValue(wanted[side], seen.values[side])) continue;
    writes.push({ side, value: wanted[side], from: seen.values[side] });
  }
  return writes.length === 0 ? agreed(seen) : { kind: 'write', writes, conflict };
}

function guarded(side: Side, plan: () => FieldOutcome): FieldOutcome {
  try {
    return plan();
  } catch (error) {
    if (error instanceof MappingError) return { kind: 'failed', side, error };
    throw error;
  }
}

/**
 * One side shows what the other would read as there: nothing is to be carried over. A one-way field agrees only when
 * the target shows its source.
 */
function agree(field: ProfileField, values: BaseValues): boolean {
  const target = targetOf(field.direction);
  if (target !== 'jira' && readsAs(field, values.jira, 'jira', values.crm)) return true;
  return target !== 'crm' && readsAs(field, values.crm, 'crm', values.jira);
}

/** Whether the other side, showing `shown`, shows this value. */
export function readsAs(field: ProfileField, value: Value, from: Side, shown: Value): boolean {
  try {
    return sameValue(field.mapper.translate(value, from), shown);
  } catch (error) {
    if (error instanceof MappingError) return false;
    throw error;
  }
}

function agreed(seen: Seen): FieldOutcome {
  return { kind: 'agreed', base: seen.values };
}

function found(seen: Seen, outcome: ConflictFound['outcome']): ConflictFound {
  return { base: seen.base, values: seen.values, outcome };
}
