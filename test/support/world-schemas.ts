// States of worlds in the PostgreSQL that the files share. A new schema with new connections takes longer than most
// scenarios: a process keeps what it has made for as long as it lives, lends it to one world at a time and empties it for
// the next, of whichever file.
import { Pool } from 'pg';
import { inject } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import type { Database } from '../../src/state/database.ts';
import { openPostgres } from '../../src/state/postgres/open-postgres.ts';
import type { Store } from '../../src/state/store.ts';
import { storeOn } from '../../src/state/store-on.ts';

export type WorldSchema = {
  readonly name: string;
  /** As another process would: nothing is left of the last store but what it has written. */
  open(): Promise<Store>;
  empty(): Promise<void>;
  /** For the next world. */
  giveBack(): void;
};

const free: WorldSchema[] = [];
let made = 0;
let admin: Pool | null = null;

export async function ask(text: string, params: readonly string[] = []): Promise<Record<string, unknown>[]> {
  admin ??= adminPool();
  return (await admin.query({ text, values: [...params] })).rows;
}

function adminPool(): Pool {
  const pool = new Pool({ connectionString: inject('postgresUrl') ?? '', max: 1 });
  // The server may end before this process does.
  pool.on('error', () => {});
  return pool;
}

export async function borrowSchema(): Promise<WorldSchema> {
  const schema = free.pop() ?? (await newSchema());
  await schema.empty();
  return schema;
}

/** Processes that one place of the workers is given to after each other use the same schemas. */
async function newSchema(): Promise<WorldSchema> {
  const name = `world_${process.env.VITEST_POOL_ID ?? process.pid}_${made}`;
  const database = await openPostgres(
    `${inject('postgresUrl')}?schema=${name}&host=${inject('postgresFolder')}`,
    systemClock,
  );
  made += 1;
  const schema: WorldSchema = {
    name,
    open: async () => storeOn(untilClosed(database), queueMicrotask),
    empty: () => empty(name),
    giveBack: () => free.push(schema),
  };
  return schema;
}

async function empty(schema: string): Promise<void> {
  const tables = await ask(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'schema_version'`,
    [schema],
  );
  const used = tables.map(({ name }) => `SELECT '${name}' AS name WHERE EXISTS (SELECT 1 FROM ${schema}.${name})`);
  const rows = await ask(used.join(' UNION ALL '));
  const full = rows.map(({ name }) => `${schema}.${name}`);
  if (full.length > 0) await ask(`TRUNCATE ${full.join(', ')} RESTART IDENTITY CASCADE`);
}

/** The part of one store: what is left of a life that was killed reaches nothing once its store is closed. */
function untilClosed(database: Database): Database {
  const running = new Set<Promise<unknown>>();
  let closed = false;
  async function during<T>(ask: () => Promise<T>): Promise<T> {
    if (closed) throw new Error('the state is closed');
    const work = ask();
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }
  return {
    write: (work) => during(() => database.write(work)),
    writeBeside: (work) => during(() => database.writeBeside(work)),
    writeSoon: (work) => during(() => database.writeSoon(work)),
    read: (work) => during(() => database.read(work)),
    look: (work) => during(() => database.look(work)),
    faults: database.faults,
    size: database.size,
    async close() {
      closed = true;
      await Promise.allSettled(running);
    },
  };
}
