import { describe, expect, test } from 'vitest';
import { mostGone, tooManyGone, tooManyOverwritten } from '../../../src/sync/brake.ts';

describe('pairs that are to be given up', () => {
  test.each([
    [20, 100, false],
    [21, 100, true],
    [20, 1, false],
    [21, 400, true],
    [21, 420, false],
    [22, 420, true],
    [1_000, 20_000, false],
    [1_001, 20_000, true],
    [0, 0, false],
  ])('%i of %i links: halts %s', (candidates, links, halts) => {
    expect(tooManyGone({ candidates, links }) !== null).toBe(halts);
    expect(candidates > mostGone(links)).toBe(halts);
  });
});

describe('a field that is to be overwritten', () => {
  test.each([
    [100, 100, false],
    [50, 101, false],
    [51, 101, true],
    [60, 120, false],
    [61, 120, true],
    [10_000, 20_000, false],
    [10_001, 20_000, true],
  ])('in %i of %i links: halts %s', (overwritten, links, halts) => {
    expect(tooManyOverwritten('Сумма', overwritten, links) !== null).toBe(halts);
  });

  test('is named', () => {
    expect(tooManyOverwritten('Сумма', 61, 120)).toContain('"Сумма"');
  });
});
