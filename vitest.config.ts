import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { seededBugs } from './test/seeded-bugs/plugin.ts';
import { filesThatCannotRun, MATRIX, NEED_SERVERS, NOT_REPEATED } from './test/support/matrix.ts';

const sharedServers = { globalSetup: ['test/support/shared-servers.ts'] };
const withoutServers = filesThatCannotRun();

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    // Else one core of two would wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A test that hangs has to end; how fast one is, the machine decides.
    testTimeout: 120_000,
    env: { TZ: 'UTC' },
    projects: [
      {
        extends: true,
        test: {
          name: 'in process',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/seeded-bugs/**', ...NEED_SERVERS],
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
      ...MATRIX.map(({ name, env, include }, at) => ({
        extends: true as const,
        test: {
          ...sharedServers,
          name,
          env: { ...env },
          include,
          exclude: NOT_REPEATED,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 + at },
        },
      })),
      {
        extends: true,
        // Real daemons on real sockets need the machine for themselves: after the others, and one file at a time.
        test: {
          name: 'real processes',
          include: ['test/integration/**/*.test.ts'],
          exclude: withoutServers,
          fileParallelism: false,
          testTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
