// When a full reconciliation is due by its cron expression. Only the time is computed here; the run is a timer row.
import { Cron } from 'croner';
import { SyncError } from '../errors.ts';

const CURE =
  'Write five cron fields, `0 3 * * *` for every night at three, and an IANA time zone such as Europe/Berlin.';

/** The engine asks every few seconds after the same run; croner walks the calendar for each answer. */
const answers = new Map<string, number>();
const MOST_ANSWERS = 1_000;

/** The first run after `after` (epoch ms, exclusive), by the wall clock of `zone`. */
export function nextFullRun(cron: string, zone: string, after: number): number {
  const question = `${after} ${zone} ${cron}`;
  const known = answers.get(question);
  if (known !== undefined) return known;
  const next = compute(cron, zone, after);
  if (answers.size >= MOST_ANSWERS) answers.clear();
  answers.set(question, next);
  return next;
}

function compute(cron: string, zone: string, after: number): number {
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
