// The two budgets of the cloud: a leaky bucket of requests for the portal, and execution seconds per method and
// credential in ten one-minute slices. Both only with real limits.
import { RestError } from './errors.ts';
import type { Portal } from './portal.ts';

const SLICE_MS = 60_000;
const SLICES = 10;
/** Shorter calls are not counted. */
const COUNTED_FROM_S = 0.1;
const PLANS = { standard: { perSecond: 2, burst: 50 }, enterprise: { perSecond: 5, burst: 250 } } as const;
const FREE = new Set(['batch', 'methods', 'scope', 'events', 'app.info', 'server.time']);

export type Limits = {
  /** Counts a request; throws 503 when the bucket is full. */
  admit(): void;
  /** Throws 429 when the method has used up its seconds: the call that crosses passes, the next is blocked. */
  checkOperating(method: string, credential: string): void;
  /** Charges a call; answers what `time` shows. */
  charge(
    method: string,
    credential: string,
  ): { readonly operating: number; readonly operating_reset_at: number } | null;
  costOf(method: string): number;
};

export function createLimits(portal: Portal): Limits {
  let level = 0;
  let drainedAt = portal.clock.now();
  const used = new Map<string, Map<number, number>>();

  function admit(): void {
    if (portal.limits === 'off') return;
    const { perSecond, burst } = PLANS[portal.settings.plan];
    const now = portal.clock.now();
    level = Math.max(0, level - ((now - drainedAt) / 1000) * perSecond);
    drainedAt = now;
    // A refused request does not fill the bucket further.
    if (level + 1 > burst) throw new RestError(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
    level += 1;
  }

  /** Drops slices older than ten minutes. */
  function slicesOf(method: string, credential: string): Map<number, number> {
    const oldest = Math.floor(portal.clock.now() / SLICE_MS) - SLICES + 1;
    const key = `${credential} ${method}`;
    const slices = used.get(key) ?? new Map<number, number>();
    for (const slice of slices.keys()) if (slice < oldest) slices.delete(slice);
    used.set(key, slices);
    return slices;
  }

  function sum(slices: ReadonlyMap<number, number>): number {
    let total = 0;
    for (const seconds of slices.values()) total += seconds;
    return total;
  }

  function checkOperating(method: string, credential: string): void {
    if (portal.limits === 'off' || FREE.has(method)) return;
    if (sum(slicesOf(method, credential)) <= portal.settings.operatingLimit) return;
    throw new RestError(429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.');
  }

  function costOf(method: string): number {
    const costs = portal.settings.operatingSeconds;
    return costs[method] ?? costs['*'] ?? 0;
  }

  function charge(method: string, credential: string) {
    if (portal.limits === 'off') return null;
    const slices = slicesOf(method, credential);
    const cost = costOf(method);
    const slice = Math.floor(portal.clock.now() / SLICE_MS);
    if (cost >= COUNTED_FROM_S && !FREE.has(method)) slices.set(slice, (slices.get(slice) ?? 0) + cost);
    const first = slices.keys().next().value ?? slice;
    const operating = Math.round(sum(slices) * 1e6) / 1e6;
    return { operating, operating_reset_at: ((first + SLICES) * SLICE_MS) / 1000 };
  }

  return { admit, checkOperating, charge, costOf };
}
