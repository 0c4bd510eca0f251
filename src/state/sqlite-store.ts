// The store of one process on one machine. Verbs answer promises but run to their end at once: between two verbs of one
// caller nothing else of this process gets in.
import type { Defer } from './group-commit.ts';
import { migrate } from './migrations/migrate.ts';
import { openSqlite, sqliteDatabase } from './sqlite.ts';
import type { Store } from './store.ts';
import { storeOn } from './store-on.ts';

export type SqliteOptions = {
  /**
   * When deliveries that came together are committed together, and what else need not wait for the disk. Default:
   * deliveries at the end of the running task, all else at once.
   */
  readonly defer?: Defer;
  /** Deliveries wait for the disk beside other work; default: everybody waits with them. */
  readonly besides?: boolean;
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
  const logFile = options.besides && path !== ':memory:' ? `${path}-wal` : null;
  const { defer } = options;
  return storeOn(sqliteDatabase(sqlite, { logFile, ...(defer ? { defer } : {}) }), defer ?? queueMicrotask);
}
