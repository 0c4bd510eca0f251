import type { Random } from '../../ports.ts';
import type { Budget } from '../limiter.ts';

const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 30_000;

/** Budgets of this name are of one issue. */
export const PER_ISSUE = 'issue:';

/**
 * Steady rates of Atlassian's page on rate limits, just under them. The size of its buckets is not published; half a
 * second's worth leaves room for requests that catch up with each other on the way.
 */
export function budgetOf(name: string): Budget {
  // 20 writes in 2 s and 100 in 30 s on one issue: 13 + 2 x 2.8 and 13 + 30 x 2.8 stay below both.
  if (name.startsWith(PER_ISSUE)) return { perSecond: 2.8, burst: 13 };
  const perSecond = name.startsWith('PUT ') || name.startsWith('DELETE ') ? 50 : 100;
  return { perSecond: 0.98 * perSecond, burst: perSecond / 2 };
}

/** The hourly points of the whole site or app are spent, not the pace of one endpoint. */
export function isQuota(reason: string): boolean {
  return reason === 'jira-quota-global-based' || reason === 'jira-quota-tenant-based';
}

/**
 * Milliseconds to hold after a 429. `Retry-After` is a floor; without it (gateways leave it out) the documented recipe:
 * 2 s, doubling, at most 30 s, spread by 0.7 to 1.3. A quota without it ends with its reset or the full hour in UTC.
 */
export function holdFor(
  headers: Readonly<Record<string, string>>,
  attempt: number,
  now: number,
  random: Random,
): number {
  const asked = Number(headers['retry-after']) * 1000;
  const told = Number.isFinite(asked) && asked >= 0 ? asked : null;
  if (isQuota(headers['ratelimit-reason'] ?? '')) {
    const reset = Date.parse(headers['x-ratelimit-reset'] ?? '');
    return told ?? (Number.isFinite(reset) && reset > now ? reset - now : 3_600_000 - (now % 3_600_000));
  }
  // The first Retry-After is believed, with a spread upwards so that not everybody comes back at once.
  if (told !== null && attempt === 0) return Math.ceil(told * (1 + 0.3 * random.next()));
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.7 + 0.6 * random.next());
  return Math.ceil(Math.max(told ?? 0, delay));
}
