import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SyncError } from '../errors.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite-store.ts';
import type { Store } from './store.ts';

const SQLITE = 'sqlite:';

/** The file of `sqlite:data/state.db`, against `baseDir` when relative. `sqlite::memory:` is kept nowhere. */
export function stateFile(location: string, baseDir: string): string {
  if (/^postgres(ql)?:/i.test(location)) {
    throw new SyncError(
      'PostgreSQL as the state is not in this version',
      'Write `state: sqlite:data/state.db`; one daemon on one machine needs no more.',
    );
  }
  const path = location.startsWith(SQLITE) ? location.slice(SQLITE.length).trim() : '';
  if (path === '') {
    // Without what stands after the scheme: there may be a password in it.
    throw new SyncError(
      `The state starts with \`${location.split(':', 1)[0]}\`, which is no kind of state`,
      'Write `state: sqlite:` and the path of a file, for example `sqlite:data/state.db`.',
    );
  }
  return path === ':memory:' ? path : resolve(baseDir, path);
}

/** Opens the state that a configuration names; its folder is made where it is missing. */
export function openStore(location: string, baseDir: string, options: SqliteOptions = {}): Store {
  const path = stateFile(location, baseDir);
  if (path !== ':memory:') makeFolder(dirname(path));
  return openSqliteStore(path, options);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cure = 'Make it by hand, writable for the user that runs the daemon, or name another place in `state`.';
    throw new SyncError(`The folder ${folder} of the state cannot be made: ${reason}`, cure, error);
  }
}
