import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { seededBugs } from './test/seeded-bugs/plugin.ts';
import { LongestFirst } from './test/support/longest-first.ts';
import { filesThatCannotRun, MATRIX, NEED_SERVERS } from './test/support/matrix.ts';

const sharedServers = { globalSetup: ['test/support/shared-servers.ts'] };
const withoutServers = filesThatCannotRun();
/** nock changes the sockets of its whole process; the other two search for half a minute each. */
const APART = 'transport|held-writes|two-processes';
/** Simulated days: some hold the core that the real processes leave idle, the others come last, as many as the time allows. */
const BESIDE = 'test/simulation/thin-1.test.ts';
const DAYS = 'test/simulation/{thin,full}-*.test.ts';
/** The run for the daily loop leaves them out; what the command line excludes does not reach the projects. */
const SEARCHES = process.env.TEST_FAST === 'yes' ? ['test/{simulation,fuzz,security,faults,branches}/**'] : [];

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    // Else one core of two would wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A test that hangs has to end; how fast one is, the machine decides.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { TZ: 'UTC' },
    // What was found stands in the message: of a run far away often only that is kept.
    chaiConfig: { truncateThreshold: 1_500 },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'in process',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...['test/{integration,scenario,seeded-bugs}/**', `test/unit/**/!(${APART}).test.ts`],
            ...NEED_SERVERS,
            ...SEARCHES,
            DAYS,
          ],
          sequence: { groupOrder: 0 },
        },
      },
      // They keep what they know to themselves: one process runs many of one kind, which spares each its start.
      {
        extends: true,
        test: {
          name: 'units',
          include: ['test/unit/**/*.test.ts'],
          exclude: [`test/unit/**/@(${APART}).test.ts`, ...NEED_SERVERS],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'scenarios',
          include: ['test/scenario/**/*.test.ts'],
          exclude: [...NEED_SERVERS],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        plugins: [seededBugs()],
        test: { name: 'seeded bugs', include: ['test/seeded-bugs/**/*.test.ts'], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          ...sharedServers,
          name: 'with servers',
          include: [...NEED_SERVERS],
          exclude: ['test/integration/**', ...withoutServers],
          sequence: { groupOrder: 1 },
        },
      },
      // The promises to the user again, on every other combination of state and queue that ops can run.
      ...MATRIX.map(({ name, env }) => ({
        extends: true as const,
        test: {
          ...sharedServers,
          name,
          env: { ...env },
          include: ['test/scenario/**/*.test.ts'],
          // What needs servers anyway is not repeated either.
          exclude: [...NEED_SERVERS],
          isolate: false,
          testTimeout: 900_000,
          sequence: { groupOrder: 3 },
        },
      })),
      {
        extends: true,
        // Real daemons on real sockets need a core for themselves: one file at a time, as long as the days take the other.
        test: {
          name: 'real processes',
          globalSetup: ['test/support/shared-build.ts'],
          include: ['test/integration/**/*.test.ts'],
          exclude: withoutServers,
          maxWorkers: 2,
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'days beside', include: [BESIDE], maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: { name: 'days', include: [DAYS], exclude: [BESIDE], sequence: { groupOrder: 4 } },
      },
    ],
  },
});
