// What is kept here because the portal would refuse it, by what the portal has told so far.
import { expect, test } from 'vitest';
import { timeOf } from '../../../../src/connectors/bitrix24/batch.ts';
import {
  createOperatingTime,
  createTurns,
  type OperatingTime,
} from '../../../../src/connectors/bitrix24/operating-time.ts';
import type { Lane, Scope } from '../../../../src/model.ts';
import { seededRandom } from '../../../../src/ports.ts';
import { createTestPortal } from '../../../support/bitrix-connection.ts';

const METHOD = 'crm.item.update';
const NOW = 1_800_000_000_000;
const RESET = NOW + 240_000;
const HOUR = 3_600_000;

const told = (operating: number, resetAt: number | null = RESET) =>
  timeOf({ operating, operating_reset_at: resetAt === null ? undefined : resetAt / 1000 });

/** One command after the other, up to that count. */
function spend(time: OperatingTime, until: number, seconds: number, now = NOW, resetAt: number | null = RESET): void {
  for (let count = 0; count <= until; count += seconds) {
    time.leaves(METHOD);
    time.answered(METHOD, told(count, resetAt), null, now);
    time.isBack(METHOD);
  }
}

/** How many may leave at once. */
function room(time: OperatingTime, now = NOW, lane: Lane = 'live'): number {
  let left = 0;
  while (left < 1000 && time.outlook(METHOD, lane, now) === 'free') {
    time.leaves(METHOD);
    left += 1;
  }
  for (let at = 0; at < left; at += 1) time.isBack(METHOD);
  return left;
}

test('a portal that tells nothing is never held back', () => {
  const time = createOperatingTime();
  for (let at = 0; at < 50; at += 1) time.answered(METHOD, timeOf({}), null, NOW);
  expect(room(time)).toBe(1000);
});

test('what is under way counts with what one command has cost', () => {
  const time = createOperatingTime();
  spend(time, 460, 2);
  // At 480 the portal still accepts: 460 and ten under way, and the one that crosses.
  expect(room(time)).toBe(11);
  expect(time.outlook('crm.item.add', 'live', NOW)).toBe('free');
});

test('a dear command makes the estimate dearer at once, cheap ones make it cheaper slowly', () => {
  const time = createOperatingTime();
  spend(time, 100, 1);
  expect(room(time)).toBe(381);
  time.answered(METHOD, told(110), 100, NOW);
  expect(room(time)).toBe(38);
  time.answered(METHOD, told(111), 110, NOW);
  expect(room(time)).toBeGreaterThan(38);
  expect(room(time)).toBeLessThan(60);
});

test('where the count is at the limit, answers under way decide, then the time of forgiveness', () => {
  const time = createOperatingTime();
  spend(time, 482, 2);
  time.refused(METHOD, NOW);
  time.leaves(METHOD);
  expect(time.outlook(METHOD, 'live', NOW)).toBe('open');
  time.isBack(METHOD);
  expect(time.outlook(METHOD, 'live', NOW)).toEqual({ until: RESET });
});

test('after the time of forgiveness one command looks how much there is, then as many as fit', () => {
  const time = createOperatingTime();
  spend(time, 482, 2);
  time.refused(METHOD, NOW);
  expect(room(time, RESET)).toBe(1);
  time.leaves(METHOD);
  time.answered(METHOD, told(422, RESET + 60_000), null, RESET);
  time.isBack(METHOD);
  expect(room(time, RESET)).toBe(30);
});

test('beyond the documented limit one command tries whether more is allowed; a refusal is believed for an hour', () => {
  const time = createOperatingTime();
  spend(time, 482, 2);
  expect(room(time)).toBe(1);
  time.refused(METHOD, NOW);
  expect(room(time)).toBe(0);
  time.answered(METHOD, told(482, NOW + 2 * HOUR), null, NOW);
  expect(room(time, NOW + HOUR - 1)).toBe(0);
  expect(room(time, NOW + HOUR)).toBe(1);
});

test('a portal that allows more is soon used in full, and a refusal ends it there', () => {
  const time = createOperatingTime();
  let used = 482;
  let rounds = 0;
  spend(time, used, 2);
  while (used < 2_000) {
    const leaving = room(time);
    for (let at = 0; at < leaving; at += 1) time.leaves(METHOD);
    for (let at = 0; at < leaving; at += 1) {
      time.answered(METHOD, told(used + 2), used, NOW);
      used += 2;
    }
    for (let at = 0; at < leaving; at += 1) time.isBack(METHOD);
    rounds += 1;
  }
  expect(rounds).toBeLessThan(25);
  time.refused(METHOD, NOW);
  expect(room(time)).toBe(0);
  time.answered(METHOD, told(100, RESET + 60_000), null, NOW);
  expect(room(time)).toBeGreaterThan(900);
});

test('a portal that allows less is learnt by its first refusal', () => {
  const time = createOperatingTime();
  spend(time, 422, 2);
  time.refused(METHOD, NOW);
  time.answered(METHOD, told(400, RESET + 60_000), null, RESET);
  expect(room(time, RESET)).toBe(11);
});

test('a refusal with much left says nothing about the limit: somebody else has used the time', () => {
  const time = createOperatingTime();
  spend(time, 100, 2);
  time.refused(METHOD, NOW);
  expect(room(time)).toBe(191);
});

test('answers that overtook each other do not lower the count', () => {
  const time = createOperatingTime();
  time.answered(METHOD, told(478), 476, NOW);
  time.answered(METHOD, told(300), 298, NOW);
  time.answered(METHOD, told(470, RESET - 60_000), 468, NOW);
  expect(room(time)).toBe(2);
});

test('without a time of forgiveness a minute is waited for', () => {
  const time = createOperatingTime();
  spend(time, 482, 2, NOW, null);
  time.refused(METHOD, NOW);
  expect(time.outlook(METHOD, 'live', NOW + 59_999)).toEqual({ until: NOW + 60_000 });
  expect(time.outlook(METHOD, 'live', NOW + 60_000)).toBe('free');
});

test('bulk work leaves a part of the time to live edits', () => {
  const time = createOperatingTime();
  spend(time, 460, 2);
  // 3 % of 480 s are kept: 465.6.
  const asked = room(time, NOW, 'bulk');
  expect(asked).toBe(3);
  for (let at = 0; at < asked; at += 1) time.leaves(METHOD);
  expect(time.outlook(METHOD, 'bulk', NOW)).toBe('open');
  expect(room(time)).toBe(11 - asked);
});

test('bulk work leaves room for one live edit, however dear', () => {
  const time = createOperatingTime();
  spend(time, 400, 40);
  expect(room(time, NOW, 'bulk')).toBe(2);
  expect(room(time)).toBe(3);
});

test('a limit that is known holds bulk work before it holds live edits', () => {
  const time = createOperatingTime();
  spend(time, 480, 2);
  time.refused(METHOD, NOW);
  time.answered(METHOD, told(470), 468, NOW - 1);
  const fresh = RESET + 60_000;
  time.answered(METHOD, told(468, fresh), null, RESET);
  expect(time.outlook(METHOD, 'bulk', RESET)).toEqual({ until: fresh });
  expect(time.outlook(METHOD, 'live', RESET)).toBe('free');
});

const LIMITS = [480, 420, 300, 900];
const BOTH = LIMITS.flatMap((limit) => [
  { limit, lane: 'live' as const },
  { limit, lane: 'bulk' as const },
]);
const HOURS = 4;
const FOUND_OUT_MS = 20 * 60_000;

/** For some hours a batch of ten at most leaves every second; commands cost between one and three seconds. */
function saturate(limit: number, lane: Lane, liveEveryMs: number | null) {
  const chance = seededRandom(limit);
  const time = createOperatingTime();
  const slices = new Map<number, number>();
  const total = () => [...slices.values()].reduce((sum, one) => sum + one, 0);
  const counts = { done: 0, refused: 0, worked: 0, live: 0, liveHeld: 0 };
  for (let now = NOW; now < NOW + HOURS * HOUR; now += 1_000) {
    const slice = Math.floor(now / 60_000);
    for (const old of slices.keys()) if (old <= slice - 10) slices.delete(old);
    let leaving = 0;
    while (leaving < 10 && time.outlook(METHOD, lane, now) === 'free') {
      time.leaves(METHOD);
      leaving += 1;
    }
    if (liveEveryMs !== null && (now - NOW) % liveEveryMs === 30_000) {
      const free = time.outlook(METHOD, 'live', now) === 'free';
      if (free) {
        time.leaves(METHOD);
        leaving += 1;
      }
      // Once an hour the limit is found out, by using all of it.
      if ((now - NOW) % HOUR >= FOUND_OUT_MS) {
        counts.live += 1;
        counts.liveHeld += free ? 0 : 1;
      }
    }
    let before: number | null = null;
    for (let at = 0; at < leaving; at += 1) {
      if (total() > limit) {
        counts.refused += 1;
        time.refused(METHOD, now);
      } else {
        const seconds = 1 + 2 * chance.next();
        slices.set(slice, (slices.get(slice) ?? 0) + seconds);
        const oldest = slices.keys().next().value ?? slice;
        time.answered(METHOD, told(total(), (oldest + 10) * 60_000), before, now);
        before = total();
        counts.done += 1;
        counts.worked += seconds;
      }
    }
    for (let at = 0; at < leaving; at += 1) time.isBack(METHOD);
  }
  return { ...counts, used: counts.worked / (limit * 6 * HOURS) };
}

test.each(BOTH)('$lane work uses a limit of $limit s to the full and is refused next to nothing', ({ limit, lane }) => {
  const { used, done, refused } = saturate(limit, lane, null);
  expect(used).toBeGreaterThan(0.95);
  expect(refused / (done + refused)).toBeLessThan(limit === 480 ? 0.001 : 0.01);
});

test.each(LIMITS)('an edit every three minutes does not wait for bulk work that would use all of %i s', (limit) => {
  const { used, live, liveHeld } = saturate(limit, 'bulk', 180_000);
  expect(live).toBeGreaterThan(50);
  expect(liveHeld).toBe(0);
  expect(used).toBeGreaterThan(0.95);
  // Where they share all of it, nearly every one does.
  expect(saturate(limit, 'live', 180_000).liveHeld / live).toBeGreaterThan(0.9);
});

test('who waits leaves when an answer came that leaves room, live edits first', async () => {
  const time = createOperatingTime();
  spend(time, 480, 2);
  const turns = createTurns(
    time,
    () => NOW,
    () => {},
  );
  expect(turns.take([METHOD], 'live')).toBeNull();
  const order: string[] = [];
  const waits = (name: string, lane: 'live' | 'bulk') =>
    turns.take([METHOD], lane)?.then(() => {
      order.push(name);
    });
  const waiting = [waits('bulk', 'bulk'), waits('live', 'live')];
  expect(turns.take(['crm.item.get'], 'bulk')).toBeNull();
  time.answered(METHOD, told(460, RESET + 60_000), null, NOW);
  turns.end([METHOD]);
  await Promise.all(waiting);
  expect(order).toEqual(['live', 'bulk']);
});

test('who waits is refused with the rest when nothing is left, and drops out when given up', async () => {
  const time = createOperatingTime();
  spend(time, 480, 2);
  let held = false;
  const turns = createTurns(
    time,
    () => NOW,
    () => {
      if (held) throw new Error('out of operating time');
    },
  );
  expect(turns.take([METHOD], 'live')).toBeNull();
  const waiting = turns.take([METHOD], 'live');
  const stop = new AbortController();
  const givenUp = turns.take([METHOD], 'live', stop.signal);
  stop.abort(new Error('stopped'));
  await expect(givenUp).rejects.toThrow('stopped');
  held = true;
  time.answered(METHOD, told(484), 482, NOW);
  turns.end([METHOD]);
  await expect(waiting).rejects.toThrow('out of operating time');
  expect(() => turns.take([METHOD], 'bulk')).toThrow('out of operating time');
});

test('of many updates at once only as many leave as the portal allows; the rest waits here, creates and reads go on', async () => {
  const { connector, sandbox, clock, sent } = createTestPortal({ limits: 'real' });
  sandbox.configure({ operatingSeconds: { 'crm.item.update': 40, '*': 0 } });
  const scope: Scope = { connection: 'bitrix24', entity: 'deal', query: { where: [] } };
  let announced = 0;
  const ask = {
    lane: 'bulk' as const,
    onSend: async () => {
      announced += 1;
    },
  };
  const create = () =>
    clock.until(connector.create(scope, { title: 'new' }, { key: 'k', tenant: 't' }, ['title'], ask));
  const { id } = (await create()).ref;
  const updates = async (count: number) => {
    const asked = Array.from({ length: count }, (_, at) =>
      connector.update(scope, id, { title: `T${at}` }, {}, ['title'], ask),
    );
    return clock.until(Promise.allSettled(asked));
  };
  // What one costs is known from the first answers.
  await updates(2);
  const before = announced;
  const outcomes = await updates(30);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  // 480 s are 12 of all, the thirteenth crosses, the fourteenth is asked once.
  expect(announced - before).toBe(12);
  expect(refused).toHaveLength(19);
  expect(connector.usage().limited).toBe(1);
  const [until] = new Set(refused.map(({ retryAt }) => retryAt));
  expect(until).toBeGreaterThan(clock.now());
  const left = sent.length;
  await expect(connector.update(scope, id, { title: 'x' }, {}, [], ask)).rejects.toMatchObject({
    name: 'RateLimitedError',
    retryAt: until,
  });
  expect(sent).toHaveLength(left);
  expect(await clock.until(connector.read(scope, id, ['title'], { lane: 'bulk' }))).not.toBeNull();
  expect((await create()).fields.title).toBe('new');

  await clock.advance((until ?? 0) - clock.now());
  const again = await updates(30);
  // The portal accepts thirteen; the last is kept for live edits.
  expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(12);
  await clock.until(connector.update(scope, id, { title: 'live' }, {}, ['title'], { lane: 'live' }));
  expect(connector.usage().limited).toBe(1);
});
