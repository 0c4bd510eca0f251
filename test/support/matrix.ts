// What the servers on this machine allow to be tested, and what is left out without them, in words.
import { postgresPrograms, redisProgram } from './servers.ts';

const hasRedis = redisProgram() !== null;
const hasPostgres = postgresPrograms() !== null;

const ON_REDIS = 'test/**/*.redis.*test.ts';
const ON_POSTGRES = 'test/**/*.postgres.*test.ts';

/** Files say in their names what they need: `leases.postgres.test.ts`, `three-daemons.postgres.redis.test.ts`. */
export const NEED_SERVERS: readonly string[] = [ON_REDIS, ON_POSTGRES];

type Combination = { readonly name: string; readonly env: { readonly STATE?: 'postgres'; readonly QUEUE?: 'redis' } };

const COMBINATIONS: readonly Combination[] = [
  { name: 'scenarios on PostgreSQL', env: { STATE: 'postgres' } },
  { name: 'scenarios over Redis', env: { QUEUE: 'redis' } },
  { name: 'scenarios on PostgreSQL over Redis', env: { STATE: 'postgres', QUEUE: 'redis' } },
];

/**
 * On what else the scenarios run; SQLite with the queue in the process needs no server. `npm test` repeats some with both
 * servers at once, `npm test -- --matrix` all on every combination; a single file is run without any.
 */
export const MATRIX = COMBINATIONS.filter(({ env }) => {
  if ((env.STATE && !hasPostgres) || (env.QUEUE && !hasRedis)) return false;
  if (process.env.TEST_MATRIX === 'all') return true;
  return process.env.TEST_MATRIX === 'both' && env.STATE !== undefined && env.QUEUE !== undefined;
});

/** Which scenarios: those that take seconds there; all of them on every combination. */
export const REPEATED: string[] =
  process.env.TEST_MATRIX === 'all'
    ? ['test/scenario/**/*.test.ts']
    : ['admin-errors', 'deletion', 'merged-and-cloned', 'profile-life', 'same-field'].map(
        (name) => `test/scenario/${name}.test.ts`,
      );

/**
 * Requests counted to the last one: which asks share a batch is a matter of microseconds, which a server between them moves.
 * What needs servers anyway, and the long tables of faults and secrets, are not repeated either.
 */
export const COUNTED: string[] = [
  ...['request-counts', 'initial-load', 'ops-can-see', 'canaries'].map((name) => `test/scenario/${name}.test.ts`),
  'test/scenario/**/*.{redis,postgres}.*test.ts',
];

/** Those that cannot run here. */
export function filesThatCannotRun(): string[] {
  return [...(hasRedis ? [] : [ON_REDIS]), ...(hasPostgres ? [] : [ON_POSTGRES])];
}

/** One line for whoever reads the result; null when nothing is left out. */
export function leftOut(redis = hasRedis, postgres = hasPostgres): string | null {
  const missing = [...(redis ? [] : ['redis-server']), ...(postgres ? [] : ['postgresql'])];
  if (missing.length === 0) return null;
  return `Left out: the tests on ${missing.join(' and ')}, which this machine has not (apt-get install ${missing.join(' ')}).`;
}
