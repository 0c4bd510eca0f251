// States in memory, emptied and used again: to open one, with its schema and its statements, costs as much as hours of a day.
import { tablesOf } from '../../../src/state/copy/tables.ts';
import { migrate } from '../../../src/state/migrations/migrate.ts';
import { openSqlite, type Sqlite, sqliteDatabase } from '../../../src/state/sqlite.ts';
import type { Store } from '../../../src/state/store.ts';
import { storeOn } from '../../../src/state/store-on.ts';

export type State = {
  /** As a life of the daemon opens it. The one before is closed: whoever still writes there is refused. */
  open(): Store;
  /** Nobody needs what is in it. */
  leave(): void;
};

const MEMORY = ':memory:';
const free: Sqlite[] = [];
/** Those that refer to others first. */
const TABLES = tablesOf().names.toReversed();

/** An empty one. */
export function takeState(): State {
  const sqlite = free.pop() ?? made();
  let last: Store | null = null;
  return {
    open() {
      last = storeOn(sqliteDatabase(untilClosed(sqlite)), queueMicrotask);
      return last;
    },
    leave() {
      // Closed when it answers, as all that is in memory.
      void last?.close();
      empty(sqlite);
      free.push(sqlite);
    },
  };
}

function made(): Sqlite {
  const sqlite = openSqlite(MEMORY);
  migrate(sqlite, MEMORY);
  return sqlite;
}

/** Also of what it counted. */
function empty(sqlite: Sqlite): void {
  sqlite.write(() => {
    for (const table of TABLES) sqlite.run(`DELETE FROM ${table}`);
    sqlite.run('DELETE FROM sqlite_sequence');
  });
}

function untilClosed(sqlite: Sqlite): Sqlite {
  let closed = false;
  function mustBeOpen(): void {
    if (closed) throw new Error('this life has closed its state');
  }
  return {
    ...sqlite,
    write(work, when) {
      mustBeOpen();
      return sqlite.write(work, when);
    },
    read(work) {
      mustBeOpen();
      return sqlite.read(work);
    },
    drive(sql) {
      mustBeOpen();
      return sqlite.drive(sql);
    },
    close() {
      closed = true;
    },
  };
}
