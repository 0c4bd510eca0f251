// States in the shared PostgreSQL: a schema for each test file, emptied for each case. That is much cheaper than a new
// schema, and as empty.
import { Client } from 'pg';
import { afterAll, inject } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import type { Store } from '../../src/state/store.ts';

export type PostgresState = {
  readonly url: string;
  /** Asks the database itself, in the schema of this state. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Nothing is in it; its schema may not be there yet. */
  empty(): Promise<void>;
  /** Empty, and opened. */
  open(): Promise<Store>;
};

let schemas = 0;

/** Call it where `afterAll` may be called: the schema goes with the file. */
export function postgresState(server: () => string | null = () => inject('postgresUrl')): PostgresState {
  schemas += 1;
  const schema = `test_${process.pid}_${schemas}`;
  const state = postgresStateAt(server, schema);
  afterAll(async () => {
    await state.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });
  return state;
}

export function postgresStateAt(server: () => string | null, schema: string): PostgresState {
  async function query(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: server() ?? '', options: `-c search_path=${schema}` });
    await client.connect();
    try {
      return (await client.query({ text, values: [...values] })).rows;
    } finally {
      await client.end();
    }
  }

  const urlOf = () => `${server()}?schema=${schema}`;

  async function empty(): Promise<void> {
    const tables = await query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'schema_version'`,
      [schema],
    );
    if (tables.length > 0) await query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} RESTART IDENTITY`);
  }

  return {
    get url() {
      return urlOf();
    },
    query,
    empty,
    async open() {
      await empty();
      return openPostgresStore(urlOf(), { clock: systemClock });
    },
  };
}
