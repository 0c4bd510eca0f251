import { afterEach, beforeEach, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { createConfinement } from '../../../src/state/bounds.ts';
import { hintVerbs } from '../../../src/state/hints.ts';
import { migrate } from '../../../src/state/migrations/migrate.ts';
import { openSqlite, type Sqlite, sqliteDatabase } from '../../../src/state/sqlite.ts';
import { issue, marked, NOW } from '../../support/store-samples.ts';

let db: Sqlite;
beforeEach(() => {
  db = openSqlite(':memory:');
  migrate(db, ':memory:');
});
afterEach(() => db.close());

/** SQLite answers as on a full disk once a database may not grow. */
function fillTheDisk(): void {
  db.exec(`PRAGMA max_page_count = ${db.get<{ page_count: number }>('PRAGMA page_count')?.page_count}`);
}

it('acknowledges nothing on a full disk, says so, and goes on when there is space', async () => {
  const hints = hintVerbs(sqliteDatabase(db), createConfinement(), queueMicrotask);
  fillTheDisk();
  const many = Array.from({ length: 2000 }, (_, i) => marked(issue(`issue-${i}`)));
  const answers = await Promise.allSettled([
    hints.acceptDelivery('d-1', many, NOW),
    hints.acceptDelivery('d-2', many, NOW),
  ]);
  for (const answer of answers) {
    expect(answer.status).toBe('rejected');
    if (answer.status !== 'rejected') continue;
    expect(answer.reason).toBeInstanceOf(UnavailableError);
    expect(answer.reason).toMatchObject({ ambiguous: false, cure: 'Free space on the disk that holds the state.' });
  }
  expect(db.get<{ n: number }>('SELECT count(*) AS n FROM dirty')?.n).toBe(0);

  db.exec('PRAGMA max_page_count = 100000');
  expect(await hints.acceptDelivery('d-1', many, NOW)).toEqual({ duplicate: false });
  expect(db.get<{ n: number }>('SELECT count(*) AS n FROM dirty')?.n).toBe(2000);
});

it('rolls back what a failing piece of work wrote', () => {
  expect(() =>
    db.write(() => {
      db.run(`INSERT INTO note (name, value) VALUES ('a', '1')`);
      throw new Error('half-way');
    }),
  ).toThrow('half-way');
  expect(db.all('SELECT * FROM note')).toEqual([]);
  expect(db.write(() => db.run(`INSERT INTO note (name, value) VALUES ('a', '1')`))).toBe(1);
});

it('says what to do when the folder of the state is missing', () => {
  expect(() => openSqlite('/nonexistent-folder/state.db')).toThrow(UnavailableError);
});
