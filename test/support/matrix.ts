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
};

const ALL = ['test/scenario/**/*.test.ts'];
const everyOne = process.env.TEST_MATRIX === 'all';

/** Of every run: all but those that play days or hundreds of records, which take minutes each where a verb is a round trip. */
const ON_BOTH = [
  ...['admin-errors', 'audit', 'canaries', 'crash', 'creates', 'deletion', 'deletion-crash', 'different-fields'],
  ...['first-start', 'flip-flop', 'forgotten', 'lost-and-doubled', 'lost-partner', 'made-by-hand', 'merged-and-cloned'],
  ...['offline-queue', 'one-bad-field', 'ops-can-see', 'outage', 'overwritten', 'profile-edit', 'profile-life'],
  ...['quick-edit', 'read-back', 'registrations', 'same-field', 'sync-when', 'undo', 'unproven-mark'],
];
/** Where a state may be lost, mended, or changed by hand. */
const ON_STATE = ['crash', 'forgotten', 'merged-and-cloned', 'same-field'];
/** Times, outages, bursts. */
const ON_QUEUE = ['creates', 'lost-and-doubled', 'offline-queue', 'outage', 'quick-edit'];

function scenarios(names: readonly string[]): string[] {
  return everyOne ? ALL : names.map((name) => `test/scenario/${name}.test.ts`);
}

/**
 * On what else the scenarios run; SQLite with the queue in the process needs no server. `npm test` repeats those that take
 * seconds with both servers at once, and with one alone those that are about it; `npm test -- --matrix` and the nightly run
 * repeat all on every combination. A single file is run without any.
 */
const COMBINATIONS: readonly Combination[] = [
  { name: 'scenarios on PostgreSQL', env: { STATE: 'postgres' }, include: scenarios(ON_STATE) },
  { name: 'scenarios over Redis', env: { QUEUE: 'redis' }, include: scenarios(ON_QUEUE) },
  {
    name: 'scenarios on PostgreSQL over Redis',
    env: { STATE: 'postgres', QUEUE: 'redis' },
    include: scenarios(ON_BOTH),
  },
];

export const MATRIX = COMBINATIONS.filter(({ env }) => {
  if ((env.STATE && !hasPostgres) || (env.QUEUE && !hasRedis)) return false;
  return everyOne || process.env.TEST_MATRIX === 'both';
});

/**
 * Requests counted to the last one: which asks share a batch is a matter of microseconds, which a server between them moves.
 * What needs servers anyway is not repeated either.
 */
export const NOT_REPEATED: string[] = [
  ...['request-counts', 'initial-load'].map((name) => `test/scenario/${name}.test.ts`),
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
