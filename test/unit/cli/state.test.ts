import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/cli/output.ts';
import { copy } from '../../../src/cli/state.ts';
import { acquireProcessLock } from '../../../src/state/process-lock.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function stage() {
  const [from, to] = ['from.db', 'to.db'].map((name) => join(newFolder(), name)) as [string, string];
  const store = openSqliteStore(from);
  await store.note('a', 1);
  await store.close();
  const printed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  return { from: `sqlite:${from}`, to: `sqlite:${to}`, files: { from, to }, printed };
}

it('copies and tells how many rows of what', async () => {
  const { from, to, files, printed } = await stage();
  await copy({ from, to });
  const lines = printed.join('').split('\n');
  expect(lines.map((line) => line.trim())).toEqual(
    expect.arrayContaining(['1  note', '0  link', '1  rows copied and read back as they were']),
  );
  const there = openSqliteStore(files.to);
  expect(await there.notes()).toEqual({ a: 1 });
  await there.close();
});

it('refuses while a daemon works on it, unless told to copy that moment; the other must be at rest', async () => {
  const { from, to, files, printed } = await stage();
  const lock = acquireProcessLock(files.from);
  await expect(copy({ from, to })).rejects.toThrow('A daemon works on this state');
  await copy({ from, to, running: true, json: true });
  expect(JSON.parse(printed.join(''))).toMatchObject({ copied: true, rows: 1 });
  await expect(copy({ from: to, to: from, running: true })).rejects.toThrow('A daemon works on this state');
  lock?.release();
  // What was taken for the copy is given back.
  const again = acquireProcessLock(files.to);
  expect(again).not.toBeNull();
  again?.release();
});

it('takes a state from a variable', async () => {
  const { from, to, printed } = await stage();
  vi.stubEnv('NEW_STATE', to);
  await copy({ from, to: `\${NEW_STATE}`, json: true });
  expect(JSON.parse(printed.join(''))).toMatchObject({ rows: 1 });
  await expect(copy({ from, to: `\${NOT_THERE}` })).rejects.toBeInstanceOf(UsageError);
  await expect(copy({ from, to: from })).rejects.toBeInstanceOf(UsageError);
});
