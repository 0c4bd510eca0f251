// The lens laws, for every kind of mapper in both directions: what the target can carry arrives unchanged, cutting
// twice cuts nothing more, and what cannot be carried is refused instead of mangled.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import { canonicalDecimal, canonicalText, isDecimal } from '../../../src/mapping/canonical.ts';
import { createMapper } from '../../../src/mapping/create-mapper.ts';
import type { Mapper } from '../../../src/mapping/mapper.ts';
import type { Side, Value } from '../../../src/model.ts';
import { otherSide, sameValue } from '../../../src/model.ts';
import { countriesField, noteField, schema, statusField, tagsField, titleField } from '../../support/merge-fields.ts';

const side = fc.constantFrom<Side>('jira', 'crm');
const RUNS = { numRuns: 1000, seed: 20261121 };

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.constantFrom('👨‍👩‍👧', '🇩🇪', 'é', '\u0301', '\r\n', '\u2028', '\ufeff', '\u202e', ' ', 'Ж', '\ud83d'), {
      maxLength: 15,
    })
    .map((parts) => parts.join('')),
);
const canonicalTexts: fc.Arbitrary<Value> = hostileText.map((text) => canonicalText(text));
const decimals = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => canonicalDecimal(String(n)) ?? '0'),
  fc.tuple(fc.bigInt(), fc.nat({ max: 30 })).map(([n, e]) => canonicalDecimal(`${n}e-${e}`) ?? '0'),
);
const money: fc.Arbitrary<Value> = fc.record({ amount: decimals, currency: fc.constantFrom('RUB', 'EUR', 'JPY') });
const instants = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((date) => date.toISOString());

const plain = (type: 'number' | 'date' | 'datetime') =>
  createMapper({ kind: 'plain', type, jira: schema('Left', type), crm: schema('Right', type) });
const budget = createMapper({
  kind: 'money',
  type: 'money',
  currency: 'RUB',
  jira: schema('Budget', 'number'),
  crm: schema('Сумма', 'money'),
});

const members = (...ids: string[]) =>
  fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1 }).map((set): Value => set.sort());
const words = fc.uniqueArray(
  hostileText.map((text) => canonicalText(text) ?? 'x'),
  { minLength: 1, maxLength: 5 },
);

const KINDS: readonly [string, Mapper, Readonly<Record<Side, fc.Arbitrary<Value>>>][] = [
  ['text', noteField().mapper, { jira: canonicalTexts, crm: canonicalTexts }],
  ['short text of one line', titleField().mapper, { jira: canonicalTexts, crm: canonicalTexts }],
  ['number', plain('number'), { jira: decimals, crm: decimals }],
  ['datetime', plain('datetime'), { jira: instants, crm: instants }],
  ['date', plain('date'), { jira: instants.map((at) => at.slice(0, 10)), crm: instants.map((at) => at.slice(0, 10)) }],
  ['money', budget, { jira: decimals, crm: money }],
  [
    'status',
    statusField().mapper,
    { jira: fc.constantFrom('10010', '10011', '10012', '10013'), crm: fc.constantFrom('C9:0', 'C9:2', 'C9:3') },
  ],
  ['set of options', countriesField().mapper, { jira: members('1', '2', '9'), crm: members('81', '82', '99') }],
  [
    'set of texts',
    tagsField().mapper,
    { jira: words.map((set): Value => set.sort()), crm: words.map((set): Value => set.sort()) },
  ],
];

/** Undefined where the value is refused. */
function carried(mapper: Mapper, value: Value, from: Side): Value | undefined {
  try {
    return mapper.translate(value, from);
  } catch (error) {
    if (error instanceof MappingError) {
      expect(error.cure).not.toBe('');
      return undefined;
    }
    throw error;
  }
}

function thereAndBack(mapper: Mapper, value: Value, from: Side): Value | undefined {
  const there = carried(mapper, value, from);
  return there === undefined ? undefined : carried(mapper, there, otherSide(from));
}

describe.each(KINDS)('a mapper of %s', (_, mapper, values) => {
  it('cuts once: what came back goes there and back unchanged', () => {
    fc.assert(
      fc.property(
        side.chain((from) => fc.tuple(fc.constant(from), values[from])),
        ([from, value]) => {
          const back = thereAndBack(mapper, value, from);
          if (back === undefined) return;
          expect(thereAndBack(mapper, back, from)).toEqual(back);
        },
      ),
      RUNS,
    );
  });

  it('never bounces: a value as its side shows it is the same there again after the way back', () => {
    fc.assert(
      fc.property(
        side.chain((from) => fc.tuple(fc.constant(from), values[otherSide(from)])),
        ([from, origin]) => {
          const shown = carried(mapper, origin, otherSide(from));
          const there = shown === undefined ? undefined : carried(mapper, shown, from);
          if (there === undefined) return;
          const back = carried(mapper, there, otherSide(from)) ?? null;
          expect(carried(mapper, back, from)).toEqual(there);
        },
      ),
      RUNS,
    );
  });

  it('answers the same for the same value, and empty for empty', () => {
    fc.assert(
      fc.property(
        side.chain((from) => fc.tuple(fc.constant(from), values[from])),
        ([from, value]) => {
          expect(carried(mapper, value, from)).toEqual(carried(mapper, value, from));
          expect(mapper.translate(null, from)).toBeNull();
        },
      ),
      { numRuns: 200, seed: 20261121 },
    );
  });

  it('refuses values of other forms, and shows anything', () => {
    fc.assert(
      fc.property(
        side,
        fc.constantFrom<Value>(true, 'no such thing', ['x', 'y'], { amount: 'a', currency: 'b' }),
        (from, odd) => {
          carried(mapper, odd, from);
          expect(typeof mapper.show(odd, from)).toBe('string');
        },
      ),
      { numRuns: 50, seed: 20261121 },
    );
  });
});

describe('what the target can carry', () => {
  it('arrives unchanged', () => {
    const simple = fc.stringMatching(/^[a-zа-я0-9]{1,10}$/);
    fc.assert(
      fc.property(simple, side, (text, from) => {
        for (const { mapper } of [noteField(), titleField()]) expect(mapper.translate(text, from)).toBe(text);
        expect(tagsField().mapper.translate([text], from)).toEqual([text]);
      }),
      RUNS,
    );
    fc.assert(
      fc.property(decimals, side, (decimal, from) => {
        const there = carried(plain('number'), decimal, from);
        if (there !== undefined) expect(there).toBe(decimal);
      }),
      RUNS,
    );
  });

  it('is a prefix of a long text that ends between two characters', () => {
    fc.assert(
      fc.property(canonicalTexts, (value) => {
        const cut = carried(titleField().mapper, value, 'crm');
        if (typeof cut !== 'string' || typeof value !== 'string') return;
        expect(cut.length).toBeLessThanOrEqual(10);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut).toBe(cut.normalize('NFC').trim());
        expect(
          value
            .replace(/[\n\r\v\f\u0085\u2028\u2029]+/g, ' ')
            .trim()
            .normalize('NFC')
            .startsWith(cut),
        ).toBe(true);
      }),
      RUNS,
    );
  });

  it('is an amount of the same currency within half a minor unit, or nothing', () => {
    fc.assert(
      fc.property(decimals, money, (decimal, amount) => {
        const there = carried(budget, decimal, 'jira');
        if (there !== undefined)
          expect(there).toMatchObject({ currency: 'RUB', amount: expect.stringMatching(/^-?\d+(\.\d{1,2})?$/) });
        const back = carried(budget, amount, 'crm');
        if (back === undefined) return;
        expect(sameValue(amount, { amount: String(back), currency: 'RUB' })).toBe(true);
        expect(isDecimal(String(back))).toBe(true);
      }),
      RUNS,
    );
  });
});
