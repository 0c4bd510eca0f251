// The same scenarios where a state or a queue on servers answers every verb over a socket.
const onServers = process.env.STATE === 'postgres' || process.env.QUEUE === 'redis';

/** Time limit of a test in ms that takes so long at most on a quiet machine: only that a hang ends. */
export function patience(ms: number): number {
  return onServers ? 20 * ms : 8 * ms;
}

const EVERY = 7;

/**
 * The steps 1 to `count` at which a life is cut short: every one of them on SQLite with the queue in the process, where the
 * exhaustive search is at home; every seventh on each of the other combinations, which differ in where they begin.
 */
export function stepsToTry(count: number): number[] {
  const all = Array.from({ length: count }, (_, at) => at + 1);
  if (!onServers) return all;
  const first = (process.env.STATE === 'postgres' ? 2 : 0) + (process.env.QUEUE === 'redis' ? 4 : 0);
  return all.filter((step) => step % EVERY === first % EVERY);
}

/** How many records or edits: a part of them, else a fifth, where each takes longer; never fewer than the case is about. */
export function fewer(count: number, part = 5, least = 1): number {
  return onServers ? Math.max(least, Math.ceil(count / part)) : count;
}
