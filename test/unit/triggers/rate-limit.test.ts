import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/ports.ts';
import { createAdminHandlers } from '../../../src/triggers/admin.ts';
import { createMetrics } from '../../../src/triggers/metrics.ts';
import { createRateLimit } from '../../../src/triggers/rate-limit.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const TOKEN = 'a-long-admin-token';

function setUp() {
  const clock = createVirtualClock();
  const { handle } = createAdminHandlers({
    token: TOKEN,
    ready: async () => ({ ready: true, reasons: [] }),
    status: async () => ({ profiles: ['buying'] }),
    metrics: createMetrics(),
    clock,
    log: silentLog,
  });
  const ask = (path: string, token: string, address = '127.0.0.1') =>
    handle({ method: 'GET', path, authorization: `Bearer ${token}`, address });
  return { clock, ask };
}

describe("the operator's listener", () => {
  it('hears a guesser five times, then one time in two seconds, and others all the while', async () => {
    const { clock, ask } = setUp();
    const statuses: number[] = [];
    for (let guess = 0; guess < 20; guess += 1) statuses.push((await ask('/status', `guess-${guess}`)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect((await ask('/status', TOKEN, '10.0.0.9')).status).toBe(200);

    let heard = 0;
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1_000);
      for (let guess = 0; guess < 10; guess += 1) if ((await ask('/status', 'no')).status === 401) heard += 1;
    }
    expect(heard).toBeLessThanOrEqual(30);
  });

  it('says when to come again, tells nothing else, and the right token must wait as well', async () => {
    const { clock, ask } = setUp();
    for (let guess = 0; guess < 6; guess += 1) await ask('/status', 'no');
    const answer = await ask('/status', TOKEN);
    expect(answer).toMatchObject({ status: 429, body: '{"error":"too many requests"}' });
    const wait = Number(answer.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    await clock.advance(wait * 1_000);
    expect((await ask('/status', TOKEN)).status).toBe(200);
  });

  it('answers scrapes and a person without a limit that they could notice, and health always', async () => {
    const { clock, ask } = setUp();
    for (let second = 0; second < 120; second += 1) {
      for (let page = 0; page < 8; page += 1) expect((await ask('/metrics', TOKEN)).status).toBe(200);
      await clock.advance(1_000);
    }
    for (let guess = 0; guess < 6; guess += 1) await ask('/status', 'no');
    for (let check = 0; check < 500; check += 1) expect((await ask('/healthz', 'no')).status).toBe(200);
  });
});

describe('a rate limit', () => {
  it('keeps a bounded number of addresses', () => {
    const rate = createRateLimit(createVirtualClock(), { burst: 1, perSecond: 1, wrongToken: 1 });
    expect(rate.take('first').heard).toBe(true);
    expect(rate.take('first').heard).toBe(false);
    for (let at = 0; at < 1_000; at += 1) rate.take(`other-${at}`);
    expect(rate.take('first').heard).toBe(true);
  });

  it('is filled by time that passed, not by a clock that was set', async () => {
    const clock = createVirtualClock();
    const rate = createRateLimit(clock, { burst: 1, perSecond: 1, wrongToken: 1 });
    rate.take('a');
    clock.jump(500_000);
    expect(rate.take('a').heard).toBe(false);
    clock.jump(-900_000);
    await clock.advance(1_000);
    expect(rate.take('a').heard).toBe(true);
  });
});
