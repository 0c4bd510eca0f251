// Time as a test wants it: nothing passes by itself. Timers fire in the order of their due time (then of their making),
// and between two timers all pending promise work is drained, so a virtual day runs in milliseconds and replays exactly.
import type { Clock } from '../../src/ports.ts';
import type { OutsideWork } from './outside-work.ts';

type Timer = { readonly due: number; readonly order: number; fire: (() => void) | null };

export type VirtualClock = Clock & {
  /** Lets `ms` pass, firing every timer on the way. */
  advance(ms: number): Promise<void>;
  /** The same as `advance`. */
  runFor(ms: number): Promise<void>;
  /** Fires timers until none is left; throws when they still re-arm themselves after `limitMs` of virtual time. */
  runUntilIdle(limitMs?: number): Promise<void>;
  /** Fires timers one by one until the condition holds; throws when it does not within `limitMs`, or nothing is left to fire. */
  runUntil(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Lets time pass until the promise settles, and answers as it does. */
  until<T>(work: Promise<T>, limitMs?: number): Promise<T>;
  /** Steps the clock without firing anything, as a time server would. */
  jump(ms: number): void;
  /** Drains pending promise work without letting time pass. */
  settle(): Promise<void>;
  /** Timers that wait. */
  pending(): number;
};

const DAY = 24 * 60 * 60 * 1000;
/** Rounds of the event loop in which nobody armed a timer before the work counts as drained. */
const QUIET_ROUNDS = 3;

function insertionPoint(timers: readonly Timer[], due: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle] as Timer).due <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}

const START = Date.parse('2026-11-21T09:00:00Z');

/**
 * For work that is promises alone, without files, sockets or timers of the system: one look is enough, at a fraction of
 * the price. Ticks come when no promise is left to be continued.
 */
export function createPromiseClock(start: number = START): VirtualClock {
  return clockThat(start, async () => {
    // From within a promise: a tick that is asked for elsewhere comes before the promises.
    await null;
    await new Promise<void>((resolve) => process.nextTick(resolve));
  });
}

/** `outside`: what must have ended in real time before a virtual moment is over. */
export function createVirtualClock(start: number = START, outside: OutsideWork | null = null): VirtualClock {
  return clockThat(start, (armed) => settleAll(armed, outside));
}

/** `armed`: how often a timer was armed until now. */
async function settleAll(armed: () => number, outside: OutsideWork | null): Promise<void> {
  let quiet = 0;
  let seen = armed();
  while (quiet < QUIET_ROUNDS) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    quiet = seen === armed() ? quiet + 1 : 0;
    seen = armed();
    if (outside === null) continue;
    if (outside.pending()) {
      await outside.next();
      quiet = 0;
    } else if (quiet === QUIET_ROUNDS) {
      await outside.others();
      // What ended may have begun something new.
      if (outside.pending() || seen !== armed()) quiet = 0;
    }
  }
}

function clockThat(start: number, drain: (armed: () => number) => Promise<void>): VirtualClock {
  let time = start;
  /** By how much the clock was set; the steady one knows nothing of it. */
  let set = 0;
  let order = 0;
  let timers: Timer[] = [];

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.fire = null;
        reject(signal?.reason);
      };
      order += 1;
      const timer: Timer = {
        // Whole milliseconds, as the real clock counts.
        due: time + Math.max(0, Math.ceil(ms)),
        order,
        fire: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      timers.splice(insertionPoint(timers, timer.due), 0, timer);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  const settle = () => drain(() => order);

  function nextTimer(): Timer | null {
    while (timers.length > 0 && timers[0]?.fire === null) timers.shift();
    return timers[0] ?? null;
  }

  /** Fires the earliest timer due by `limit`; false when there is none. */
  async function step(limit: number): Promise<boolean> {
    const timer = nextTimer();
    if (!timer || timer.due > limit) return false;
    timers.shift();
    time = Math.max(time, timer.due);
    timer.fire?.();
    await settle();
    return true;
  }

  async function advance(ms: number): Promise<void> {
    const end = time + ms;
    await settle();
    while (await step(end)) {}
    time = Math.max(time, end);
  }

  async function runUntilIdle(limitMs = 30 * DAY): Promise<void> {
    const end = time + limitMs;
    await settle();
    while (await step(end)) {}
    if (nextTimer()) throw new Error(`timers still re-arm themselves after ${limitMs} ms of virtual time`);
  }

  async function runUntil(condition: () => boolean, limitMs = DAY): Promise<void> {
    const end = time + limitMs;
    await settle();
    while (!condition()) {
      if (await step(end)) continue;
      const why = nextTimer() ? `not within ${limitMs} ms of virtual time` : 'nothing is left to happen';
      throw new Error(`the condition does not hold: ${why}`);
    }
  }

  async function until<T>(work: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    work.then(mark, mark);
    await runUntil(() => settled, limitMs);
    return work;
  }

  return {
    now: () => time,
    steady: () => time - set - start,
    sleep,
    advance,
    runFor: advance,
    runUntilIdle,
    runUntil,
    until,
    jump: (ms) => {
      time += ms;
      set += ms;
    },
    settle,
    pending: () => {
      timers = timers.filter((timer) => timer.fire !== null);
      return timers.length;
    },
  };
}
