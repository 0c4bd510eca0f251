import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalDecimal,
  canonicalText,
  fitsDouble,
  isCivilDate,
  isDecimal,
  isInstant,
  roundDecimal,
} from '../../../src/mapping/canonical.ts';

/** Any decimal as a whole number of 10^-scale. */
const scaled = fc.record({ units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), scale: fc.nat({ max: 20 }) });

function written({ units, scale }: { units: bigint; scale: number }): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`;
}

describe('text', () => {
  it('has one line end and one composition; nothing is null', () => {
    expect(canonicalText('a\r\nb\rc\nd')).toBe('a\nb\nc\nd');
    expect(canonicalText('Йод')).toBe('Йод');
    expect(canonicalText('')).toBeNull();
  });
});

describe('decimals', () => {
  it.each<[string, string | null]>([
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['+1.50', '1.5'],
    ['007', '7'],
    ['1e21', `1${'0'.repeat(21)}`],
    ['1E-7', '0.0000001'],
    ['12.5e1', '125'],
    ['9007199254740993', '9007199254740993'],
    ['1 000,50', null],
    ['1,5', null],
    ['.5', null],
    ['5.', null],
    ['', null],
    ['NaN', null],
    ['Infinity', null],
    ['0x10', null],
    ['1e9999', null],
    ['1e-9999', null],
  ])('reads %s as %s', (text, expected) => {
    expect(canonicalDecimal(text)).toBe(expected);
  });

  it('knows its own form', () => {
    for (const text of ['0', '-1', '10', '0.5', '-0.05', '120.3']) expect(isDecimal(text)).toBe(true);
    for (const text of ['-0', '00', '01', '1.0', '1.', '.5', '+1', '1e3', '', ' 1', '1\n'])
      expect(isDecimal(text)).toBe(false);
  });

  it('reads every number as its only canonical form', () => {
    fc.assert(
      fc.property(scaled, (number) => {
        const canonical = canonicalDecimal(written(number)) ?? '';
        expect(isDecimal(canonical)).toBe(true);
        expect(canonicalDecimal(canonical)).toBe(canonical);
      }),
    );
  });

  it.each([
    ['1200.504', 2, '1200.5'],
    ['1200.505', 2, '1200.51'],
    ['-1200.505', 2, '-1200.51'],
    ['-0.004', 2, '0'],
    ['0.995', 2, '1'],
    ['99.5', 0, '100'],
    ['5', 2, '5'],
    ['0.05', 2, '0.05'],
  ])('rounds %s to %i digits as %s', (decimal, digits, expected) => {
    expect(roundDecimal(decimal, digits)).toBe(expected);
  });

  it('rounds by at most half a step, and a rounded number no further', () => {
    fc.assert(
      fc.property(scaled, fc.nat({ max: 6 }), (number, digits) => {
        const decimal = canonicalDecimal(written(number)) ?? '0';
        const rounded = roundDecimal(decimal, digits);
        expect(isDecimal(rounded)).toBe(true);
        expect(roundDecimal(rounded, digits)).toBe(rounded);
        expect(Math.abs(Number(rounded) - Number(decimal))).toBeLessThanOrEqual(
          0.5 * 10 ** -digits * (1 + 1e-9) + Math.abs(Number(decimal)) * 1e-15,
        );
      }),
    );
  });

  it('knows what a double carries', () => {
    for (const text of ['0.1', '123456789012.34', '9007199254740992', `1${'0'.repeat(21)}`])
      expect(fitsDouble(text)).toBe(true);
    for (const text of ['9007199254740993', '0.12345678901234567890', '12345678901234567.89'])
      expect(fitsDouble(text)).toBe(false);
  });
});

describe('times', () => {
  it('are days of the calendar', () => {
    for (const text of ['0001-01-01', '2024-02-29', '9999-12-31']) expect(isCivilDate(text)).toBe(true);
    for (const text of [
      '0000-01-01',
      '2025-02-29',
      '2026-13-01',
      '2026-1-1',
      '21.11.2026',
      '2026-11-21T00:00:00',
      '',
    ]) {
      expect(isCivilDate(text)).toBe(false);
    }
  });

  it('are instants in UTC with milliseconds', () => {
    expect(isInstant('2026-11-21T10:00:00.000Z')).toBe(true);
    for (const text of [
      '2026-11-21T10:00:00Z',
      '2026-11-21T10:00:00.000+03:00',
      '2026-02-30T10:00:00.000Z',
      '2026-11-21T24:00:00.000Z',
      '2026-11-21',
    ]) {
      expect(isInstant(text)).toBe(false);
    }
  });
});
