import { existsSync } from 'node:fs';
import { migrate } from '../migrations/migrate.ts';
import { openStateFolder } from '../open-store.ts';
import { get, run } from '../sql.ts';
import { openSqlite } from '../sqlite.ts';
import { type End, nothingThere, type Role } from './end.ts';

export function sqliteEnd(path: string, role: Role): End {
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
