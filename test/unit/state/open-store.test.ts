import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SyncError } from '../../../src/errors.ts';
import { openStore, stateFile } from '../../../src/state/open-store.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();

function refusalOf(work: () => unknown): SyncError {
  try {
    work();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

it('makes the folder of a state that is named relative to the configuration', async () => {
  const folder = newFolder();
  const store = openStore('sqlite:data/state.db', folder);
  await store.note('a', 1);
  await store.close();
  expect(existsSync(join(folder, 'data', 'state.db'))).toBe(true);
});

it('takes absolute paths as they are and memory as memory', async () => {
  expect(stateFile('sqlite:/var/lib/sync/state.db', '/etc/sync')).toBe('/var/lib/sync/state.db');
  expect(stateFile('sqlite::memory:', '/etc/sync')).toBe(':memory:');
  const store = openStore('sqlite::memory:', '/nowhere');
  expect(await store.notes()).toEqual({});
  await store.close();
});

it('answers that PostgreSQL is not in this version, without the password', () => {
  const refusal = refusalOf(() => openStore('postgres://sync:secret@db.nordhafen.example/sync', '/'));
  expect(refusal.message).toContain('not in this version');
  expect(refusal.cure).toContain('sqlite:data/state.db');
  expect(refusal.message + refusal.cure).not.toContain('secret');
});

it('refuses what is no state at all', () => {
  for (const location of ['mysql://root:secret@db/sync', 'data/state.db', 'sqlite:', '']) {
    const refusal = refusalOf(() => stateFile(location, '/'));
    expect(refusal.cure).toContain('sqlite:data/state.db');
    expect(refusal.message).not.toContain('secret');
  }
});

it('says what to do when the folder cannot be made', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'data'), '');
  expect(refusalOf(() => openStore('sqlite:data/state.db', folder)).message).toContain('cannot be made');
});
