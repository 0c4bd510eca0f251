import { expect, it } from 'vitest';
import { migrate } from '../../../src/state/migrations/migrate.ts';
import { openSqlite } from '../../../src/state/sqlite.ts';

// A claim must cost what it gives out, not what waits: no scan of the table, no sorting of it.
it('walks the due rows in index order', () => {
  const db = openSqlite(':memory:');
  migrate(db, ':memory:');
  const plan = db.all<{ detail: string }>(
    'EXPLAIN QUERY PLAN SELECT profile, side, id FROM dirty WHERE lane = 0 AND due <= 5 ORDER BY due, since',
  );
  expect(plan.map((step) => step.detail)).toEqual(['SEARCH dirty USING COVERING INDEX dirty_due (lane=? AND due<?)']);
  db.close();
});
