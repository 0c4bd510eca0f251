import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { NewerStateError, type SyncError, UnavailableError } from '../../../src/errors.ts';
import { MIGRATIONS, migrate } from '../../../src/state/migrations/migrate.ts';
import { openSqlite } from '../../../src/state/sqlite.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();

it('refuses a newer schema with the way out and leaves the file as it is', () => {
  const path = join(newFolder(), 'state.db');
  const newer = new DatabaseSync(path);
  newer.exec('PRAGMA user_version = 999');
  newer.close();
  let refusal: unknown;
  try {
    openSqliteStore(path);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(NewerStateError);
  expect((refusal as SyncError).message).toContain('schema 999');
  expect((refusal as SyncError).cure).toContain('newer version');
  const after = new DatabaseSync(path);
  expect({ ...after.prepare('PRAGMA user_version').get() }).toEqual({ user_version: 999 });
  expect(after.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n).toBe(0);
  after.close();
});

it('applies only what is new, in order', () => {
  const db = openSqlite(':memory:');
  migrate(db, ':memory:', ['CREATE TABLE one (a INTEGER)']);
  migrate(db, ':memory:', ['this was applied before', 'ALTER TABLE one ADD b TEXT', 'UPDATE one SET b = 1']);
  expect(db.version()).toBe(3);
  expect(db.all('SELECT a, b FROM one')).toEqual([]);
  db.close();
});

it('applies all or nothing', () => {
  const db = openSqlite(':memory:');
  expect(() => migrate(db, ':memory:', ['CREATE TABLE one (a INTEGER)', 'CREATE TABLE nonsense'])).toThrow();
  expect(db.version()).toBe(0);
  expect(db.all('SELECT name FROM sqlite_schema')).toEqual([]);
  db.close();
});

it('opens a state again without changing it', async () => {
  const path = join(newFolder(), 'state.db');
  await openSqliteStore(path).close();
  const store = openSqliteStore(path);
  await store.note('a', 1);
  expect(await store.notes()).toEqual({ a: 1 });
  await store.close();
  const db = openSqlite(path);
  expect(db.version()).toBe(MIGRATIONS.length);
  expect(db.get<{ journal_mode: string }>('PRAGMA journal_mode')?.journal_mode).toBe('wal');
  expect(db.get<{ synchronous: number }>('PRAGMA synchronous')?.synchronous).toBe(2);
  db.close();
});

it('says what to do about a file that is no database', () => {
  const path = join(newFolder(), 'state.db');
  writeFileSync(path, 'Договор поставки насосов\n'.repeat(100));
  let refusal: unknown;
  try {
    openSqliteStore(path);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(UnavailableError);
  expect((refusal as UnavailableError).cure).toContain('another one');
});
