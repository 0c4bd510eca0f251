import { AxiosError } from 'axios';
import { expect, it } from 'vitest';
import { createLimiter } from '../../../src/connectors/limiter.ts';
import { errorKind, statusKind } from '../../../src/connectors/response.ts';
import { createTally } from '../../../src/connectors/tally.ts';
import { BadResponseError } from '../../../src/errors.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

it.each([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ECONNRESET', 'connection'],
  ['ECONNREFUSED', 'connection'],
  ['ECONNABORTED', 'timeout'],
  ['ETIMEDOUT', 'timeout'],
  ['ERR_CANCELED', 'timeout'],
])('a request that ends with %s is counted as %s', (code, kind) => {
  expect(errorKind(new AxiosError('broken', code))).toBe(kind);
});

it('tells answers that are too large or unreadable from those that never came', () => {
  expect(errorKind(new AxiosError('maxContentLength size of 5 exceeded', 'ERR_BAD_RESPONSE'))).toBe('too-large');
  expect(errorKind(new BadResponseError('no JSON', '', { path: '', excerpt: '' }))).toBe('unreadable');
  expect(errorKind(new Error('no answer within 30000 ms'))).toBe('timeout');
});

it.each([
  [200, null],
  [204, null],
  [302, 'redirect'],
  [400, null],
  [401, 'denied'],
  [403, 'denied'],
  [404, null],
  [409, null],
  [429, 'limited'],
  [500, 'server'],
  [503, 'server'],
] as const)('status %i is counted as %s', (status, kind) => {
  expect(statusKind(status)).toBe(kind);
});

it('adds up how long requests waited at our own pace, by lane, and knows how many still do', async () => {
  const clock = createVirtualClock();
  const tally = createTally();
  const limiter = createLimiter({ clock, budgetOf: () => ({ perSecond: 1, burst: 1 }), onLeave: tally.waited });
  const all = Promise.all([limiter.acquire('x', 'bulk'), limiter.acquire('x', 'bulk'), limiter.acquire('x', 'live')]);
  await clock.settle();
  expect(limiter.waiting()).toEqual({ live: 1, bulk: 1 });
  await clock.until(all);
  expect(limiter.waiting()).toEqual({ live: 0, bulk: 0 });
  expect(tally.read().waitedMs).toEqual({ live: 1_000, bulk: 2_000 });
});

it('hands out what it counted as it was then', () => {
  const tally = createTally();
  tally.error('dns');
  const before = tally.read();
  tally.error('dns');
  tally.skew(-5);
  expect(before).toMatchObject({ errors: { dns: 1 }, skewMs: null, indexLagMs: null });
  expect(tally.read()).toMatchObject({ errors: { dns: 2 }, skewMs: -5 });
});
