// How often one address may ask the operator's listener: enough for scrapes and a person, too little for guessing.
import type { Clock } from '../ports.ts';

export type RateLimit = {
  /** Whether a request of this address is heard; when not, how long it should wait. */
  take(address: string): { readonly heard: boolean; readonly waitSeconds: number };
  /** A wrong token: counts as many requests. */
  punish(address: string): void;
};

export type RateLimits = {
  /** At once. */
  readonly burst: number;
  readonly perSecond: number;
  readonly wrongToken: number;
};

export const ADMIN_RATE: RateLimits = { burst: 100, perSecond: 10, wrongToken: 20 };

/** Who asks from more addresses than this pushes out the one that was quiet longest. */
const MOST_ADDRESSES = 1_000;

type Bucket = { left: number; at: number };

export function createRateLimit(clock: Clock, { burst, perSecond, wrongToken }: RateLimits = ADMIN_RATE): RateLimit {
  const buckets = new Map<string, Bucket>();

  function bucketOf(address: string): Bucket {
    // A clock that is set forward must not fill it.
    const now = clock.steady();
    const known = buckets.get(address) ?? { left: burst, at: now };
    const filled = Math.min(burst, known.left + ((now - known.at) / 1_000) * perSecond);
    const bucket = { left: filled, at: now };
    buckets.delete(address);
    buckets.set(address, bucket);
    const oldest = buckets.size > MOST_ADDRESSES ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    return bucket;
  }

  return {
    take(address) {
      const bucket = bucketOf(address);
      if (bucket.left < 1) return { heard: false, waitSeconds: Math.ceil((1 - bucket.left) / perSecond) };
      bucket.left -= 1;
      return { heard: true, waitSeconds: 0 };
    },
    punish(address) {
      const bucket = bucketOf(address);
      // Never further down than one wrong token: it must be possible to recover from a typing mistake.
      bucket.left = Math.max(-wrongToken, bucket.left - wrongToken);
    },
  };
}
