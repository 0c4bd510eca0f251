// The two ends of a copy: each one transaction, so that what is read is one moment and what is written is all or nothing.
import { existsSync } from 'node:fs';
import { SyncError } from '../../errors.ts';
import { migrate } from '../migrations/migrate.ts';
import { openStateFolder, stateFile } from '../open-store.ts';
import { get, run, type Sql } from '../sql.ts';
import { openSqlite } from '../sqlite.ts';

export type End = {
  drive<T>(sql: Sql<T>): Promise<T>;
  /** The highest id that a table has ever given. */
  highestId(table: string): Sql<number>;
  /** Ids that are given from now on are higher. */
  raiseIds(table: string, to: number): Sql<void>;
  /** Ends the transaction and lets go. */
  finish(): Promise<void>;
  /** Nothing was written. */
  drop(): Promise<void>;
};

export type Role = 'source' | 'target';

export async function openEnd(location: string, baseDir: string, role: Role): Promise<End> {
  const path = stateFile(location, baseDir);
  if (path !== null) return sqliteEnd(path, role);
  const { postgresEnd } = await import('./postgres-end.ts');
  return postgresEnd(location, role);
}

function sqliteEnd(path: string, role: Role): End {
  if (role === 'source' && !existsSync(path)) throw nothingThere(path);
  if (role === 'target') openStateFolder(path);
  const sqlite = openSqlite(path);
  try {
    migrate(sqlite, path);
    sqlite.exec(role === 'source' ? 'BEGIN' : 'BEGIN IMMEDIATE');
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return {
    drive: async (sql) => sqlite.drive(sql),
    *highestId(table) {
      // Only tables that keep count of what they gave stand there; for the others what is there is what counts.
      const counted = yield* get<{ seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?', table);
      const there = yield* get<{ id: number | null }>(`SELECT max(id) AS id FROM ${table}`);
      return Math.max(counted?.seq ?? 0, there?.id ?? 0);
    },
    *raiseIds(table, to) {
      const changed = yield* run('UPDATE sqlite_sequence SET seq = ? WHERE name = ?', to, table);
      if (changed === 0) yield* run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', table, to);
    },
    async finish() {
      sqlite.exec('COMMIT');
      sqlite.close();
    },
    async drop() {
      sqlite.exec('ROLLBACK');
      sqlite.close();
    },
  };
}

export function nothingThere(shown: string): SyncError {
  return new SyncError(`There is no state ${shown}`, 'Name the one that the daemon worked on.');
}
