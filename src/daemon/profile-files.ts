// The profile files on the disk: which there are, what they hold, and whether they have to be loaded again.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { AuthError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { LoadResult, ProfileSource } from './live-profiles.ts';

/** Fields and options are renamed without telling us: both schemas are looked at again this often. */
const REFRESH_SCHEMA_MS = 10 * 60_000;
const RETRY_LOAD_MS = 15_000;
/** A credential that was refused is not tried more often: vendors lock accounts. */
const RETRY_REFUSED_MS = 5 * 60_000;

/** All profile files that the configuration names, in a stable order. */
export async function readProfiles(config: Config, configDir: string): Promise<ProfileSource[]> {
  const files: string[] = [];
  for await (const file of glob(config.profiles, { cwd: configDir })) files.push(resolve(configDir, file));
  return files.sort().map(readProfile);
}

/** Named as a person would type it. */
export function readProfile(path: string): ProfileSource {
  const file = relative(process.cwd(), resolve(path));
  try {
    return { file, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { file, text: '', unreadable: readFailure(error) };
  }
}

export function readFailure(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'ENOENT') return 'there is no such file';
  return error instanceof Error ? error.message : String(error);
}

export type ProfileWatch = {
  loaded(sources: readonly ProfileSource[], result: LoadResult): void;
  /** The files changed, a connection may answer again, or the schemas may have changed; `paused`: one is known to be away. */
  isDue(sources: readonly ProfileSource[], paused: boolean): boolean;
};

export function createProfileWatch(clock: Clock): ProfileWatch {
  let text = '';
  let next = 0;
  return {
    loaded(sources, { unreachable }) {
      text = JSON.stringify(sources);
      const retry = unreachable instanceof AuthError ? RETRY_REFUSED_MS : RETRY_LOAD_MS;
      next = clock.now() + (unreachable === null ? REFRESH_SCHEMA_MS : retry);
    },
    isDue: (sources, paused) =>
      JSON.stringify(sources) !== text || clock.now() >= next + (paused ? REFRESH_SCHEMA_MS : 0),
  };
}
