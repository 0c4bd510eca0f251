// G1, the mappers against a second reading of what they were told: tables of options, people, decimals, texts that are
// too long for their field.
import { describe, it } from 'vitest';
import { MappingError } from '../../src/errors.ts';
import { canonicalDecimal, canonicalText, roundDecimal } from '../../src/mapping/canonical.ts';
import { createPeopleTable } from '../../src/mapping/people.ts';
import type { TableDefaults, TableRow } from '../../src/mapping/table.ts';
import { projectText } from '../../src/mapping/text.ts';
import { otherSide, type Person, SIDES, type Side, sameValue } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import { type Proof, prove, sharedBy } from '../support/cases.ts';
import { below, hostileText, maybe, pick, randomText } from '../support/hostile.ts';
import { fieldFor, schema } from '../support/merge-fields.ts';
import { carried, fail } from './mapper-laws.ts';

const proofOf = (what: string, cases: Proof['cases']): Proof => ({ goal: 'G1', what, cases, file: import.meta.url });

const OPTIONS = { jira: ['1', '2', '3', '4', '5'], crm: ['a', 'b', 'c', 'd', 'e'] } as const;

function anyTable(chance: Random) {
  const rows: TableRow[] = Array.from({ length: 1 + below(chance, 7) }, () => ({
    jira: maybe(chance, 0.1) ? null : pick(chance, OPTIONS.jira),
    crm: maybe(chance, 0.1) ? null : pick(chance, OPTIONS.crm),
  }));
  const defaults: TableDefaults = {
    ...(maybe(chance, 0.3) ? { jira: pick(chance, OPTIONS.jira) } : {}),
    ...(maybe(chance, 0.3) ? { crm: pick(chance, OPTIONS.crm) } : {}),
  };
  const field = fieldFor({
    kind: 'table',
    type: 'enum',
    jira: schema('Left', 'enum', { options: OPTIONS.jira.map((id) => ({ id, label: `option ${id}` })) }),
    crm: schema('Right', 'enum', { options: OPTIONS.crm.map((id) => ({ id, label: `option ${id}` })) }),
    table: rows,
    defaults,
  });
  return { rows, defaults, field };
}

/** Few people and fewer addresses: some share one, some have none, some have left. */
function anyPeople(chance: Random) {
  const people = (side: Side): Person[] =>
    Array.from({ length: 5 }, (_, at) => ({
      id: `${side}${at}`,
      name: `Person ${at}`,
      email: maybe(chance, 0.8)
        ? pick(chance, ['o.petrov@x.example', 'O.Petrov@x.example ', 'a@x.example', 'b@x.example'])
        : null,
      active: maybe(chance, 0.8),
    }));
  const [jira, crm] = [people('jira'), people('crm')];
  const map = Array.from({ length: below(chance, 3) }, () => ({
    jira: pick(chance, jira).id,
    crm: pick(chance, crm).id,
  }));
  const fallback = {
    ...(maybe(chance, 0.3) ? { jira: pick(chance, jira).id } : {}),
    ...(maybe(chance, 0.3) ? { crm: pick(chance, crm).id } : {}),
  };
  return { known: { jira, crm }, map, fallback, table: createPeopleTable(jira, crm, { map, fallback }) };
}

/** Who somebody is on the other side, by what docs/profiles.md says; null for nobody. */
function partnerOf({ known, map, fallback }: ReturnType<typeof anyPeople>, id: string, from: Side): string | null {
  const to = otherSide(from);
  const personOf = (side: Side, one: string | undefined) => known[side].find((person) => person.id === one);
  const substitute = personOf(to, fallback[to]);
  const nobody = substitute?.active ? substitute.id : null;
  // Of a person who stands in the map twice, the first line counts.
  const row = map.find((one) => one[from] === id);
  if (row !== undefined) return personOf(to, row[to])?.active ? row[to] : nobody;
  const person = personOf(from, id);
  const address = person?.email?.trim().toLowerCase();
  if (!person?.active || address === undefined) return nobody;
  const of = (side: Side) => known[side].filter((one) => one.active && one.email?.trim().toLowerCase() === address);
  const [partner] = of(to);
  const certain = of(from).length === 1 && of(to).length === 1 && partner !== undefined;
  return certain && !map.some((one) => one[to] === partner.id) ? partner.id : nobody;
}

/** `-12.30e2` by whole numbers alone: digits, and how many of them stand behind the point. */
function anyDecimal(chance: Random) {
  const negative = maybe(chance, 0.3);
  const whole = String(below(chance, 10 ** (1 + below(chance, 12)))).padStart(1 + below(chance, 14), '0');
  const fraction = maybe(chance, 0.6) ? String(below(chance, 1e6)) + '0'.repeat(below(chance, 3)) : '';
  const exponent = maybe(chance, 0.4) ? below(chance, 31) - 15 : 0;
  const sign = negative ? '-' : pick(chance, ['', '+']);
  const text = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${exponent === 0 ? '' : pick(chance, ['e', 'E']) + exponent}`;
  const digits = BigInt(`${whole}${fraction}`);
  return { text, units: negative ? -digits : digits, scale: fraction.length - exponent };
}

/** Whether both are the same number. */
function equals(decimal: string, units: bigint, scale: number): boolean {
  const fraction = decimal.split('.')[1] ?? '';
  const written = BigInt(decimal.replace('.', ''));
  const [mine, theirs] = [fraction.length, scale];
  const most = Math.max(mine, theirs);
  return written * 10n ** BigInt(most - mine) === units * 10n ** BigInt(most - theirs);
}

describe('the mappers (G1)', () => {
  it('of options say what the first fitting line of their table says', async () => {
    const tableAt = sharedBy(12, anyTable);
    await prove(proofOf('tables of options against their lines', [150_000, 1_500_000]), (chance, at) => {
      const { rows, defaults, field } = tableAt(at);
      const from = pick(chance, SIDES);
      const to = otherSide(from);
      const value = maybe(chance, 0.1) ? null : pick(chance, OPTIONS[from]);
      const row = rows.find((one) => one[from] === value);
      const wanted = row !== undefined ? row[to] : value === null ? null : defaults[to];
      if (carried(field, value, from) !== wanted) fail('another option', rows, defaults, from, value, wanted);
    });
  }, 900_000);

  it('of people name nobody but the one whom the map, the address or the fallback names', async () => {
    const peopleAt = sharedBy(10, anyPeople);
    await prove(proofOf('people against their directories', [100_000, 1_000_000]), (chance, at) => {
      const people = peopleAt(at);
      const from = pick(chance, SIDES);
      const id = maybe(chance, 0.05) ? 'stranger' : pick(chance, people.known[from]).id;
      let found: string | null;
      try {
        found = people.table.translate(id, from);
      } catch (error) {
        if (!(error instanceof MappingError) || error.cure === '') throw error;
        found = null;
      }
      const wanted = partnerOf(people, id, from);
      if (found !== wanted) fail('somebody else', from, id, found, wanted, people.known, people.map, people.fallback);
    });
  }, 900_000);

  it('of numbers neither gain nor lose a digit, and round half away from zero', async () => {
    await prove(proofOf('decimals against whole numbers', [100_000, 1_000_000]), (chance) => {
      const { text, units, scale } = anyDecimal(chance);
      const decimal = canonicalDecimal(text);
      if (decimal === null || !equals(decimal, units, scale)) fail('another number', text, decimal);
      if (canonicalDecimal(decimal) !== decimal) fail('two ways to write one number', text, decimal);
      const digits = below(chance, 4);
      const rounded = roundDecimal(decimal, digits);
      const step = 10n ** BigInt(Math.max(0, scale - digits));
      const [size, sign] = units < 0n ? [-units, -1n] : [units, 1n];
      const nearest = sign * ((size + step / 2n) / step) * step;
      if (!equals(rounded, nearest, scale)) fail('rounded in another way', text, digits, rounded);
    });
  }, 900_000);

  it('of texts cut at the limit, between two characters, and nowhere else', async () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    await prove(proofOf('texts cut to their field', [100_000, 1_000_000]), (chance) => {
      const random = maybe(chance, 0.5) ? hostileText(chance).slice(0, 120) : randomText(chance, below(chance, 60));
      const text = canonicalText(random.toWellFormed()) ?? 'Насос';
      const limit = 1 + below(chance, 40);
      const singleLine = maybe(chance, 0.5);
      const cut = projectText(text, { maxLength: limit, singleLine });
      if (singleLine && cut !== null && /[\n\r\v\f\u0085\u2028\u2029]/.test(cut)) fail('two lines', text, cut);
      const whole = projectText(text, { singleLine }) ?? '';
      if (whole.length <= limit) {
        if ((cut ?? '') !== whole) fail('cut what had room', text, limit, cut);
        return;
      }
      let room = '';
      for (const { segment } of segmenter.segment(whole)) {
        if (room.length + segment.length > limit) break;
        room += segment;
      }
      // One character alone that is longer than the field is torn, but never in the middle of a code point.
      if (room === '') {
        if (!(cut ?? '').isWellFormed() || !whole.startsWith(cut ?? '')) fail('half a code point', text, limit, cut);
        return;
      }
      if ((cut ?? '') !== (canonicalText(room.trim()) ?? '')) fail('cut elsewhere', text, limit, cut, room);
    });
  }, 900_000);

  it('of sets carry each member as it is carried alone, or refuse the whole set', async () => {
    const tableAt = sharedBy(12, (chance) => {
      const { rows, defaults, field } = anyTable(chance);
      const ends = { jira: field.schemas.jira, crm: field.schemas.crm };
      return { field, sets: fieldFor({ kind: 'set', type: 'set', ...ends, table: rows, defaults }) };
    });
    await prove(proofOf('sets against their members', [100_000, 1_000_000]), (chance, at) => {
      const { field, sets } = tableAt(at);
      const from = pick(chance, SIDES);
      const members = OPTIONS[from].filter(() => maybe(chance, 0.4));
      const images = members.map((member) => carried(field, member, from));
      const whole = carried(sets, members.length === 0 ? null : members, from);
      const wanted = [...new Set(images.filter((image) => typeof image === 'string'))].sort();
      if (images.includes(undefined) !== (whole === undefined)) fail('a member was left out', members, images, whole);
      if (whole === undefined) return;
      if (!sameValue(whole, wanted.length === 0 ? null : wanted)) fail('another set', members, images, whole);
    });
  }, 900_000);
});
