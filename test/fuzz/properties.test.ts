// G1 and G21: laws that hold for any values. Mappers as lenses (S19); the merge on pairs that were equal once and changed
// twice; cursors and sync keys there and back.
import { describe, expect, it } from 'vitest';
import { readCursor, writeCursor } from '../../src/connectors/bitrix24/cursor.ts';
import { cursorText as jiraCursor, parseCursor } from '../../src/connectors/jira/cursor.ts';
import { MappingError } from '../../src/errors.ts';
import { otherSide, SIDES, type Side, sameValue, type Value, valueText } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { ConflictPolicy, Direction, ProfileField } from '../../src/profiles/profile.ts';
import { type FieldInput, type FieldOutcome, mergeField } from '../../src/sync/merge.ts';
import { intentKey, markedId, syncKey } from '../../src/sync/sync-key.ts';
import { type Proof, prove } from '../support/cases.ts';
import { below, hostileText, maybe, pick } from '../support/hostile.ts';
import { RANDOM_FIELDS, type RandomField } from '../support/random-fields.ts';

const proofOf = (goal: string, what: string, cases: Proof['cases']): Proof => ({
  goal,
  what,
  cases,
  file: import.meta.url,
});

/** Undefined is a value that was refused, and equal to nothing but itself. */
function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameValue(a, b);
}

function fail(what: string, ...values: unknown[]): never {
  throw new Error(`${what}: ${values.map((value) => JSON.stringify(value)).join(' ')}`);
}

/** Undefined where the value is refused, with its cure. */
function carried(field: ProfileField, value: Value, from: Side): Value | undefined {
  try {
    return field.mapper.translate(value, from);
  } catch (error) {
    if (error instanceof MappingError && error.cure !== '') return undefined;
    throw error;
  }
}

/** What one value must obey on its way there, back, and there again. */
function obeysLensLaws({ field, valueFor }: RandomField, chance: Random): void {
  const from = pick(chance, SIDES);
  const value = valueFor(chance, from);
  const there = carried(field, value, from);
  if (value === null && there !== null) fail('empty became a value', there);
  if (!same(carried(field, value, from), there)) fail('two answers for one value', value);
  if (there === undefined) return;
  const back = carried(field, there, otherSide(from));
  if (back === undefined) return;
  const again = carried(field, back, from);
  const home = again === undefined ? undefined : carried(field, again, otherSide(from));
  if (!same(home, back)) fail('cut twice', value, there, back, again, home);
  if (typeof there === 'string' && !there.isWellFormed()) fail('half a character', value, there);
  if (typeof field.mapper.show(there, otherSide(from)) !== 'string') fail('not to be shown', there);
}

describe('a mapper (S19)', () => {
  it.each(RANDOM_FIELDS)(
    'of $name carries what the other side can carry, once and for all',
    async (one) => {
      await prove(proofOf('G21', `round trips of ${one.name}`, [100_000, 1_000_000]), (chance) =>
        obeysLensLaws(one, chance),
      );
    },
    900_000,
  );
});

const POLICIES: readonly ConflictPolicy[] = [
  { kind: 'hold' },
  { kind: 'jira' },
  { kind: 'crm' },
  { kind: 'newest', tie: 'jira' },
  { kind: 'newest', tie: 'crm' },
  { kind: 'merge' },
];

type Case = {
  readonly field: ProfileField;
  readonly input: FieldInput & { jira: Value; crm: Value };
  readonly changedAt: Record<Side, number>;
};

/** A pair that agreed, then changed here, there, both, neither, or in the same way. */
function correlated(one: RandomField, chance: Random): Case {
  const origin = pick(chance, SIDES);
  const common = one.valueFor(chance, origin);
  const shown = carried(one.field, common, origin) ?? one.valueFor(chance, otherSide(origin));
  const base = origin === 'jira' ? { jira: common, crm: shown } : { jira: shown, crm: common };
  const moved = { jira: base.jira, crm: base.crm };
  for (const side of SIDES) if (maybe(chance, 0.5)) moved[side] = one.valueFor(chance, side);
  if (maybe(chance, 0.15)) {
    const same = carried(one.field, moved.jira, 'jira');
    if (same !== undefined) moved.crm = same;
  }
  const lead = pick(chance, [0, 119_999, 120_001, -120_000, 10_000_000]);
  return {
    field: {
      ...one.field,
      direction: pick<Direction>(chance, ['both', 'both', 'both', 'to-crm', 'to-jira']),
      on: pick(chance, ['always', 'always', 'always', 'create', 'update'] as const),
      initial: pick(chance, ['fill-empty', 'jira', 'crm'] as const),
      conflict: pick(chance, POLICIES),
    },
    input: { ...moved, base: maybe(chance, 0.85) ? base : null, decision: null },
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

function obeysMergeLaws(one: Case): void {
  const { field, input, changedAt } = one;
  const evidence = { changedAt };
  const outcome = mergeField(field, input, evidence);
  const told = [field.name, field.direction, field.conflict, field.initial, field.on, input, outcome];
  if (valueText(JSON.stringify(mergeField(field, input, evidence))) !== valueText(JSON.stringify(outcome))) {
    fail('two answers', ...told);
  }
  const writes = outcome.kind === 'write' ? outcome.writes : [];
  if (field.on === 'create' && outcome.kind !== 'settled') fail('a field for creates was looked at', ...told);
  for (const write of writes) {
    if (sameValue(write.value, write.from) || !sameValue(write.from, input[write.side]))
      fail('a write of nothing', ...told);
    if (field.direction !== 'both' && `to-${write.side}` !== field.direction) fail('against the direction', ...told);
    if (!isProvable(one, write.side, write.value)) fail('invented', ...told);
  }
  const { base } = input;
  if (base !== null) {
    const moved = SIDES.filter((side) => !sameValue(input[side], base[side]));
    if (moved.length === 0 && outcome.kind !== 'settled') fail('moved by nobody', ...told);
    if (moved.length === 1 && (outcome.kind === 'held' || writes.some(({ side }) => side === moved[0]))) {
      fail('a lonely change came back', ...told);
    }
    if (field.conflict.kind === 'hold' && moved.length === 2 && field.direction === 'both' && writes.length > 0) {
      fail('somebody’s value overwritten under hold', ...told);
    }
  }
  if (outcome.kind === 'write' && outcome.writes.length === 2 && field.conflict.kind !== 'merge')
    fail('both written', ...told);
  // What was overwritten unseen stands in a conflict.
  if (base !== null && field.direction === 'both') {
    for (const { side } of writes) {
      const lost = !sameValue(input[side], base[side]) && outcome.kind === 'write' && outcome.conflict === null;
      if (lost) fail('a change was lost without a conflict', ...told);
    }
  }
  if (outcome.kind !== 'write' && outcome.kind !== 'agreed') return;
  const rest = after(input, outcome);
  const next = mergeField(field, { ...rest, base: rest, decision: null }, evidence);
  if (next.kind !== 'settled') fail('no rest', ...told, next);
}

describe('the merge (G1)', () => {
  it('obeys its laws on correlated pairs of every kind of field', async () => {
    await prove(proofOf('G1', 'merge laws on correlated pairs', [800_000, 16_000_000]), (chance) => {
      obeysMergeLaws(correlated(pick(chance, RANDOM_FIELDS), chance));
    });
  }, 1_800_000);
});

describe('cursors and keys (G1)', () => {
  it('go there and back, and what is no cursor is none', async () => {
    await prove(proofOf('G1', 'cursors of both products', [100_000, 1_000_000]), (chance) => {
      const since = below(chance, 4e12);
      const token = hostileText(chance).slice(0, 100);
      const jira = maybe(chance, 0.5)
        ? { kind: 'since' as const, since }
        : { kind: 'all' as const, since, token: `t${token}` };
      const read = parseCursor(jiraCursor(jira));
      if (JSON.stringify(read) !== JSON.stringify(jira)) fail('another cursor', jira, read);
      const crm = {
        since: maybe(chance, 0.1) ? null : since,
        afterId: below(chance, 1e9),
        next: maybe(chance, 0.5) ? null : since,
      };
      if (JSON.stringify(readCursor(writeCursor(crm))) !== JSON.stringify(crm)) fail('another cursor', crm);
      const odd = parseCursor(hostileText(chance));
      if (odd !== null && !Number.isSafeInteger(odd.since)) fail('a cursor of nothing', odd);
      try {
        readCursor(hostileText(chance));
        fail('took anything for a cursor');
      } catch (error) {
        if ((error as Error).name !== 'SyncError') throw error;
      }
    });
  }, 900_000);

  it('name one record of one site, and nobody else’s', async () => {
    await prove(proofOf('G1', 'sync keys', [100_000, 1_000_000]), (chance) => {
      const side = pick(chance, SIDES);
      const entity = pick(chance, side === 'jira' ? ['issue'] : ['deal', 'lead', 'contact', 'company']);
      const id = String(1 + below(chance, 1e9));
      const key = syncKey(side, entity, id);
      if (markedId({ key, tenant: 'here' }, side, entity, 'here') !== id) fail('lost its record', key);
      if (markedId({ key, tenant: 'there' }, side, entity, 'here') !== null) fail('another site’s mark', key);
      if (markedId({ key, tenant: 'here' }, otherSide(side), entity, 'here') !== null)
        fail('the other side’s mark', key);
      const odd = { key: maybe(chance, 0.5) ? `${key}${hostileText(chance)}x` : hostileText(chance), tenant: 'here' };
      const named = markedId(odd, side, entity, 'here');
      if (named !== null && !/^\d+$/.test(named)) fail('a mark that names nothing', odd);
      const target = { connection: pick(chance, ['a', 'b']), entity };
      const other = { ...target, connection: 'c' };
      if (intentKey(target, 'here', key) === intentKey(other, 'here', key)) fail('one intent for two connections', key);
      if (intentKey(target, 'here', key) === intentKey(target, 'there', key)) fail('one intent for two sites', key);
    });
  }, 900_000);
});

it('the laws notice a mapper that mangles', async () => {
  const broken: RandomField = {
    name: 'a text that loses its end each time',
    field: {
      ...(RANDOM_FIELDS[0] as RandomField).field,
      mapper: { translate: (value) => `${value}`.slice(0, -1), show: String },
    },
    valueFor: () => 'Насос',
  };
  expect(() => obeysLensLaws(broken, { next: () => 0.4, hex: () => '' })).toThrow('cut twice');
});
