// Where a world keeps its state: SQLite, or with STATE=postgres a schema of its own in the PostgreSQL that the files share.
import { rmSync } from 'node:fs';
import { numbered } from '../../src/state/postgres/dialect.ts';
import { openSqlite } from '../../src/state/sqlite.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { type OutsideWork, trackVerbs } from './outside-work.ts';
import { ask, borrowSchema, type WorldSchema } from './world-schemas.ts';

type Tampering = readonly (readonly [sql: string, ...params: string[]])[];

export type WorldState = {
  open(): Promise<Store>;
  /** Everything is gone when it is opened next. */
  lose(): Promise<void>;
  /** After the last `close`. */
  end(): Promise<void>;
};

/** Of worlds that are under way, by the file that the state would be in. */
const schemas = new Map<string, WorldSchema>();

/** `file`: where it outlives the daemon; left out: it ends with the store. */
export function worldState(file: string | undefined, outside: OutsideWork | null): WorldState {
  if (!onPostgres()) return sqliteState(file);
  let schema: WorldSchema | null = null;
  return {
    async open() {
      schema ??= await borrowSchema();
      if (file !== undefined) schemas.set(file, schema);
      const store = await schema.open();
      return outside === null ? store : trackVerbs(store, outside);
    },
    lose: async () => schema?.empty(),
    async end() {
      schema?.giveBack();
      schema = null;
      if (file !== undefined) schemas.delete(file);
    },
  };
}

/** Changes the state behind the daemon's back, as a mistake or a restored backup would. */
export async function tamperWith(file: string, changes: Tampering): Promise<void> {
  if (onPostgres()) return tamperWithSchema(schemas.get(file), changes);
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

async function tamperWithSchema(schema: WorldSchema | undefined, changes: Tampering): Promise<void> {
  if (schema === undefined) throw new Error('no world has its state there');
  await ask(`SET search_path TO ${schema.name}`);
  for (const [text, ...params] of changes) await ask(numbered(text), params);
}
