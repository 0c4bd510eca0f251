// Where a world keeps its state: SQLite, or with STATE=postgres a schema of its own in the PostgreSQL that the files share.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Client } from 'pg';
import { inject } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import { openSqlite } from '../../src/state/sqlite.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { type OutsideWork, trackVerbs } from './outside-work.ts';

type Tampering = readonly (readonly [sql: string, ...params: string[]])[];

export type WorldState = {
  open(): Promise<Store>;
  /** Everything is gone when it is opened next. */
  lose(): Promise<void>;
  /** After the last `close`. */
  end(): Promise<void>;
};

let worlds = 0;

/** `file`: where it outlives the daemon; left out: it ends with the store. */
export function worldState(file: string | undefined, outside: OutsideWork | null): WorldState {
  if (!onPostgres()) return sqliteState(file);
  worlds += 1;
  const schema = file === undefined ? `world_${process.pid}_${worlds}` : schemaOf(file);
  const drop = () => sql([[`DROP SCHEMA IF EXISTS ${schema} CASCADE`]]);
  return {
    async open() {
      const store = await openPostgresStore(`${inject('postgresUrl')}?schema=${schema}`, { clock: systemClock });
      return outside === null ? store : trackVerbs(store, outside);
    },
    lose: drop,
    end: file === undefined ? drop : async () => {},
  };
}

/** Changes the state behind the daemon's back, as a mistake or a restored backup would. */
export async function tamperWith(file: string, changes: Tampering): Promise<void> {
  if (onPostgres()) return sql([[`SET search_path TO ${schemaOf(file)}`], ...changes]);
  const state = openSqlite(file);
  for (const [text, ...params] of changes) state.run(text, ...params);
  state.close();
}

export function onPostgres(): boolean {
  return process.env.STATE === 'postgres';
}

function sqliteState(file: string | undefined): WorldState {
  return {
    open: async () => openSqliteStore(file ?? ':memory:'),
    async lose() {
      for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    },
    end: async () => {},
  };
}

function schemaOf(file: string): string {
  return `file_${createHash('sha1').update(file).digest('hex')}`;
}

async function sql(statements: Tampering): Promise<void> {
  const client = new Client(inject('postgresUrl') ?? '');
  await client.connect();
  try {
    for (const [text, ...params] of statements) {
      let count = 0;
      const numbered = text.replaceAll('?', () => {
        count += 1;
        return `$${count}`;
      });
      await client.query(numbered, params);
    }
  } finally {
    await client.end();
  }
}
