// One engine per state. The lock is a lock of the operating system on a second file, so that it goes with the process
// however the process ends; a pid in a file would outlive a kill -9.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SyncError } from '../errors.ts';
import { sqliteCode } from './sqlite.ts';

export type ProcessLock = { release(): void };

const BUSY = 5;

/** A handle that nothing refers to would be collected and closed, and the lock with it. */
const held = new Set<DatabaseSync>();

/** `statePath` is the state's file; null when another process (or another holder in this one) has the lock. */
export function acquireProcessLock(statePath: string): ProcessLock | null {
  // A state in memory belongs to whoever opened it.
  if (statePath === ':memory:') return { release() {} };
  const path = `${statePath}.lock`;
  const db = lockFile(path);
  if (db === null) return null;
  held.add(db);
  return {
    release() {
      if (held.delete(db)) db.close();
    },
  };
}

function lockFile(path: string): DatabaseSync | null {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    const code = sqliteCode(error);
    if (code !== null && (code & 0xff) === BUSY) return null;
    const reason = error instanceof Error ? error.message : String(error);
    const cure = 'Make its folder writable for the user that runs the daemon, on a disk that supports file locks.';
    throw new SyncError(`The lock ${path} cannot be taken: ${reason}`, cure, error);
  }
}
