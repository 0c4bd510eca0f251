import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { type Copied, copyState } from '../../src/state/copy/copy-state.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import { openSqlite } from '../../src/state/sqlite.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { fillState, NASTY } from '../support/full-state.ts';
import { postgresState } from '../support/postgres-state.ts';
import { deal, issue, marked, NOW, PROFILE, storePair } from '../support/store-samples.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();
const postgres = postgresState();
const PAIRS = 1100;

async function told(store: Store): Promise<unknown> {
  return {
    counts: await store.counts(PROFILE),
    links: await store.links(PROFILE, 0, 5000),
    conflicts: await store.conflicts({}),
    parked: await store.parked({}),
    journal: await store.journal({ limit: 5000 }),
    notes: await store.notes(),
    secret: await store.loadSecret('token'),
    cursor: await store.cursor(`${PROFILE}/jira`),
    row: await store.dirtyRow(issue('waiting')),
    intent: await store.intent('nordhafen:issue-1'),
    apart: await store.isApart(deal(`c${PAIRS - 1}`)),
  };
}

it('is the same on the other side and back, and gives no id twice', async () => {
  const folder = newFolder();
  const [from, back] = ['from.db', 'back.db'].map((name) => join(folder, name)) as [string, string];
  const source = openSqliteStore(from);
  await fillState(source, PAIRS);
  const before = await told(source);
  await source.close();
  await postgres.empty();

  const there = await copyState(`sqlite:${from}`, postgres.url, folder);
  const rowsOf = (copied: Copied, name: string) => copied.tables.find(({ table }) => table === name)?.rows;
  expect(rowsOf(there, 'link')).toBe(PAIRS);
  expect(there.tables.filter(({ rows }) => rows === 0)).toEqual([]);
  const shared = await openPostgresStore(postgres.url, { clock: systemClock });
  expect(await told(shared)).toEqual(before);
  expect((await shared.notes()).a).toEqual({ text: NASTY });
  const next = await storePair(shared, 'new', 'new');
  expect(next.id).toBe(PAIRS + 1);
  await shared.close();

  const again = await copyState(postgres.url, `sqlite:${back}`, folder);
  expect(again.rows).toBe(there.rows + 1);
  const returned = openSqliteStore(back);
  expect(await returned.linkOf(issue('new'))).toEqual(next);
  expect((await storePair(returned, 'newer', 'newer')).id).toBe(PAIRS + 2);
  await returned.close();
});

it('copies no leases: who works on a state is no part of it', async () => {
  const folder = newFolder();
  const source = await postgres.open();
  await source.takeLease('crm', 'process-1', null);
  await source.markDirty([marked(issue('1'))], NOW);
  await source.close();
  await copyState(postgres.url, 'sqlite:copy.db', folder);
  const copy = openSqliteStore(join(folder, 'copy.db'));
  expect((await copy.leaseTable()).leases).toEqual([]);
  expect(await copy.dirtyRow(issue('1'))).not.toBeNull();
  await copy.close();
});

it('refuses a target with something in it, and leaves it as it is', async () => {
  const folder = newFolder();
  const source = openSqliteStore(join(folder, 'from.db'));
  await source.note('a', 1);
  await source.close();
  const target = await postgres.open();
  await target.note('b', 2);
  await expect(copyState('sqlite:from.db', postgres.url, folder)).rejects.toThrow('not empty: there are rows in note');
  expect(await target.notes()).toEqual({ b: 2 });
  await target.close();
});

it('keeps nothing when it fails half-way', async () => {
  const folder = newFolder();
  const file = join(folder, 'from.db');
  const store = openSqliteStore(file);
  await fillState(store, 3);
  await store.close();
  // A row that the target refuses, in a table that comes late.
  const broken = openSqlite(file);
  broken.exec('PRAGMA foreign_keys = OFF');
  broken.run('DELETE FROM link WHERE id = 2');
  broken.close();
  await postgres.empty();
  await expect(copyState('sqlite:from.db', postgres.url, folder)).rejects.toThrow('foreign key');
  const target = await openPostgresStore(postgres.url, { clock: systemClock });
  expect(await target.notes()).toEqual({});
  expect(await target.cursor(`${PROFILE}/jira`)).toBeNull();
  await target.close();
});

it('does not make a state out of a name that is wrong', async () => {
  const folder = newFolder();
  await expect(copyState('sqlite:nowhere.db', 'sqlite:to.db', folder)).rejects.toThrow('There is no state');
  await expect(copyState(`${postgres.url}_missing`, 'sqlite:to.db', folder)).rejects.toThrow('There is no state');
  expect(existsSync(join(folder, 'nowhere.db'))).toBe(false);
});
