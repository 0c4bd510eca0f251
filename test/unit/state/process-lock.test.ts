import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acquireProcessLock } from '../../../src/state/process-lock.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = temporaryFolders();

it('is held by one at a time and free after release', () => {
  const path = join(newFolder(), 'deep', 'state.db');
  const lock = acquireProcessLock(path);
  expect(lock).not.toBeNull();
  expect(acquireProcessLock(path)).toBeNull();
  expect(existsSync(path)).toBe(false);
  lock?.release();
  lock?.release();
  const again = acquireProcessLock(path);
  expect(again).not.toBeNull();
  again?.release();
});

it('tells states apart and asks nothing for one in memory', () => {
  const folder = newFolder();
  const locks = ['a.db', 'b.db'].map((name) => acquireProcessLock(join(folder, name)));
  expect(locks.every((lock) => lock !== null)).toBe(true);
  for (const lock of locks) lock?.release();
  expect(acquireProcessLock(':memory:')).not.toBeNull();
  expect(acquireProcessLock(':memory:')).not.toBeNull();
});

it('says what to do when the lock file cannot be made', () => {
  const folder = newFolder();
  expect(() => acquireProcessLock(join(folder, '\0'))).toThrow(/cannot be taken/);
});

it('is freed by the death of the process that held it', async () => {
  const path = join(newFolder(), 'state.db');
  const child = holdInAnotherProcess(path);
  try {
    await once(child.stdout ?? child, 'data');
    expect(acquireProcessLock(path)).toBeNull();
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  const lock = acquireProcessLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

function holdInAnotherProcess(path: string): ChildProcess {
  const module = new URL('../../../src/state/process-lock.ts', import.meta.url).href;
  const script = `
    const { acquireProcessLock } = await import(${JSON.stringify(module)});
    const lock = acquireProcessLock(${JSON.stringify(path)});
    process.stdout.write(lock === null ? 'refused' : 'held');
    process.stdin.resume();`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  return spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
}
