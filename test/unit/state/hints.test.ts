import { expect, it } from 'vitest';
import { createConfinement } from '../../../src/state/bounds.ts';
import { hintVerbs } from '../../../src/state/hints.ts';
import { migrate } from '../../../src/state/migrations/migrate.ts';
import { openSqlite, sqliteDatabase } from '../../../src/state/sqlite.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { HOUR, issue, marked, NOW } from '../../support/store-samples.ts';

it('commits deliveries that came before the deferred moment together, each with its own answer', async () => {
  const flushes: (() => void)[] = [];
  const store = openSqliteStore(':memory:', { defer: (flush) => flushes.push(flush) });
  const answers = ['d-1', 'd-2', 'd-1'].map((id) => store.acceptDelivery(id, [marked(issue('1'))], NOW));
  expect(flushes).toHaveLength(1);
  expect(await store.dirtyRow(issue('1'))).toBeNull();
  flushes[0]?.();
  expect(await Promise.all(answers)).toEqual([{ duplicate: false }, { duplicate: false }, { duplicate: true }]);
  expect((await store.dirtyRow(issue('1')))?.generation).toBe(2);

  const next = store.acceptDelivery('d-3', [], NOW);
  expect(flushes).toHaveLength(2);
  flushes[1]?.();
  expect(await next).toEqual({ duplicate: false });
  await store.close();
});

it('answers no delivery that is not stored', async () => {
  const store = openSqliteStore(':memory:');
  const answer = store.acceptDelivery('d-1', [marked(issue('1'))], NOW);
  await store.close();
  await expect(answer).rejects.toThrow();
});

it('throws old delivery ids away', async () => {
  const db = openSqlite(':memory:');
  migrate(db, ':memory:');
  const verbs = hintVerbs(sqliteDatabase(db), createConfinement(), queueMicrotask);
  const stored = () => db.all<{ id: string }>('SELECT id FROM delivery ORDER BY id').map((row) => row.id);
  await verbs.acceptDelivery('d-1', [], NOW);
  await verbs.acceptDelivery('d-2', [], NOW + 24 * HOUR);
  expect(stored()).toEqual(['d-1', 'd-2']);
  await verbs.acceptDelivery('d-3', [], NOW + 49 * HOUR);
  expect(stored()).toEqual(['d-2', 'd-3']);
  db.close();
});
