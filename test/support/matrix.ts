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
  readonly include: string[];
  readonly exclude: string[];
};

const ALL = ['test/scenario/**/*.test.ts'];
const everyOne = process.env.TEST_MATRIX === 'all';

/** Sixteen cases that each begin with a company of pairs: a minute of a processor, a third of all that is long. */
const LONGEST = ['vanished'];
/** Where a state may be lost, mended, or changed by hand. */
const ON_STATE = ['crash', 'forgotten', 'merged-and-cloned', 'same-field'];
/** Times, outages, bursts. */
const ON_QUEUE = ['creates', 'lost-and-doubled', 'offline-queue', 'outage', 'quick-edit'];

function scenarios(names: readonly string[]): string[] {
  return names.map((name) => `test/scenario/${name}.test.ts`);
}

function combination(
  name: string,
  env: Combination['env'],
  inEveryRun: Pick<Combination, 'include' | 'exclude'>,
): Combination {
  const { include, exclude } = everyOne ? { include: ALL, exclude: [] } : inEveryRun;
  // What needs servers anyway is not repeated either.
  return { name, env, include, exclude: [...exclude, ...NEED_SERVERS] };
}

/**
 * On what else the scenarios run; SQLite with the queue in the process needs no server. `npm test` repeats all but one with both
 * servers at once, those of hundreds of records with fewer, and with one alone those that are about it; `npm test -- --matrix`
 * and the nightly run repeat them on every combination. A single file is run without any.
 */
const COMBINATIONS: readonly Combination[] = [
  combination(
    'scenarios on PostgreSQL over Redis',
    { STATE: 'postgres', QUEUE: 'redis' },
    { include: ALL, exclude: scenarios(LONGEST) },
  ),
  combination('scenarios on PostgreSQL', { STATE: 'postgres' }, { include: scenarios(ON_STATE), exclude: [] }),
  combination('scenarios over Redis', { QUEUE: 'redis' }, { include: scenarios(ON_QUEUE), exclude: [] }),
];

export const MATRIX = COMBINATIONS.filter(({ env }) => {
  if ((env.STATE && !hasPostgres) || (env.QUEUE && !hasRedis)) return false;
  return everyOne || process.env.TEST_MATRIX === 'both';
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
