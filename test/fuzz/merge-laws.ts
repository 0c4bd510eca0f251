// What the merge of one field owes to everybody, on pairs that were equal once and changed since.
import { otherSide, SIDES, type Side, sameValue, type Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { Direction, ProfileField } from '../../src/profiles/profile.ts';
import { type FieldInput, type FieldOutcome, mergeField } from '../../src/sync/merge.ts';
import { maybe, pick } from '../support/hostile.ts';
import { POLICIES } from '../support/merge-fields.ts';
import type { RandomField } from '../support/random-fields.ts';
import { carried, fail, same } from './mapper-laws.ts';

export type Case = {
  readonly field: ProfileField;
  readonly input: FieldInput & { jira: Value; crm: Value };
  readonly changedAt: Record<Side, number>;
};

/** What a pair of one field can show: what it agreed on once, and what people made of it since. */
export type Drawn = {
  readonly one: RandomField;
  readonly base: Record<Side, Value>;
  readonly moved: Record<Side, Value>;
  /** What the CRM shows where somebody made both sides alike by hand; undefined where it cannot. */
  readonly alike: Value | undefined;
};

export function drawn(chance: Random, fields: readonly RandomField[]): Drawn {
  const one = pick(chance, fields);
  const origin = pick(chance, SIDES);
  const common = one.valueFor(chance, origin);
  const shown = carried(one.field, common, origin) ?? one.valueFor(chance, otherSide(origin));
  const base = origin === 'jira' ? { jira: common, crm: shown } : { jira: shown, crm: common };
  const moved = { jira: one.valueFor(chance, 'jira'), crm: one.valueFor(chance, 'crm') };
  return { one, base, moved, alike: carried(one.field, moved.jira, 'jira') };
}

/** A pair that agreed, then changed here, there, both, neither, or in the same way, under any policy. */
export function correlated({ one, base, moved, alike }: Drawn, chance: Random): Case {
  const now = { jira: base.jira, crm: base.crm };
  for (const side of SIDES) if (maybe(chance, 0.5)) now[side] = moved[side];
  if (maybe(chance, 0.15) && alike !== undefined && now.jira === moved.jira) now.crm = alike;
  const lead = pick(chance, [0, 119_999, 120_001, -120_000, 10_000_000]);
  return {
    field: {
      ...one.field,
      direction: pick<Direction>(chance, ['both', 'both', 'both', 'to-crm', 'to-jira']),
      on: pick(chance, ['always', 'always', 'always', 'create', 'update'] as const),
      initial: pick(chance, ['fill-empty', 'jira', 'crm'] as const),
      conflict: pick(chance, POLICIES),
    },
    input: { ...now, base: maybe(chance, 0.85) ? base : null, decision: null },
    changedAt: { jira: 1_800_000_000_000 + lead, crm: 1_800_000_000_000 },
  };
}

function after(input: { jira: Value; crm: Value }, outcome: FieldOutcome): { jira: Value; crm: Value } {
  const values = { jira: input.jira, crm: input.crm };
  if (outcome.kind === 'write') for (const write of outcome.writes) values[write.side] = write.value;
  return values;
}

/** Whole values that may stand on `side` without being invented. */
function isProvable({ field, input }: Case, side: Side, value: Value): boolean {
  const source = input[otherSide(side)];
  if (same(carried(field, source, otherSide(side)), value)) return true;
  if (!Array.isArray(value)) return value === null && (Array.isArray(input[side]) || Array.isArray(source));
  const known = new Set<unknown>(Array.isArray(input[side]) ? input[side] : []);
  for (const member of Array.isArray(source) ? (source as readonly string[]) : []) {
    const image = carried(field, [member], otherSide(side));
    if (Array.isArray(image)) for (const one of image) known.add(one);
  }
  return value.every((member) => known.has(member));
}

export function obeysMergeLaws(one: Case): void {
  const { field, input, changedAt } = one;
  const evidence = { changedAt };
  const outcome = mergeField(field, input, evidence);
  const told = () => [field.name, field.direction, field.conflict, field.initial, field.on, input, outcome];
  const second = mergeField(field, input, evidence);
  if (second !== outcome && JSON.stringify(second) !== JSON.stringify(outcome)) fail('two answers', ...told());
  const writes = outcome.kind === 'write' ? outcome.writes : [];
  if (field.on === 'create' && outcome.kind !== 'settled') fail('a field for creates was looked at', ...told());
  for (const write of writes) {
    if (sameValue(write.value, write.from) || !sameValue(write.from, input[write.side]))
      fail('a write of nothing', ...told());
    if (field.direction !== 'both' && `to-${write.side}` !== field.direction) fail('against the direction', ...told());
    if (!isProvable(one, write.side, write.value)) fail('invented', ...told());
  }
  const { base } = input;
  if (base !== null) {
    const moved = SIDES.filter((side) => !sameValue(input[side], base[side]));
    if (moved.length === 0 && outcome.kind !== 'settled') fail('moved by nobody', ...told());
    if (moved.length === 1 && (outcome.kind === 'held' || writes.some(({ side }) => side === moved[0]))) {
      fail('a lonely change came back', ...told());
    }
    if (field.conflict.kind === 'hold' && moved.length === 2 && field.direction === 'both' && writes.length > 0) {
      fail('somebody’s value overwritten under hold', ...told());
    }
  }
  if (outcome.kind === 'write' && outcome.writes.length === 2 && field.conflict.kind !== 'merge')
    fail('both written', ...told());
  // What was overwritten unseen stands in a conflict.
  if (base !== null && field.direction === 'both') {
    for (const { side } of writes) {
      const lost = !sameValue(input[side], base[side]) && outcome.kind === 'write' && outcome.conflict === null;
      if (lost) fail('a change was lost without a conflict', ...told());
    }
  }
  if (outcome.kind !== 'write' && outcome.kind !== 'agreed') return;
  const rest = after(input, outcome);
  const next = mergeField(field, { ...rest, base: rest, decision: null }, evidence);
  if (next.kind !== 'settled') fail('no rest', ...told(), next);
}
