import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  calendarDate,
  decimalText,
  decodeField,
  encodeField,
  type FieldKind,
  instant,
  type Shape,
} from '../../../../src/connectors/bitrix24/fields.ts';

const kind = (shape: Shape, more: Partial<FieldKind> = {}): FieldKind => ({
  id: shape === 'amount' ? 'opportunity' : 'f',
  shape,
  type: 'text',
  multiple: false,
  custom: true,
  ...more,
});
const decode = (shape: Shape, raw: unknown, more: Partial<FieldKind> = {}) =>
  decodeField(kind(shape, more), { f: raw });

test.each([
  ['2026-11-18T03:00:00+03:00', '2026-11-18'],
  ['2000-01-01T02:00:00+02:00', '2000-01-01'],
  ['2026-11-17T19:00:00-05:00', '2026-11-18'],
  ['2026-11-18T00:00:00+03:00', '2026-11-18'],
  ['2026-11-18T00:00:00-05:00', '2026-11-18'],
  ['2026-11-18T00:00:00+00:00', '2026-11-18'],
  ['2026-11-18T00:00:00Z', '2026-11-18'],
  ['2026-11-18T09:00:00+09:00', '2026-11-18'],
  ['2026-11-18', '2026-11-18'],
  ['2026-11-18 00:00:00', '2026-11-18'],
  ['18.11.2026', undefined],
  ['', undefined],
])('the day of %s is %s', (raw, day) => {
  expect(calendarDate(raw)).toBe(day);
});

test('a day reads back as written, whichever offset and form the portal prints', () => {
  const days = fc.date({ min: new Date('1970-01-02'), max: new Date('2099-12-30'), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.integer({ min: -12 * 4, max: 14 * 4 }), fc.boolean(), (date, quarters, ownMidnight) => {
      const day = date.toISOString().slice(0, 10);
      const offsetMs = quarters * 900_000;
      const sign = quarters < 0 ? '-' : '+';
      const digits = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16);
      const local = ownMidnight ? `${day}T00:00:00` : new Date(Date.parse(day) + offsetMs).toISOString().slice(0, 19);
      expect(calendarDate(`${local}${sign}${digits}`)).toBe(day);
    }),
  );
});

test.each([
  ['2026-11-18T10:15:00+03:00', '2026-11-18T07:15:00.000Z'],
  ['2026-11-18T10:15:00-0500', '2026-11-18T15:15:00.000Z'],
  ['2026-11-18T10:15:00Z', '2026-11-18T10:15:00.000Z'],
  ['2026-11-18T10:15:00', undefined],
  ['yesterday', undefined],
])('the instant of %s is %s', (raw, at) => {
  expect(instant(raw)).toBe(at);
});

test.each([
  [480000.5, '480000.5'],
  ['480000.50', '480000.5'],
  ['0012', '12'],
  ['1000.000000', '1000'],
  [0.1 + 0.2, '0.3'],
  [1e21, '1000000000000000000000'],
  [1.5e-7, '0.00000015'],
  [-0, '0'],
  ['-0.00', '0'],
  [-12.5, '-12.5'],
  ['+7', '7'],
  ['1e3', '1000'],
  ['12345678901234567890.1', '12345678901234567890.1'],
  ['', '0'],
  ['12 шт', undefined],
  [Number.NaN, undefined],
])('the number %o is written %s', (raw, text) => {
  if (raw === '') expect(decode('number', raw)).toBeNull();
  else expect(decimalText(raw)).toBe(text);
});

test.each<[Shape, unknown, unknown]>([
  ['text', 'a\r\nb\rc', 'a\nb\nc'],
  ['text', 'и\u0306', 'й'],
  ['text', '', null],
  ['text', { id: 1 }, undefined],
  ['boolean', 'Y', true],
  ['boolean', 'N', false],
  ['boolean', 1, true],
  ['boolean', '0', false],
  ['boolean', '', null],
  ['boolean', 'maybe', undefined],
  ['option', 81, '81'],
  ['option', '81', '81'],
  ['option', 0, null],
  ['option', false, null],
  ['user', 0, null],
  ['user', '0', null],
  ['user', 14, '14'],
  ['code', 'C9:NEW', 'C9:NEW'],
  ['code', 0, '0'],
  ['link', 58, '58'],
  ['link', 'CO_3', 'CO_3'],
  ['money', '480000.50|RUB', { amount: '480000.5', currency: 'RUB' }],
  ['money', '0|RUB', { amount: '0', currency: 'RUB' }],
  ['money', '|RUB', null],
  ['money', '12', undefined],
  ['date', '2026-11-18T03:00:00+03:00', '2026-11-18'],
  ['datetime', '2026-11-18T03:00:00+03:00', '2026-11-18T00:00:00.000Z'],
  ['other', 'x', undefined],
])('%s %o reads as %o', (shape, raw, value) => {
  expect(decode(shape, raw)).toEqual(value);
});

test('a field that did not come is unknown, never empty', () => {
  expect(decodeField(kind('text'), {})).toBeUndefined();
  expect(decodeField(kind('text'), { f: null })).toBeNull();
});

test('a set is sorted and unique; empties of every kind are one empty', () => {
  expect(decode('text', ['b', 'a', 'b', ''], { multiple: true })).toEqual(['a', 'b']);
  expect(decode('option', [97, '95'], { multiple: true })).toEqual(['95', '97']);
  expect(decode('user', 12, { multiple: true })).toEqual(['12']);
  for (const empty of [[], {}, null, false, '', ['']]) expect(decode('text', empty, { multiple: true })).toBeNull();
});

test('the amount takes its currency along, and nothing is what 0 means', () => {
  const read = (item: Record<string, unknown>) => decodeField(kind('amount'), item);
  expect(read({ opportunity: 480000.5, currencyId: 'RUB' })).toEqual({ amount: '480000.5', currency: 'RUB' });
  expect(read({ opportunity: 0, currencyId: 'RUB' })).toBeNull();
  expect(read({ opportunity: '0.00', currencyId: 'RUB' })).toBeNull();
  expect(read({ opportunity: 5, currencyId: null })).toBeUndefined();
});

test('values are written in the form that a query string and JSON both carry', () => {
  const write = (shape: Shape, value: Parameters<typeof encodeField>[1], more: Partial<FieldKind> = {}) =>
    encodeField(kind(shape, more), value)?.f;
  expect(write('text', 'a')).toBe('a');
  expect(write('text', null)).toBe('');
  expect(write('number', '12.50')).toBe('12.50');
  expect(write('number', '12.5')).toBe(12.5);
  expect(write('number', '12345678901234567890')).toBe('12345678901234567890');
  expect(write('boolean', true)).toBe('Y');
  expect(write('boolean', false)).toBe('N');
  expect(write('option', '81')).toBe(81);
  expect(write('user', '14')).toBe(14);
  expect(write('user', null, { custom: false })).toBe(0);
  expect(write('user', null)).toBe('');
  expect(write('date', '2026-11-18')).toBe('2026-11-18');
  expect(write('datetime', '2026-11-18T07:15:00.000Z')).toBe('2026-11-18T07:15:00+00:00');
  expect(write('money', { amount: '1.5', currency: 'EUR' })).toBe('1.5|EUR');
  expect(write('text', ['a', 'b'], { multiple: true })).toEqual(['a', 'b']);
  expect(write('option', ['95', '97'], { multiple: true })).toEqual([95, 97]);
  expect(write('text', null, { multiple: true })).toEqual([]);
});

test('the amount is declared manual, so that product rows do not overwrite it', () => {
  expect(encodeField(kind('amount'), { amount: '10', currency: 'USD' })).toEqual({
    opportunity: 10,
    currencyId: 'USD',
    isManualOpportunity: 'Y',
  });
  expect(encodeField(kind('amount'), null)).toEqual({ opportunity: 0, isManualOpportunity: 'Y' });
});

test('a value of the wrong kind is not written', () => {
  expect(encodeField(kind('boolean'), 'Y')).toBeNull();
  expect(encodeField(kind('text'), true)).toBeNull();
  expect(encodeField(kind('money'), '5')).toBeNull();
  expect(encodeField(kind('amount'), '5')).toBeNull();
  expect(encodeField(kind('text', { multiple: true }), 'a')).toBeNull();
  expect(encodeField(kind('link'), '5')).toBeNull();
  expect(encodeField(kind('other'), 'x')).toBeNull();
});
