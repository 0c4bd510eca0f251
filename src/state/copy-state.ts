import { existsSync } from 'node:fs';
import { openSqlite } from './sqlite.ts';

/** A consistent copy of a state, also while a daemon works on it; nothing where there is no state yet. */
export function copyState(statePath: string, copyPath: string): void {
  if (!existsSync(statePath)) return;
  const db = openSqlite(statePath);
  try {
    db.all('VACUUM INTO ?', copyPath);
  } finally {
    db.close();
  }
}
