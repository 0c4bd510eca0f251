// One mapped field of every kind with the values that its sides can show, hostile ones among them.
import { canonicalDecimal, canonicalText } from '../../src/mapping/canonical.ts';
import type { Side, Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { ProfileField } from '../../src/profiles/profile.ts';
import { below, hostileText, maybe, pick, randomText } from './hostile.ts';
import { countriesField, fieldFor, noteField, schema, statusField, tagsField, titleField } from './merge-fields.ts';

export type RandomField = {
  readonly name: string;
  readonly field: ProfileField;
  readonly valueFor: (chance: Random, side: Side) => Value;
};

const plain = (type: 'number' | 'date' | 'datetime' | 'boolean') =>
  fieldFor({ kind: 'plain', type, jira: schema('Left', type), crm: schema('Right', type) });
const budget = fieldFor({
  kind: 'money',
  type: 'money',
  currency: 'RUB',
  jira: schema('Budget', 'number'),
  crm: schema('Сумма', 'money'),
});

/** Mostly short: what breaks a mapper is in a few characters, and the limits of these fields are ten. */
function text(chance: Random): Value {
  const long = maybe(chance, 0.02);
  const some = maybe(chance, 0.3) ? hostileText(chance) : randomText(chance, below(chance, 30));
  return canonicalText(long ? some : some.slice(0, 60));
}

const ODD_NUMBERS = ['0', '-1', '9007199254740993', '0.1', '0.30000000000000004', '1e21', '1e-7', '999999999999999.99'];

function decimal(chance: Random): string {
  if (maybe(chance, 0.3)) return canonicalDecimal(pick(chance, ODD_NUMBERS)) ?? '0';
  const digits = String(below(chance, 10 ** (1 + below(chance, 15))));
  const written = `${maybe(chance, 0.3) ? '-' : ''}${digits}e-${below(chance, 8)}`;
  return canonicalDecimal(written) ?? '0';
}

function instant(chance: Random): string {
  // From the year 1 to 9999, with the turns of years, days and daylight saving among them.
  const odd = [
    '0001-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '2026-03-29T01:00:00.000Z',
    '2028-02-29T23:59:59.999Z',
  ];
  if (maybe(chance, 0.2)) return pick(chance, odd);
  return new Date(-62_135_596_800_000 + Math.floor(chance.next() * 315_000_000_000_000)).toISOString();
}

function setOf(chance: Random, member: () => string | null): Value {
  const members = new Set<string>();
  for (let left = 1 + below(chance, 5); left > 0; left -= 1) members.add(member() ?? 'x');
  return [...members].sort();
}

function orEmpty(make: (chance: Random, side: Side) => Value): RandomField['valueFor'] {
  return (chance, side) => (maybe(chance, 0.1) ? null : make(chance, side));
}

export const RANDOM_FIELDS: readonly RandomField[] = [
  { name: 'text', field: noteField(), valueFor: orEmpty(text) },
  { name: 'short text of one line', field: titleField(), valueFor: orEmpty(text) },
  { name: 'number', field: plain('number'), valueFor: orEmpty(decimal) },
  { name: 'date', field: plain('date'), valueFor: orEmpty((chance) => instant(chance).slice(0, 10)) },
  { name: 'time', field: plain('datetime'), valueFor: orEmpty(instant) },
  { name: 'yes or no', field: plain('boolean'), valueFor: orEmpty((chance) => maybe(chance, 0.5)) },
  {
    name: 'money',
    field: budget,
    valueFor: orEmpty((chance, side) => {
      const amount = decimal(chance);
      return side === 'jira' ? amount : { amount, currency: maybe(chance, 0.9) ? 'RUB' : 'JPY' };
    }),
  },
  {
    name: 'status',
    field: statusField(),
    valueFor: (chance, side) =>
      pick(chance, side === 'jira' ? ['10010', '10011', '10012', '10013'] : ['C9:0', 'C9:2', 'C9:3']),
  },
  {
    name: 'set of options',
    field: countriesField(),
    valueFor: orEmpty((chance, side) =>
      setOf(chance, () => pick(chance, side === 'jira' ? ['1', '2', '9'] : ['81', '82', '99'])),
    ),
  },
  {
    name: 'set of texts',
    field: tagsField(),
    valueFor: orEmpty((chance) =>
      setOf(chance, () =>
        maybe(chance, 0.7) ? pick(chance, ['a', 'b', 'a b', 'a-b', 'c']) : (text(chance) as string | null),
      ),
    ),
  },
];
