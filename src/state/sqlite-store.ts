// The store of one process on one machine. Verbs answer promises but run to their end at once: between two verbs of one
// caller nothing else of this process gets in.
import type { Defer } from './hints.ts';
import { migrate } from './migrations/migrate.ts';
import { openSqlite, sqliteDatabase } from './sqlite.ts';
import type { Store } from './store.ts';
import { storeOn } from './store-on.ts';

export type SqliteOptions = {
  /** When deliveries that came together are committed together; default: at the end of the running task. */
  readonly defer?: Defer;
};

/** `path` may be ':memory:'. */
export function openSqliteStore(path: string, options: SqliteOptions = {}): Store {
  const sqlite = openSqlite(path);
  try {
    migrate(sqlite, path);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return storeOn(sqliteDatabase(sqlite), options.defer ?? queueMicrotask);
}
