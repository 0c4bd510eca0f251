// One Redis and one PostgreSQL for all test files of a project: `inject('redisUrl')`, `inject('postgresUrl')`. Files take a
// key prefix or a schema of their own. Null where the program is not installed; files that need it are left out then.
import type { TestProject } from 'vitest/node';
import { postgresPrograms, redisProgram, startPostgres, startRedis, type TestServer } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string | null;
    postgresUrl: string | null;
    /** Where its socket is. */
    postgresFolder: string | null;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis: TestServer | null = redisProgram() === null ? null : await startRedis();
  const postgres: TestServer | null = postgresPrograms() === null ? null : await startPostgres();
  project.provide('redisUrl', redis?.url ?? null);
  project.provide('postgresUrl', postgres?.url ?? null);
  project.provide('postgresFolder', postgres?.folder ?? null);
  return async () => {
    await redis?.stop();
    await postgres?.stop();
  };
}
