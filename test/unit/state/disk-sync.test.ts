import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { createDiskSync } from '../../../src/state/disk-sync.ts';
import { openSqlite } from '../../../src/state/sqlite.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { issue, marked, NOW } from '../../support/store-samples.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();

it('waits once for all who ask while an earlier wait is under way, and again for who comes later', async () => {
  const path = join(newFolder(), 'log');
  writeFileSync(path, 'something');
  const disk = createDiskSync(path);
  const first = disk.settled();
  await Promise.resolve();
  const [second, third] = [disk.settled(), disk.settled()];
  // What they wrote may have come too late for the first.
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  await Promise.all([first, second]);
  expect(disk.settled()).not.toBe(second);
  await disk.close();
});

it('says that the disk refuses, and asks it anew the next time', async () => {
  const path = join(newFolder(), 'log');
  const disk = createDiskSync(path);
  await expect(disk.settled()).rejects.toThrow(UnavailableError);
  writeFileSync(path, 'there now');
  await disk.settled();
  await disk.close();
});

it('a delivery is answered when the disk has it, and others are worked on meanwhile', async () => {
  const path = join(newFolder(), 'state.db');
  const store = openSqliteStore(path, { besides: true });
  const answers = await Promise.all([
    store.acceptDelivery('d-1', [marked(issue('1'))], NOW),
    store.acceptDelivery('d-2', [marked(issue('2'))], NOW),
    store.acceptDelivery('d-1', [marked(issue('1'))], NOW),
  ]);
  expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, true]);
  let answered = false;
  const late = store.acceptDelivery('d-3', [marked(issue('3'))], NOW).then(() => {
    answered = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  // Committed, so that work can begin; not promised to the sender yet.
  expect(await store.dirtyRow(issue('3'))).not.toBeNull();
  expect(answered).toBe(false);
  await late;
  await store.close();
});

it('a delivery that the disk does not take is refused', async () => {
  const folder = newFolder();
  const path = join(folder, 'state.db');
  const store = openSqliteStore(path, { besides: true });
  rmSync(`${path}-wal`);
  const refused = store.acceptDelivery('d-1', [], NOW);
  await expect(refused).rejects.toMatchObject({ ambiguous: false, message: expect.stringContaining('state.db-wal') });
  await store.close();
});

it('work that can be done again does not wait for the disk; everything else does', () => {
  const sqlite = openSqlite(join(newFolder(), 'state.db'));
  const waits = () => sqlite.get<{ synchronous: number }>('PRAGMA synchronous')?.synchronous;
  const [NORMAL, FULL] = [1, 2];
  expect(waits()).toBe(FULL);
  expect(sqlite.write(waits, 'soon')).toBe(NORMAL);
  expect(sqlite.write(waits)).toBe(FULL);
  expect(sqlite.write(waits, 'soon')).toBe(NORMAL);
  sqlite.close();
});
