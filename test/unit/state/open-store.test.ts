import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SyncError } from '../../../src/errors.ts';
import { systemClock } from '../../../src/ports.ts';
import { openStore, stateFile } from '../../../src/state/open-store.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();
const open = (location: string, folder: string) => openStore(location, folder, { clock: systemClock });

async function refusalOf(work: () => unknown): Promise<SyncError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

it('makes the folder of a state that is named relative to the configuration', async () => {
  const folder = newFolder();
  const store = await open('sqlite:data/state.db', folder);
  await store.note('a', 1);
  await store.close();
  expect(existsSync(join(folder, 'data', 'state.db'))).toBe(true);
});

it('takes absolute paths as they are and memory as memory', async () => {
  expect(stateFile('sqlite:/var/lib/sync/state.db', '/etc/sync')).toBe('/var/lib/sync/state.db');
  expect(stateFile('sqlite::memory:', '/etc/sync')).toBe(':memory:');
  expect(stateFile('postgres://db.nordhafen.example/sync', '/etc/sync')).toBeNull();
  const store = await open('sqlite::memory:', '/nowhere');
  expect(await store.notes()).toEqual({});
  await store.close();
});

it('refuses what is no state at all', async () => {
  for (const location of ['mysql://root:secret@db/sync', 'data/state.db', 'sqlite:', '']) {
    const refusal = await refusalOf(() => stateFile(location, '/'));
    expect(refusal.cure).toContain('sqlite:data/state.db');
    expect(refusal.message).not.toContain('secret');
  }
});

it('says what to do when the folder cannot be made', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'data'), '');
  expect((await refusalOf(() => open('sqlite:data/state.db', folder))).message).toContain('cannot be made');
});

it('says that a database server does not answer, without the password', async () => {
  const refusal = await refusalOf(() => open('postgres://sync:secret@127.0.0.1:1/sync', '/'));
  expect(refusal.message).toMatch(/postgres:\/\/127\.0\.0\.1:1\/sync.*ECONNREFUSED/);
  expect(refusal.cure).toContain('Start the database server');
  expect(JSON.stringify(refusal) + refusal.message + refusal.cure + refusal.stack).not.toContain('secret');
});
