import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../../src/state/database.ts';
import { migrate } from '../../../src/state/migrations/migrate.ts';
import { all, run, type Sql } from '../../../src/state/sql.ts';
import { openSqlite, type Sqlite, sqliteDatabase } from '../../../src/state/sqlite.ts';

let sqlite: Sqlite;
let commits: string[];
let flushes: (() => void)[];
let db: Database;

beforeEach(() => {
  const opened = openSqlite(':memory:');
  migrate(opened, ':memory:');
  commits = [];
  flushes = [];
  sqlite = {
    ...opened,
    write(work, when = 'durable') {
      const answer = opened.write(work, when);
      commits.push(when);
      return answer;
    },
  };
  db = sqliteDatabase(sqlite, { logFile: null, defer: (flush) => void flushes.push(flush) });
});
afterEach(() => db.close());

function flush(): void {
  for (const one of flushes.splice(0)) one();
}

function* note(name: string): Sql<number> {
  return yield* run('INSERT INTO note (name, value) VALUES (?, 1)', name);
}

async function names(): Promise<string[]> {
  const rows = await db.look(() => all<{ name: string }>('SELECT name FROM note ORDER BY name'));
  return rows.map((row) => row.name);
}

it('commits what came together at once, and answers only then', async () => {
  let answered = 0;
  const writes = ['a', 'b', 'c'].map((name) => db.writeSoon(() => note(name)).finally(() => (answered += 1)));
  await Promise.resolve();
  expect({ answered, commits, waiting: flushes.length }).toEqual({ answered: 0, commits: [], waiting: 1 });
  flush();
  expect(await Promise.all(writes)).toEqual([1, 1, 1]);
  expect(commits).toEqual(['soon']);
  expect(await names()).toEqual(['a', 'b', 'c']);
});

it('lets the others of a group stand when one fails', async () => {
  const writes = [db.writeSoon(() => note('a')), db.writeSoon(() => note('a')), db.writeSoon(() => note('b'))];
  flush();
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await names()).toEqual(['a', 'b']);
});

it('writes what waits before a write that must be on the disk, and before the end', async () => {
  const order: string[] = [];
  const first = db.writeSoon(() => note('a')).then(() => order.push('soon'));
  const second = db.write(() => note('b')).then(() => order.push('durable'));
  await Promise.all([first, second]);
  expect(order).toEqual(['soon', 'durable']);
  expect(commits).toEqual(['soon', 'durable']);
  // What was deferred finds nothing left to do.
  flush();
  expect(commits).toEqual(['soon', 'durable']);
  const last = db.writeSoon(() => note('c'));
  await db.close();
  expect(await last).toBe(1);
  db = { ...db, close: async () => {} };
});

it('refuses the whole group when the disk is full', async () => {
  sqlite.exec(`PRAGMA max_page_count = ${sqlite.get<{ page_count: number }>('PRAGMA page_count')?.page_count}`);
  const long = 'x'.repeat(100_000);
  const writes = [db.writeSoon(() => note('a')), db.writeSoon(() => note(long))];
  flush();
  for (const outcome of await Promise.allSettled(writes)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { ambiguous: false } });
  }
  expect(await names()).toEqual([]);
});
