import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../../../src/state/migrations/migrate.ts';
import { fromPostgres, numbered, postgresDdl, toPostgres } from '../../../../src/state/postgres/dialect.ts';

it('numbers parameters in their order', () => {
  expect(numbered('SELECT ? WHERE a = ? LIMIT ?')).toBe('SELECT $1 WHERE a = $2 LIMIT $3');
});

it('carries any text, in the same order, without the one character that PostgreSQL refuses', () => {
  const texts = fc.string({ unit: fc.constantFrom('\u0000', '\u0001', '\u0002', 'a', 'я', '😀') });
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [sentA, sentB] = [toPostgres(a), toPostgres(b)] as [string, string];
      expect(sentA).not.toContain('\u0000');
      expect(fromPostgres(sentA)).toBe(a);
      expect(Math.sign(Buffer.compare(Buffer.from(sentA), Buffer.from(sentB)))).toBe(
        Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
    }),
  );
});

it('leaves nothing of SQLite in the schema', () => {
  const ddl = MIGRATIONS.map(postgresDdl).join('\n').replaceAll(/--.*/g, '');
  expect(ddl).not.toMatch(/STRICT|ROWID|AUTOINCREMENT|\bINTEGER\b|TEXT(?! COLLATE "C")/);
  const sqlite = new DatabaseSync(':memory:');
  for (const sql of MIGRATIONS) sqlite.exec(sql);
  const tables = sqlite
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
    .all();
  sqlite.close();
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) expect(ddl).toContain(`CREATE TABLE ${name} (`);
});
