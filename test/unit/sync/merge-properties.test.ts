// Laws of the merge over correlated states: one value seen twice and perturbed, as two sides that were once equal.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import type { Mapper } from '../../../src/mapping/mapper.ts';
import type { Side, Value } from '../../../src/model.ts';
import { otherSide, sameValue } from '../../../src/model.ts';
import type { ConflictPolicy, Direction, InitialPolicy, ProfileField } from '../../../src/profiles/profile.ts';
import { type Evidence, type FieldInput, type FieldOutcome, mergeField } from '../../../src/sync/merge.ts';
import {
  countriesField,
  NOON,
  noteField,
  POLICIES,
  statusField,
  tagsField,
  titleField,
} from '../../support/merge-fields.ts';

type Kind = { readonly field: ProfileField; readonly value: Readonly<Record<Side, fc.Arbitrary<Value>>> };

const words = (...texts: string[]) =>
  fc.uniqueArray(fc.constantFrom(...texts), { maxLength: 4 }).map((set) => (set.length === 0 ? null : set.sort()));
const orNull = (values: readonly string[]): fc.Arbitrary<Value> => fc.constantFrom<Value>(null, ...values);

const KINDS: readonly Kind[] = [
  { field: noteField(), value: { jira: orNull(['a', 'b', 'c']), crm: orNull(['a', 'b', 'c']) } },
  {
    field: titleField(),
    value: {
      jira: orNull(['abcdefghij', 'one two', 'x']),
      crm: orNull(['abcdefghijkl', 'abcdefghij', 'one\ntwo', 'one two', 'x', 'y']),
    },
  },
  {
    field: statusField(),
    value: {
      jira: fc.constantFrom('10010', '10011', '10012', '10013'),
      crm: fc.constantFrom('C9:0', 'C9:2', 'C9:3'),
    },
  },
  { field: tagsField(), value: { jira: words('a', 'b', 'a-b', 'c-d'), crm: words('a', 'b', 'a b', 'a-b', 'c d') } },
  { field: countriesField(), value: { jira: words('1', '2', '9'), crm: words('81', '82', '99') } },
];

const policy = fc.constantFrom(...POLICIES);

type Case = {
  readonly field: ProfileField;
  readonly input: FieldInput & { jira: Value; crm: Value };
  readonly evidence: Evidence;
};

const anyCase: fc.Arbitrary<Case> = fc.constantFrom(...KINDS).chain(({ field, value }) => {
  const both = fc.record({ jira: value.jira, crm: value.crm });
  const decision = fc.oneof(
    fc.constantFrom<Side>('jira', 'crm').map((side) => ({ side })),
    value.crm.map((v) => ({ value: v })),
  );
  return fc
    .record({
      base: fc.option(both, { freq: 5 }),
      now: both,
      stays: fc.record({ jira: fc.boolean(), crm: fc.boolean() }),
      decision: fc.option(decision, { freq: 1 }),
      direction: fc.constantFrom<Direction>('both', 'both', 'to-crm', 'to-jira'),
      on: fc.constantFrom<ProfileField['on']>('always', 'always', 'create', 'update'),
      initial: fc.constantFrom<InitialPolicy>('fill-empty', 'jira', 'crm'),
      conflict: policy,
      lead: fc.constantFrom(0, 119_999, 120_000, 120_001, -120_000, -120_001),
    })
    .map(({ base, now, stays, decision, direction, on, initial, conflict, lead }) => ({
      field: { ...field, direction, on, initial, conflict },
      input: {
        jira: base !== null && stays.jira ? base.jira : now.jira,
        crm: base !== null && stays.crm ? base.crm : now.crm,
        base,
        decision,
      },
      evidence: { changedAt: { jira: NOON + lead, crm: NOON } },
    }));
});

// A fixed seed: the same cases every time.
const RUNS = { numRuns: 1500, seed: 20261121 };

/** The other side's view of the same story. Decisions by value are in the CRM's form, so they have no mirror. */
function mirror({ field, input, evidence }: Case): Case {
  const mapper: Mapper = {
    translate: (value, from) => field.mapper.translate(value, otherSide(from)),
    show: (value, side) => field.mapper.show(value, otherSide(side)),
  };
  const swap = <T>(pair: { readonly jira: T; readonly crm: T }) => ({ jira: pair.crm, crm: pair.jira });
  const { conflict, decision } = { conflict: field.conflict, decision: input.decision };
  return {
    field: {
      ...field,
      mapper,
      ids: swap(field.ids),
      schemas: swap(field.schemas),
      direction: field.direction === 'both' ? 'both' : field.direction === 'to-crm' ? 'to-jira' : 'to-crm',
      initial: field.initial === 'fill-empty' ? 'fill-empty' : otherSide(field.initial),
      conflict: mirrorPolicy(conflict),
    },
    input: {
      ...swap(input),
      base: input.base && swap(input.base),
      decision: decision !== null && 'side' in decision ? { side: otherSide(decision.side) } : null,
    },
    evidence: { changedAt: swap(evidence.changedAt) },
  };
}

function mirrorPolicy(conflict: ConflictPolicy): ConflictPolicy {
  if (conflict.kind === 'newest') return { kind: 'newest', tie: otherSide(conflict.tie) };
  if (conflict.kind === 'jira' || conflict.kind === 'crm') return { kind: otherSide(conflict.kind) };
  return conflict;
}

/** An outcome without the order of its parts and without texts. */
function essence(outcome: FieldOutcome, flip: boolean): unknown {
  const name = (side: Side) => (flip ? otherSide(side) : side);
  const pair = (values: { jira: Value; crm: Value } | null) =>
    values && (flip ? { jira: values.crm, crm: values.jira } : values);
  const conflict = 'conflict' in outcome ? outcome.conflict : null;
  const winner = conflict?.outcome;
  return {
    kind: outcome.kind,
    base: 'base' in outcome ? pair(outcome.base) : null,
    writes:
      'writes' in outcome ? Object.fromEntries(outcome.writes.map((w) => [name(w.side), [w.value, w.from]])) : null,
    conflict: conflict && {
      base: pair(conflict.base),
      values: pair(conflict.values),
      outcome: winner === 'jira' || winner === 'crm' ? name(winner) : winner,
    },
  };
}

function mapped(field: ProfileField, value: Value, from: Side): Value | undefined {
  try {
    return field.mapper.translate(value, from);
  } catch (error) {
    if (error instanceof MappingError) return undefined;
    throw error;
  }
}

/** Both sides after the writes, as sides that keep exactly what they are given. */
function apply(input: { jira: Value; crm: Value }, outcome: FieldOutcome): { jira: Value; crm: Value } {
  const after = { jira: input.jira, crm: input.crm };
  if (outcome.kind === 'write') for (const write of outcome.writes) after[write.side] = write.value;
  return after;
}

describe('the merge', () => {
  it('is pure: frozen input, same answer twice', () => {
    fc.assert(
      fc.property(anyCase, ({ field, input, evidence }) => {
        const frozen = Object.freeze({ ...input, base: input.base && Object.freeze(input.base) });
        expect(mergeField(field, frozen, evidence)).toEqual(mergeField(field, frozen, evidence));
      }),
      RUNS,
    );
  });

  it('treats both sides alike: the mirrored story has the mirrored outcome', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const input =
          one.input.decision && 'value' in one.input.decision ? { ...one.input, decision: null } : one.input;
        const straight = { ...one, input };
        const other = mirror(straight);
        const outcome = mergeField(straight.field, straight.input, straight.evidence);
        const mirrored = mergeField(other.field, other.input, other.evidence);
        // Where neither side can be told the other's members, either failure is a right answer.
        if (outcome.kind === 'failed' && mirrored.kind === 'failed') return;
        expect(essence(mirrored, true)).toEqual(essence(outcome, false));
      }),
      RUNS,
    );
  });

  it('never calls agreement a conflict and never writes it', () => {
    fc.assert(
      fc.property(anyCase, ({ field, input, evidence }) => {
        fc.pre(field.direction === 'both');
        const agree =
          sameValue(mapped(field, input.jira, 'jira') ?? 'none', input.crm) ||
          sameValue(mapped(field, input.crm, 'crm') ?? 'none', input.jira);
        fc.pre(agree);
        expect(['settled', 'agreed']).toContain(mergeField(field, input, evidence).kind);
      }),
      RUNS,
    );
  });

  it('answers a change of one side with one write to the other, or none, and never one to its origin', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom<Side>('jira', 'crm'), ({ field, input, evidence }, origin) => {
        fc.pre(input.base !== null && input.decision === null);
        const base = input.base ?? input;
        const rest = otherSide(origin);
        const outcome = mergeField(field, { ...input, [rest]: base[rest] }, evidence);
        expect(outcome.kind).not.toBe('held');
        if (outcome.kind !== 'write') return;
        expect(outcome.writes.map(({ side }) => side)).toEqual([rest]);
        expect(outcome.conflict).toBeNull();
      }),
      RUNS,
    );
  });

  it('comes to rest: once its writes and base stand, there is nothing more to do', () => {
    fc.assert(
      fc.property(anyCase, ({ field, input, evidence }) => {
        const outcome = mergeField(field, input, evidence);
        fc.pre(outcome.kind === 'write' || outcome.kind === 'agreed');
        const after = apply(input, outcome);
        expect(mergeField(field, { ...after, base: after, decision: null }, evidence).kind).toBe('settled');
        // The store may be lost at any time: without a base a two-way field with nothing decided must not be written again.
        fc.pre(field.direction === 'both' && outcome.kind === 'write' && input.decision === null);
        fc.pre(field.schemas.jira.type !== 'set');
        expect(mergeField(field, { ...after, base: null, decision: null }, evidence).kind).toMatch(/settled|agreed/);
      }),
      RUNS,
    );
  });

  it('invents nothing: what it writes stands on the other side, was decided, or stood there before', () => {
    fc.assert(
      fc.property(anyCase, ({ field, input, evidence }) => {
        const outcome = mergeField(field, input, evidence);
        fc.pre(outcome.kind === 'write');
        if (outcome.kind !== 'write') return;
        for (const { side, value, from } of outcome.writes) {
          expect(sameValue(from, input[side])).toBe(true);
          expect(sameValue(value, from)).toBe(false);
          const sources = [input[otherSide(side)]].map((source) => mapped(field, source, otherSide(side)));
          const decision = input.decision;
          if (decision !== null && 'value' in decision) {
            sources.push(side === 'crm' ? decision.value : mapped(field, decision.value, 'crm'));
          }
          if (sources.some((source) => source !== undefined && sameValue(source, value))) continue;
          expect(field.schemas[side].type).toBe('set');
          const members = (set: Value | undefined) => (Array.isArray(set) ? set : []);
          const images = members(input[otherSide(side)]).flatMap((m) => members(mapped(field, [m], otherSide(side))));
          for (const member of members(value)) expect([...members(from), ...images]).toContain(member);
        }
      }),
      RUNS,
    );
  });

  it('writes only where the direction allows, and nothing to a create-only field', () => {
    fc.assert(
      fc.property(anyCase, ({ field, input, evidence }) => {
        const outcome = mergeField(field, input, evidence);
        if (field.on === 'create') expect(outcome.kind).toBe('settled');
        if (outcome.kind !== 'write' || field.direction === 'both') return;
        expect(outcome.writes.map(({ side }) => `to-${side}`)).toEqual([field.direction]);
      }),
      RUNS,
    );
  });

  it('merges lossless sets by the rule: (base ∪ adds) ∖ removes', () => {
    const set = words('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(set, set, set, (base, jira, crm) => {
        const field = tagsField();
        const outcome = mergeField(
          field,
          { jira, crm, base: { jira: base, crm: base }, decision: null },
          { changedAt: { jira: 0, crm: 0 } },
        );
        const [b, x, y] = [base, jira, crm].map((value) => new Set(value ?? []));
        if (b === undefined || x === undefined || y === undefined) throw new Error('three sets');
        const removed = b.difference(x).union(b.difference(y));
        const expected = [...b.union(x).union(y).difference(removed)].sort();
        const after = apply({ jira, crm }, outcome);
        expect(after.jira ?? []).toEqual(expected);
        expect(after.crm ?? []).toEqual(expected);
      }),
      RUNS,
    );
  });
});
