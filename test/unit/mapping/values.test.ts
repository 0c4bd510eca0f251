// Text, numbers, money, dates, yes/no: what arrives on the other side, and what is refused.
import { describe, expect, it } from 'vitest';
import { MappingError, SyncError } from '../../../src/errors.ts';
import { createMapper, type MapperSpec } from '../../../src/mapping/create-mapper.ts';
import type { FieldSchema, FieldType, Value } from '../../../src/model.ts';
import { schema } from '../../support/merge-fields.ts';

function plain(type: FieldType, jira: Partial<FieldSchema> = {}, crm: Partial<FieldSchema> = {}) {
  return createMapper({ kind: 'plain', type, jira: schema('Left', type, jira), crm: schema('Right', type, crm) });
}

function refusal(translate: () => unknown): MappingError {
  try {
    translate();
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('text', () => {
  const summary = plain('text', { maxLength: 10, singleLine: true });

  it('goes over unchanged where it fits', () => {
    expect(summary.translate('Насос NP-3', 'crm')).toBe('Насос NP-3');
    expect(summary.translate('any\nlength at all, and lines', 'jira')).toBe('any\nlength at all, and lines');
    expect(summary.translate(null, 'jira')).toBeNull();
  });

  it('joins lines where the other side has one', () => {
    expect(summary.translate('a\n\nb\u2028c', 'crm')).toBe('a b c');
  });

  it('drops white space at the ends, as both vendors do', () => {
    expect(summary.translate('  a b \n', 'crm')).toBe('a b');
    expect(summary.translate(' \n ', 'jira')).toBeNull();
    expect(summary.translate('123456789 tail', 'crm')).toBe('123456789');
  });

  it.each([
    ['an emoji of four parts', `12345678${'👨‍👩‍👧'}`, '12345678'],
    ['a letter with combining marks', '123456789x̧̣', '123456789'],
    ['a flag', '12345678🇩🇪', '12345678'],
    ['a surrogate pair that fits', '12345678😀9', '12345678😀'],
    ['a surrogate pair at the border', '123456789😀', '123456789'],
  ])('is not cut within %s', (_, text, expected) => {
    expect(summary.translate(text, 'crm')).toBe(expected);
  });

  it('is cut between code points where one character alone is too long', () => {
    const zalgo = `a${'\u0323'.repeat(40)}`;
    expect(summary.translate(zalgo, 'crm')).toBe(zalgo.normalize('NFC').slice(0, 10));
    const pairs = `${'😀\u200d'.repeat(9)}😀`;
    const cut = plain('text', { maxLength: 4 }).translate(pairs, 'crm');
    expect(cut).toBe('😀\u200d');
  });

  it('is cut in the middle of a long text at the same border', () => {
    const long = plain('text', { maxLength: 5000 });
    expect(long.translate(`${'x'.repeat(4999)}😀 end`, 'crm')).toBe('x'.repeat(4999));
    expect(long.translate(`a${'😀'.repeat(4000)}`, 'crm')).toBe(`a${'😀'.repeat(2499)}`);
  });

  it('refuses broken characters instead of replacing them', () => {
    expect(refusal(() => summary.translate('half \ud83d', 'crm')).cure).toContain('Retype');
    expect(refusal(() => summary.translate('nul \0', 'jira')).message).toContain('"Left" (Jira)');
    expect(refusal(() => summary.translate(true, 'jira')).message).toContain('not a text');
  });

  it('is shown as it is', () => {
    expect(summary.show('a', 'jira')).toBe('a');
    expect(summary.show(null, 'jira')).toBe('(empty)');
    expect(summary.show(['odd'], 'jira')).toBe('["odd"]');
  });
});

describe('a number', () => {
  const number = plain('number');

  it('goes over digit by digit', () => {
    for (const value of ['0', '0.1', '-12.5', '123456789012345']) expect(number.translate(value, 'jira')).toBe(value);
    expect(number.translate(null, 'crm')).toBeNull();
  });

  it('is refused when a number field would change it', () => {
    expect(refusal(() => number.translate('9007199254740993', 'crm')).message).toContain('9007199254740993');
    expect(refusal(() => number.translate('1 000,50', 'jira')).message).toContain('not a number');
    expect(refusal(() => number.translate(true, 'jira')).value).toBe(true);
  });
});

describe('money', () => {
  const spec = (jira: FieldType, crm: FieldType, currency?: string): MapperSpec => ({
    kind: 'money',
    type: 'money',
    jira: schema('Budget', jira),
    crm: schema('Сумма', crm),
    ...(currency === undefined ? {} : { currency }),
  });
  const budget = createMapper(spec('number', 'money', 'RUB'));
  const rub = (amount: string): Value => ({ amount, currency: 'RUB' });

  it('gets its currency from the profile beside a plain number', () => {
    expect(budget.translate('1200.5', 'jira')).toEqual(rub('1200.5'));
    expect(budget.translate(rub('1200.5'), 'crm')).toBe('1200.5');
    expect(budget.translate(null, 'jira')).toBeNull();
    expect(createMapper(spec('money', 'number', 'RUB')).translate('7', 'crm')).toEqual(rub('7'));
  });

  it("is rounded to the currency's minor units", () => {
    expect(budget.translate('0.125', 'jira')).toEqual(rub('0.13'));
    expect(createMapper(spec('number', 'money', 'JPY')).translate('99.5', 'jira')).toEqual({
      amount: '100',
      currency: 'JPY',
    });
    expect(createMapper(spec('number', 'money', 'KWD')).translate('0.1255', 'jira')).toMatchObject({ amount: '0.126' });
    expect(createMapper(spec('number', 'money', 'ball')).translate('0.125', 'jira')).toMatchObject({ amount: '0.13' });
  });

  it('is never converted', () => {
    const refused = refusal(() => budget.translate({ amount: '5', currency: 'EUR' }, 'crm'));
    expect(refused.message).toContain('EUR');
    expect(refused.cure).toContain('RUB');
  });

  it('keeps its own currency between two money fields', () => {
    const money = createMapper(spec('money', 'money'));
    expect(money.translate({ amount: '5', currency: 'EUR' }, 'crm')).toEqual({ amount: '5', currency: 'EUR' });
    expect(refusal(() => money.translate('5', 'crm')).message).toContain('not an amount');
    const onlyRub = createMapper(spec('money', 'money', 'RUB'));
    expect(refusal(() => onlyRub.translate({ amount: '5', currency: 'EUR' }, 'jira')).message).toContain('RUB');
  });

  it('is refused where it is no amount', () => {
    for (const value of ['1,5', true, ['5'], { amount: '1e3', currency: 'RUB' }] satisfies Value[]) {
      expect(refusal(() => budget.translate(value, 'jira'))).toBeInstanceOf(MappingError);
    }
    expect(refusal(() => budget.translate('9007199254740993', 'jira')).message).toContain('digits');
    expect(refusal(() => budget.translate(rub('9007199254740993'), 'crm')).message).toContain('digits');
  });

  it('needs a currency beside a plain number', () => {
    expect(() => createMapper(spec('number', 'money'))).toThrow(SyncError);
  });

  it('is shown with its currency', () => {
    expect(budget.show(rub('1200.5'), 'crm')).toBe('1200.50 RUB');
    expect(budget.show('1200.5', 'jira')).toBe('1200.50 RUB');
    expect(budget.show(null, 'crm')).toBe('(empty)');
    expect(budget.show('1', 'crm')).toBe('1');
    expect(budget.show({ amount: '5', currency: 'JPY' }, 'crm')).toBe('5 JPY');
    expect(budget.show({ amount: 'five', currency: 'JPY' }, 'crm')).toContain('five');
  });
});

describe('dates and times', () => {
  const date = plain('date');
  const datetime = plain('datetime');

  it('keep the civil day', () => {
    expect(date.translate('2026-03-29', 'jira')).toBe('2026-03-29');
    expect(date.translate('0001-01-01', 'crm')).toBe('0001-01-01');
    expect(date.translate(null, 'crm')).toBeNull();
    expect(refusal(() => date.translate('2026-02-30', 'jira')).message).toContain('not a date');
    expect(date.show('2026-03-29', 'jira')).toBe('2026-03-29');
  });

  it('keep the instant, to the second in the CRM', () => {
    expect(datetime.translate('2026-11-21T10:00:00.123Z', 'jira')).toBe('2026-11-21T10:00:00.000Z');
    expect(datetime.translate('2026-11-21T10:00:00.123Z', 'crm')).toBe('2026-11-21T10:00:00.123Z');
    expect(datetime.translate(null, 'crm')).toBeNull();
    expect(refusal(() => datetime.translate('2026-11-21T10:00:00+03:00', 'jira')).message).toContain('point in time');
    expect(datetime.show('2026-11-21T10:00:05.123Z', 'jira')).toBe('2026-11-21 10:00:05 UTC');
    expect(datetime.show('soon', 'jira')).toBe('soon');
  });
});

describe('yes and no', () => {
  const urgent = plain('boolean');

  it('go over, empty stays empty', () => {
    for (const value of [true, false, null]) expect(urgent.translate(value, 'crm')).toBe(value);
    expect(refusal(() => urgent.translate('yes', 'crm')).message).toContain('yes or no');
    expect([true, false, null].map((value) => urgent.show(value, 'jira'))).toEqual(['yes', 'no', '(empty)']);
  });
});

describe('a type that is not copied', () => {
  it('is refused when the mapper is made', () => {
    expect(() => plain('rich-text')).toThrow(/cannot be mapped as rich-text/);
  });
});
