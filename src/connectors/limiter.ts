// Lets requests leave at the vendor's pace. Token buckets over the clock port, so that a virtual clock replays the
// same order of departures, and nothing here knows which vendor it works for.
import type { Lane } from '../model.ts';
import type { Clock } from '../ports.ts';

/**
 * Budgets of one connection. A budget is named by the connector (an endpoint and method, or the whole portal); `acquire`
 * resolves when a request on it may leave, live lane first, and in order within a lane.
 */
export type Limiter = {
  acquire(budget: string, lane: Lane, signal?: AbortSignal): Promise<void>;
  /** The vendor told us to hold this budget (`null`: everything) until then, epoch ms. */
  hold(budget: string | null, until: number): void;
  heldUntil(): number | null;
  /** How many wait now. */
  waiting(): Record<Lane, number>;
};

/** `burst` tokens at most, refilled at `perSecond`. */
export type Budget = { readonly perSecond: number; readonly burst: number };

/** Nobody reads it; without one, a DOMException with its stack is made each time. */
const AWAKE = 'awake';

/** For a server without limits: nothing waits, but a refusal still holds. */
export const UNLIMITED: Budget = { perSecond: 1e6, burst: 1e6 };

export type LimiterOptions = {
  readonly clock: Clock;
  /** The budget behind a name; asked once, when the name is first used. */
  readonly budgetOf: (name: string) => Budget;
  /** Told how long each one waited. */
  readonly onLeave?: (lane: Lane, waitedMs: number) => void;
};

type Waiter = { readonly go: () => void };

type Bucket = {
  readonly budget: Budget;
  tokens: number;
  filledAt: number;
  heldUntil: number;
  readonly waiting: Record<Lane, Waiter[]>;
  /** Set while a pump sleeps for this bucket; aborting it ends the sleep. */
  sleeping: AbortController | null;
  pumping: boolean;
};

/** Idle buckets are forgotten above this number, so that budgets per record do not pile up. */
const KEPT_BUCKETS = 1000;

export function createLimiter({ clock, budgetOf, onLeave }: LimiterOptions): Limiter {
  const buckets = new Map<string, Bucket>();
  let allHeldUntil = 0;

  function bucketOf(name: string): Bucket {
    const known = buckets.get(name);
    if (known) return known;
    if (buckets.size >= KEPT_BUCKETS) forgetIdle();
    const budget = budgetOf(name);
    const bucket: Bucket = {
      budget,
      tokens: budget.burst,
      filledAt: clock.now(),
      heldUntil: 0,
      waiting: { live: [], bulk: [] },
      sleeping: null,
      pumping: false,
    };
    buckets.set(name, bucket);
    return bucket;
  }

  function forgetIdle(): void {
    for (const [name, bucket] of buckets) {
      refill(bucket, clock.now());
      const full = bucket.tokens >= bucket.budget.burst;
      if (full && !bucket.pumping && bucket.heldUntil <= clock.now()) buckets.delete(name);
    }
  }

  /** Milliseconds until the next request may leave; 0 takes a token. */
  function take(bucket: Bucket): number {
    const now = clock.now();
    const held = Math.max(bucket.heldUntil, allHeldUntil) - now;
    if (held > 0) return held;
    refill(bucket, now);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil(((1 - bucket.tokens) * 1000) / bucket.budget.perSecond));
    bucket.tokens -= 1;
    return 0;
  }

  async function pump(bucket: Bucket): Promise<void> {
    if (bucket.pumping) return;
    bucket.pumping = true;
    while (bucket.waiting.live.length + bucket.waiting.bulk.length > 0) {
      const wait = take(bucket);
      if (wait === 0) {
        (bucket.waiting.live.shift() ?? bucket.waiting.bulk.shift())?.go();
        continue;
      }
      bucket.sleeping = new AbortController();
      await clock.sleep(wait, bucket.sleeping.signal).catch(() => {});
      bucket.sleeping = null;
    }
    bucket.pumping = false;
  }

  function acquire(name: string, lane: Lane, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const bucket = bucketOf(name);
      const queue = bucket.waiting[lane];
      const since = clock.now();
      const waiter: Waiter = {
        go: () => {
          onLeave?.(lane, clock.now() - since);
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      function leave(): void {
        const at = queue.indexOf(waiter);
        if (at >= 0) queue.splice(at, 1);
        // Nobody waits any more: a sleep that may last an hour must not keep the process alive.
        if (bucket.waiting.live.length + bucket.waiting.bulk.length === 0) bucket.sleeping?.abort(AWAKE);
        reject(signal?.reason);
      }
      signal?.addEventListener('abort', leave, { once: true });
      queue.push(waiter);
      void pump(bucket);
    });
  }

  function hold(name: string | null, until: number): void {
    if (name === null) {
      allHeldUntil = Math.max(allHeldUntil, until);
      return;
    }
    const bucket = bucketOf(name);
    bucket.heldUntil = Math.max(bucket.heldUntil, until);
  }

  function heldUntil(): number | null {
    let latest = allHeldUntil;
    for (const bucket of buckets.values()) latest = Math.max(latest, bucket.heldUntil);
    return latest > clock.now() ? latest : null;
  }

  function waiting(): Record<Lane, number> {
    const counts: Record<Lane, number> = { live: 0, bulk: 0 };
    for (const bucket of buckets.values()) {
      counts.live += bucket.waiting.live.length;
      counts.bulk += bucket.waiting.bulk.length;
    }
    return counts;
  }

  return { acquire, hold, heldUntil, waiting };
}

function refill(bucket: Bucket, now: number): void {
  const gained = ((now - bucket.filledAt) * bucket.budget.perSecond) / 1000;
  if (gained <= 0) return;
  bucket.tokens = Math.min(bucket.budget.burst, bucket.tokens + gained);
  bucket.filledAt = now;
}
