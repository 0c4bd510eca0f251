// A state as another one, whatever each of them is made of: one moment of the source, all or nothing in the target.
import { isShared, stateFile, stateIsThere } from '../open-store.ts';
import { openSqlite } from '../sqlite.ts';
import { type CopiedTable, copyRows } from './copy-rows.ts';
import type { End, Role } from './end.ts';
import { sqliteEnd } from './sqlite-end.ts';

export type Copied = { readonly tables: readonly CopiedTable[]; readonly rows: number };

/** Answers what was copied and read back as it was. */
export async function copyState(from: string, to: string, baseDir: string): Promise<Copied> {
  const source = await openEnd(from, baseDir, 'source');
  try {
    const target = await openEnd(to, baseDir, 'target');
    try {
      const tables = await copyRows(source, target);
      await target.finish();
      return { tables, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
    } catch (error) {
      await target.drop().catch(() => {});
      throw error;
    }
  } finally {
    await source.drop().catch(() => {});
  }
}

/** For a run that must not touch the state: a file of its own; nothing where there is no state yet. */
export async function copyToFile(location: string, baseDir: string, file: string): Promise<void> {
  if (!(await stateIsThere(location, baseDir))) return;
  if (isShared(location)) {
    await copyState(location, `sqlite:${file}`, baseDir);
    return;
  }
  const sqlite = openSqlite(stateFile(location, baseDir) ?? ':memory:');
  try {
    sqlite.all('VACUUM INTO ?', file);
  } finally {
    sqlite.close();
  }
}

async function openEnd(location: string, baseDir: string, role: Role): Promise<End> {
  const path = stateFile(location, baseDir);
  if (path !== null) return sqliteEnd(path, role);
  const { postgresEnd } = await import('./postgres-end.ts');
  return postgresEnd(location, role);
}
