// What the servers on this machine allow to be tested, and what is left out without them, in words.
import { postgresPrograms, redisProgram } from './servers.ts';

const hasRedis = redisProgram() !== null;
const hasPostgres = postgresPrograms() !== null;

const ON_REDIS = 'test/**/*.redis.*test.ts';
const ON_POSTGRES = 'test/**/*.postgres.*test.ts';

/** Files say in their names what they need: `leases.postgres.test.ts`, `three-daemons.postgres.redis.test.ts`. */
export const NEED_SERVERS: readonly string[] = [ON_REDIS, ON_POSTGRES];

type Combination = {
  readonly name: string;
  readonly env: { readonly STATE?: 'postgres'; readonly QUEUE?: 'redis' };
};

/**
 * On what else the scenarios run, besides SQLite with the queue in the process, which needs no server. A run of all tests
 * repeats every one of them on each, those of hundreds of records with fewer; a single file is run without any.
 */
const COMBINATIONS: readonly Combination[] = [
  { name: 'scenarios on PostgreSQL over Redis', env: { STATE: 'postgres', QUEUE: 'redis' } },
  { name: 'scenarios on PostgreSQL', env: { STATE: 'postgres' } },
  { name: 'scenarios over Redis', env: { QUEUE: 'redis' } },
];

export const MATRIX = COMBINATIONS.filter(({ env }) => {
  if ((env.STATE && !hasPostgres) || (env.QUEUE && !hasRedis)) return false;
  return process.env.TEST_MATRIX === 'yes';
});

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
