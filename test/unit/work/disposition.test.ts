// How soon work that failed is tried again.
import { expect, it } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import { seededRandom } from '../../../src/ports.ts';
import { disposeOf } from '../../../src/work/disposition.ts';

// Fault index, create-deal:29:time-out_after: two reads a second for as long as the answer to a create did not come.
it('looks ever more seldom for a record that somebody else has, and soon at first', () => {
  const random = seededRandom(1);
  const tries: number[] = [];
  for (let now = 0; now < 60_000; ) {
    const disposition = disposeOf(new BusyError('taken', ''), 1, now, random, now);
    if (disposition.kind !== 'retry') throw new Error('not tried again');
    expect(disposition.retry.counted).toBe(false);
    now = disposition.retry.due;
    tries.push(now);
  }
  expect(tries[0]).toBeLessThanOrEqual(1_000);
  expect(tries.length).toBeLessThan(20);
  expect(Math.max(...tries.map((at, n) => at - (tries[n - 1] ?? 0)))).toBeLessThanOrEqual(10_500);
});
