import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../../src/state/migrations/migrate.ts';
import { PROFILE_TABLES } from '../../../src/state/profile-rows.ts';

it('renames and forgets the rows of a profile in every table that has them', () => {
  const db = new DatabaseSync(':memory:');
  for (const sql of MIGRATIONS) db.exec(sql);
  const tables = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all() as { name: string }[];
  const withProfile = tables.filter(({ name }) => {
    const columns = db.prepare(`SELECT name FROM pragma_table_info('${name}')`).all() as { name: string }[];
    return columns.some((column) => column.name === 'profile');
  });
  db.close();
  expect([...PROFILE_TABLES].sort()).toEqual(withProfile.map(({ name }) => name).sort());
});
