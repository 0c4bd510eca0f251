// node:sqlite as the store needs it: pragmas, cached statements, transactions, errors as classes.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SyncError, UnavailableError } from '../errors.ts';
import type { Database } from './database.ts';
import { createDiskSync } from './disk-sync.ts';
import { createGroupCommit, type Defer } from './group-commit.ts';
import type { Param, Sql, Statement } from './sql.ts';

export type Sqlite = {
  all<R>(sql: string, ...params: Param[]): R[];
  get<R>(sql: string, ...params: Param[]): R | undefined;
  run(sql: string, ...params: Param[]): number;
  exec(sql: string): void;
  version(): number;
  /** `soon`: does not wait for the disk. */
  write<T>(work: () => T, when?: 'durable' | 'soon'): T;
  read<T>(work: () => T): T;
  /** Runs a verb's statements to their end at once. */
  drive<T>(sql: Sql<T>): T;
  close(): void;
};

/** The planner looks at the value of a bare `LIMIT ?`, so that each new binding has the whole statement prepared anew. */
const LIMIT = 'LIMIT +?';

const SIZE = 'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()';

export type SqliteHow = {
  /** The write-ahead log, to wait for the disk beside other work; null: whoever writes durably waits for it on the spot. */
  readonly logFile: string | null;
  /** When writes that need not wait for the disk are committed together; absent: each at once. */
  readonly defer?: Defer;
};

/** The state in this file for the verbs. What is not deferred has happened when the promise is handed out. */
export function sqliteDatabase(sqlite: Sqlite, how: SqliteHow = { logFile: null }): Database {
  const disk = how.logFile === null ? null : createDiskSync(how.logFile);
  const soon = createGroupCommit(
    (works) => sqlite.write(() => works.map((work) => sqlite.drive(work())), 'soon'),
    how.defer,
  );
  const write = async <T>(work: () => Sql<T>) => {
    soon.flush();
    return sqlite.write(() => sqlite.drive(work()));
  };
  return {
    write,
    writeSoon: soon.write,
    async writeBeside(work) {
      if (disk === null) return write(work);
      const result = await soon.write(work);
      await disk.settled();
      return result;
    },
    read: async (work) => sqlite.read(() => sqlite.drive(work())),
    look: async (work) => sqlite.drive(work()),
    async faults() {
      const rows = sqlite.all<{ quick_check: string }>('PRAGMA quick_check(5)');
      return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
    },
    size: async () => sqlite.get<{ bytes: number }>(SIZE)?.bytes ?? 0,
    async close() {
      soon.flush();
      if (disk !== null) await disk.close();
      sqlite.close();
    },
  };
}

/** `path` may be ':memory:'. */
export function openSqlite(path: string): Sqlite {
  const db = connect(path);
  const statements = new Map<string, StatementSync>();
  let waits = true;

  function prepared(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql.replaceAll('LIMIT ?', LIMIT));
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

  /** Whether a commit waits until the disk has it (https://sqlite.org/pragma.html#pragma_synchronous). */
  function waitForDisk(wanted: boolean): void {
    if (waits === wanted || path === ':memory:') return;
    db.exec(`PRAGMA synchronous = ${wanted ? 'FULL' : 'NORMAL'}`);
    waits = wanted;
  }

  function answer(statement: Statement): unknown {
    if (statement.kind === 'together') return statement.parts.map(answer);
    try {
      const cached = prepared(statement.text);
      if (statement.kind === 'each') return statement.params.map((params) => Number(cached.run(...params).changes));
      if (statement.kind === 'gets') return statement.params.map((params) => cached.get(...params));
      if (statement.kind === 'send') {
        for (const params of statement.params) cached.run(...params);
        return undefined;
      }
      if (statement.kind === 'all') return cached.all(...statement.params);
      if (statement.kind === 'get') return cached.get(...statement.params);
      const { changes, lastInsertRowid } = cached.run(...statement.params);
      if (statement.kind === 'run') return Number(changes);
      // Much cheaper than RETURNING.
      return changes === 0 ? null : Number(lastInsertRowid);
    } catch (error) {
      throw asSyncError(error, path);
    }
  }

  function drive<T>(sql: Sql<T>): T {
    let step = sql.next();
    while (!step.done) {
      let answered: unknown;
      try {
        answered = answer(step.value);
      } catch (error) {
        step = sql.throw(error);
        continue;
      }
      step = sql.next(answered);
    }
    return step.value;
  }

  return {
    all: <R>(text: string, ...params: Param[]) => answer({ kind: 'all', text, params }) as R[],
    get: <R>(text: string, ...params: Param[]) => answer({ kind: 'get', text, params }) as R | undefined,
    run: (text, ...params) => answer({ kind: 'run', text, params }) as number,
    exec: (sql) => db.exec(sql),
    drive,
    version: () => (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version,
    write: (work, when = 'durable') => {
      waitForDisk(when === 'durable');
      return transaction('BEGIN IMMEDIATE', work);
    },
    read: (work) => transaction('BEGIN', work),
    close: () => db.close(),
  };
}

/**
 * Of 4 KB each. SQLite's own 1,000 are full several times a second under load, and each checkpoint waits for the disk twice,
 * where everybody waits with it.
 */
const CHECKPOINT_PAGES = 8_000;

function connect(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: 5000 });
    // FULL: a commit is on the disk when it answers, which is what a 2xx to a webhook promises.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
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
