import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/output.ts';
import { typedValue } from '../../../src/cli/typed-value.ts';

const roubles = { amount: '5', currency: 'RUB' };

describe('a value typed for a conflict takes the form of what it replaces', () => {
  it.each([
    ['Third name', 'old', 'Third name'],
    ['Third name', null, 'Third name'],
    ['', 'old', null],
    ['  ', ['a'], null],
    ['b, a,,b', ['x'], ['a', 'b']],
    ['yes', false, true],
    ['Нет', true, false],
    ['1250000', roubles, { amount: '1250000', currency: 'RUB' }],
    ['1 250 000,50', roubles, { amount: '1250000.5', currency: 'RUB' }],
    ['99.90 eur', roubles, { amount: '99.9', currency: 'EUR' }],
    ['-007.00', roubles, { amount: '-7', currency: 'RUB' }],
    ['-0', roubles, { amount: '0', currency: 'RUB' }],
  ])('%j over %j is %j', (text, like, expected) => {
    expect(typedValue(text, like)).toEqual(expected);
  });

  it.each([
    ['perhaps', true],
    ['much', roubles],
    ['1.2.3', roubles],
  ])('%j over %j is refused as a mistake of typing', (text, like) => {
    expect(() => typedValue(text, like)).toThrow(UsageError);
  });
});
