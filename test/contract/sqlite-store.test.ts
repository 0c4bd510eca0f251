import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import { storeSuite } from './store-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-store-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

storeSuite('SQLite in memory', async () => openSqliteStore(':memory:'));

storeSuite('SQLite in a file', async () => {
  files += 1;
  return openSqliteStore(join(folder, `${files}.db`));
});
