// node:sqlite as the store needs it: pragmas, cached statements, transactions, errors as classes.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SyncError, UnavailableError } from '../errors.ts';

type Param = SQLInputValue;

export type Database = {
  all<R>(sql: string, ...params: Param[]): R[];
  get<R>(sql: string, ...params: Param[]): R | undefined;
  /** Row by row; the same statement must not be used again before the loop has ended. */
  each<R>(sql: string, ...params: Param[]): Iterable<R>;
  /** Answers how many rows changed. */
  run(sql: string, ...params: Param[]): number;
  insert(sql: string, ...params: Param[]): number;
  exec(sql: string): void;
  version(): number;
  write<T>(work: () => T): T;
  read<T>(work: () => T): T;
  close(): void;
};

/** The largest number of rows that one statement may touch; longer work goes in rounds within its transaction. */
export const ROWS_PER_STATEMENT = 5000;

export function openDatabase(path: string): Database {
  const db = connect(path);
  const statements = new Map<string, StatementSync>();

  function prepared(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  function transaction<T>(begin: string, work: () => T): T {
    try {
      prepared(begin).run();
      const result = work();
      prepared('COMMIT').run();
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw asSyncError(error, path);
    }
  }

  function guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asSyncError(error, path);
    }
  }

  return {
    all: <R>(sql: string, ...params: Param[]) => guarded(() => prepared(sql).all(...params) as R[]),
    get: <R>(sql: string, ...params: Param[]) => guarded(() => prepared(sql).get(...params) as R | undefined),
    each: <R>(sql: string, ...params: Param[]) => prepared(sql).iterate(...params) as Iterable<R>,
    run: (sql, ...params) => Number(prepared(sql).run(...params).changes),
    insert: (sql, ...params) => Number(prepared(sql).run(...params).lastInsertRowid),
    exec: (sql) => db.exec(sql),
    version: () => (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version,
    write: (work) => transaction('BEGIN IMMEDIATE', work),
    read: (work) => transaction('BEGIN', work),
    close: () => db.close(),
  };
}

function connect(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: 5000 });
    // FULL: a commit is on the disk when it answers, which is what a 2xx to a webhook promises.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    return db;
  } catch (error) {
    throw asSyncError(error, path);
  }
}

/** SQLite's result codes, https://sqlite.org/rescode.html; the low byte is the primary code. */
const CURES: Readonly<Record<number, string>> = {
  5: 'Another process holds the state for long; look for a backup or a second daemon that uses it.',
  8: 'Make the state file and its folder writable for the user that runs the daemon.',
  10: 'Look at the disk: the system reports an input/output error.',
  11: 'Stop the daemon and restore the state from a backup; without one, move it away and run `resync`.',
  13: 'Free space on the disk that holds the state.',
  14: 'Check that the folder of the state exists and that the user that runs the daemon may open it.',
  26: 'The file is no state of jira-crm-sync; point `state` at another one.',
};

export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

const CONSTRAINT = 19;

/** Constraint errors go on as they are: they are answers to the verb that asked, or a bug. */
function asSyncError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (error instanceof SyncError || code === null || (code & 0xff) === CONSTRAINT) return error;
  const cure = CURES[code & 0xff];
  if (cure === undefined) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UnavailableError(`The state ${path} cannot be used: ${message}`, cure, { ambiguous: false, cause: error });
}
