import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SyncError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { POSTGRES, postgresAddress } from './postgres/address.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite-store.ts';
import type { Store } from './store.ts';

const SQLITE = 'sqlite:';

/** Several processes may work on it: leases say who does what. */
export function isShared(location: string): boolean {
  return POSTGRES.test(location);
}

/**
 * The file of `sqlite:data/state.db`, against `baseDir` when relative. `sqlite::memory:` is kept nowhere. Null: the state
 * is in a database server.
 */
export function stateFile(location: string, baseDir: string): string | null {
  if (isShared(location)) return null;
  const path = location.startsWith(SQLITE) ? location.slice(SQLITE.length).trim() : '';
  if (path === '') {
    // Without what stands after the scheme: there may be a password in it.
    throw new SyncError(
      `The state starts with \`${location.split(':', 1)[0]}\`, which is no kind of state`,
      'Write `state: sqlite:` and the path of a file, for example `sqlite:data/state.db`, or `postgres://…`.',
    );
  }
  return path === ':memory:' ? path : resolve(baseDir, path);
}

/** False: no daemon has begun one yet; nothing is made. */
export async function stateIsThere(location: string, baseDir: string): Promise<boolean> {
  const path = stateFile(location, baseDir);
  if (path !== null) return existsSync(path);
  const { postgresIsThere } = await import('./postgres/open-postgres.ts');
  return postgresIsThere(location);
}

/** Without user and password. */
export function shownState(location: string, baseDir: string): string {
  return stateFile(location, baseDir) ?? postgresAddress(location).shown;
}

/** Opens the state that a configuration names; its folder or schema is made where it is missing. */
export async function openStore(
  location: string,
  baseDir: string,
  options: { readonly clock: Clock } & SqliteOptions,
): Promise<Store> {
  const path = stateFile(location, baseDir);
  if (path === null) {
    // Only who has such a state loads what speaks to it.
    const { openPostgresStore } = await import('./postgres-store.ts');
    return openPostgresStore(location, options);
  }
  openStateFolder(path);
  return openSqliteStore(path, options);
}

export function openStateFolder(path: string): void {
  if (path === ':memory:') return;
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cure = 'Make it by hand, writable for the user that runs the daemon, or name another place in `state`.';
    throw new SyncError(`The folder ${folder} of the state cannot be made: ${reason}`, cure, error);
  }
}
