import { describe, expect, it } from 'vitest';
import { createLimiter, UNLIMITED } from '../../../src/connectors/limiter.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setUp(perSecond = 2, burst = 2) {
  const clock = createVirtualClock(1_000_000);
  const limiter = createLimiter({ clock, budgetOf: () => ({ perSecond, burst }) });
  const left: string[] = [];
  const ask = (name: string, lane: 'live' | 'bulk' = 'live', signal?: AbortSignal) =>
    limiter.acquire('GET issue', lane, signal).then(
      () => left.push(`${name}@${clock.now() - 1_000_000}`),
      (error) => left.push(`${name}!${String(error)}`),
    );
  return { clock, limiter, left, ask };
}

describe('limiter', () => {
  it('lets a burst leave at once and the rest at the steady rate', async () => {
    const { clock, left, ask } = setUp();
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await clock.settle();
    expect(left).toEqual(['a@0', 'b@0']);
    await clock.advance(1000);
    expect(left).toEqual(['a@0', 'b@0', 'c@500', 'd@1000']);
  });

  it('lets everything leave at once where there are no limits, and holds all the same when told', async () => {
    const { clock, limiter, left, ask } = setUp(UNLIMITED.perSecond, UNLIMITED.burst);
    for (let at = 0; at < 2_000; at += 1) void ask('any');
    await clock.settle();
    expect(left).toHaveLength(2_000);
    limiter.hold(null, clock.now() + 1_000);
    void ask('held');
    await clock.settle();
    expect(left).toHaveLength(2_000);
    await clock.advance(1_000);
    expect(left.at(-1)).toBe('held@1000');
  });

  it('lets a live request pass those of the bulk lane that wait longer', async () => {
    const { clock, left, ask } = setUp(1, 1);
    for (const name of ['sweep1', 'sweep2', 'sweep3']) void ask(name, 'bulk');
    await clock.settle();
    void ask('edit', 'live');
    await clock.advance(3000);
    expect(left).toEqual(['sweep1@0', 'edit@1000', 'sweep2@2000', 'sweep3@3000']);
  });

  it('holds one budget and leaves the others alone', async () => {
    const { clock, limiter, left, ask } = setUp();
    limiter.hold('GET issue', clock.now() + 5000);
    void ask('held');
    await limiter.acquire('PUT issue', 'live');
    expect(limiter.heldUntil()).toBe(1_005_000);
    await clock.advance(4999);
    expect(left).toEqual([]);
    await clock.advance(1);
    expect(left).toEqual(['held@5000']);
    expect(limiter.heldUntil()).toBeNull();
  });

  it('holds every budget when the vendor names none, also for those that wait already', async () => {
    const { clock, limiter, left, ask } = setUp(1, 1);
    void ask('first');
    void ask('second');
    await clock.settle();
    limiter.hold(null, clock.now() + 10_000);
    await clock.advance(9_999);
    expect(left).toEqual(['first@0']);
    await clock.advance(1);
    expect(left).toEqual(['first@0', 'second@10000']);
  });

  it('never shortens a hold', async () => {
    const { clock, limiter } = setUp();
    limiter.hold(null, clock.now() + 9000);
    limiter.hold(null, clock.now() + 10);
    expect(limiter.heldUntil()).toBe(1_009_000);
  });

  it('drops an aborted request, spends nothing on it and ends a sleep that nobody needs', async () => {
    const { clock, limiter, left, ask } = setUp(1, 1);
    void ask('first');
    const giveUp = new AbortController();
    void ask('second', 'live', giveUp.signal);
    limiter.hold(null, clock.now() + 3_600_000);
    await clock.settle();
    giveUp.abort('not needed');
    await clock.settle();
    expect(left).toEqual(['first@0', 'second!not needed']);
    expect(clock.pending()).toBe(0);
  });

  it('refuses a request that was aborted before it asked', async () => {
    const { ask, left } = setUp();
    await ask('late', 'live', AbortSignal.abort('gone'));
    expect(left).toEqual(['late!gone']);
  });

  it('forgets idle budgets without forgetting a hold', async () => {
    const { clock, limiter } = setUp(1, 1);
    limiter.hold('issue:1', clock.now() + 60_000);
    for (let id = 2; id < 1500; id += 1) await limiter.acquire(`issue:${id}`, 'live');
    await clock.advance(2000);
    for (let id = 2000; id < 3500; id += 1) await limiter.acquire(`issue:${id}`, 'live');
    expect(limiter.heldUntil()).toBe(1_060_000);
  });
});
