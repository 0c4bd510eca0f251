// When a full reconciliation is due by its cron expression. Only the time is computed here; the run is a timer row.
import { Cron } from 'croner';
import { SyncError } from '../errors.ts';

const CURE =
  'Write five cron fields, `0 3 * * *` for every night at three, and an IANA time zone such as Europe/Berlin.';

/** The first run after `after` (epoch ms, exclusive), by the wall clock of `zone`. */
export function nextFullRun(cron: string, zone: string, after: number): number {
  let next: Date | null;
  try {
    // Without a function croner arms no timer; it only computes.
    next = new Cron(cron, { timezone: zone }).nextRun(new Date(after));
  } catch (error) {
    throw new SyncError(`the schedule "${cron}" in zone "${zone}" cannot be read`, CURE, error);
  }
  if (!next) throw new SyncError(`the schedule "${cron}" has no run after ${new Date(after).toISOString()}`, CURE);
  return next.getTime();
}
