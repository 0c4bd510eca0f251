// What becomes of the work after an error, by class. The one layer that retries.
import {
  AuthError,
  BadResponseError,
  BusyError,
  ConfigError,
  HaltError,
  MappingError,
  RateLimitedError,
  RejectedError,
  StaleError,
  SyncError,
  UnavailableError,
} from '../errors.ts';
import type { Random } from '../ports.ts';
import type { Disposition } from '../sync/context.ts';

export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 15 * 60_000;
const SOON_MS = 500;
/** Who has the record may wait for an answer of its product: looking again costs reads. */
const BUSY_MOST_MS = 10_000;
/** How often a paused connection is probed for dead credentials. */
export const AUTH_PROBE_MS = 5 * 60_000;

/** 5 s, 10 s, 20 s … 15 min, each ±25 %. */
export function backOff(attempt: number, random: Random): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1), LONGEST_DELAY_MS);
  return Math.round(delay * (0.75 + random.next() / 2));
}

/** `waitedMs`: since the record was marked. */
export function disposeOf(error: unknown, attempts: number, now: number, random: Random, waitedMs = 0): Disposition {
  const retry = (inMs: number, counted: boolean, reason: string): Disposition => ({
    kind: 'retry',
    retry: { due: now + inMs, counted, reason },
  });
  if (error instanceof AuthError) return retry(AUTH_PROBE_MS, false, error.message);
  if (error instanceof RateLimitedError) return retry(Math.max(0, error.retryAt - now), false, error.message);
  if (error instanceof BusyError) {
    const least = Math.min(BUSY_MOST_MS, Math.max(SOON_MS, waitedMs / 2));
    return retry(least + random.next() * SOON_MS, false, error.message);
  }
  if (error instanceof HaltError) return retry(AUTH_PROBE_MS, false, error.message);
  // A proxy cuts an answer short as it breaks a connection off: only one that lasts is worth a person's time.
  if (error instanceof StaleError || error instanceof UnavailableError || error instanceof BadResponseError) {
    if (attempts >= MAX_ATTEMPTS) {
      const reason = `${attempts} attempts failed; the last: ${error.message}`;
      if (error instanceof BadResponseError) {
        return park('BadResponseError', reason + placeIn(error), `${error.cure} Then run: parked retry`);
      }
      return park('gave-up', reason, 'See why the product does not do it; when that is put right, run: parked retry');
    }
    const delay = error instanceof StaleError ? SOON_MS * attempts : backOff(attempts, random);
    return retry(delay, true, error.message);
  }
  if (error instanceof RejectedError || error instanceof MappingError) {
    return park(error.name, error.message, error.cure);
  }
  if (error instanceof ConfigError || error instanceof SyncError) return park(error.name, error.message, error.cure);
  const message = error instanceof Error ? error.message : String(error);
  return park('bug', `an error of no known kind: ${message}`, 'This is a bug: please report it with the log around it');
}

/** Where in the answer it could not be read, and what stands there. */
function placeIn({ path, excerpt }: BadResponseError): string {
  const place = [path, excerpt].filter((part) => part !== '').join(': ');
  return place === '' ? '' : ` (${place})`;
}

function park(word: string, reason: string, cure: string): Disposition {
  return { kind: 'park', word, reason, cure };
}
