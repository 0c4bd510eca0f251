// How soon work that failed is tried again.
import { describe, expect, it } from 'vitest';
import {
  AuthError,
  BadResponseError,
  BusyError,
  HaltError,
  RateLimitedError,
  StaleError,
  UnavailableError,
} from '../../../src/errors.ts';
import { seededRandom } from '../../../src/ports.ts';
import { backOff, disposeOf, MAX_ATTEMPTS } from '../../../src/work/disposition.ts';

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

describe('what could not be done', () => {
  const NOW = Date.parse('2026-11-21T09:00:00Z');
  const SECOND = 1_000;
  const MINUTE = 60 * SECOND;
  const random = seededRandom(2);
  const wait = (error: Error, attempts: number) => {
    const disposition = disposeOf(error, attempts, NOW, random);
    if (disposition.kind !== 'retry') throw new Error('not tried again');
    return { ms: disposition.retry.due - NOW, counted: disposition.retry.counted };
  };

  it('for want of an answer is tried again after 5 s, then after twice as long each time, give or take a quarter', () => {
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      const usual = 5 * SECOND * 2 ** (attempt - 1);
      const { ms, counted } = wait(new UnavailableError('no answer', '', { ambiguous: false }), attempt);
      expect(counted).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0.75 * usual);
      expect(ms).toBeLessThanOrEqual(1.25 * usual);
    }
    expect(backOff(30, random)).toBeLessThanOrEqual(1.25 * 15 * MINUTE);
    expect(backOff(30, random)).toBeGreaterThanOrEqual(0.75 * 15 * MINUTE);
  });

  it('for an answer that cannot be read is tried again as often as for none, and only then parked with the place', () => {
    const cut = new BadResponseError('no JSON', 'See the page.', { path: 'issues.0', excerpt: '<html>' });
    const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, at) => wait(cut, at + 1));
    expect(waits.every(({ counted }) => counted)).toBe(true);
    const whole = waits.reduce((sum, { ms }) => sum + ms, 0);
    expect(whole).toBeGreaterThan(7 * MINUTE);
    expect(whole).toBeLessThan(14 * MINUTE);
    expect(disposeOf(cut, MAX_ATTEMPTS, NOW, random)).toEqual({
      kind: 'park',
      word: 'BadResponseError',
      reason: '8 attempts failed; the last: no JSON (issues.0: <html>)',
      cure: 'See the page. Then run: parked retry',
    });
    const away = new UnavailableError('no answer', 'It is tried again by itself.', { ambiguous: false });
    expect(disposeOf(away, MAX_ATTEMPTS, NOW, random)).toMatchObject({
      kind: 'park',
      word: 'gave-up',
      cure: expect.stringContaining('parked retry'),
    });
  });

  it('because the product asked for a pause is tried again when that is over, and does not count', () => {
    const until = (ms: number) => wait(new RateLimitedError('too many requests', '', NOW + ms), 1);
    expect([until(7 * SECOND), until(40 * MINUTE), until(-SECOND)]).toEqual([
      { ms: 7 * SECOND, counted: false },
      { ms: 40 * MINUTE, counted: false },
      { ms: 0, counted: false },
    ]);
  });

  it('for a refused credential, or a halt, is tried again every five minutes, and does not count', () => {
    const often = { ms: 5 * MINUTE, counted: false };
    expect(wait(new AuthError('refused', ''), 3)).toEqual(often);
    expect(wait(new HaltError('halted', ''), 3)).toEqual(often);
  });

  it('because the record moved is tried again within seconds', () => {
    expect(wait(new StaleError('moved', ''), 1)).toEqual({ ms: 500, counted: true });
    expect(wait(new StaleError('moved', ''), 7).ms).toBeLessThanOrEqual(5 * SECOND);
  });
});
