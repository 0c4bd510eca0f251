import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A consistent copy of a state in a folder of its own, also while a daemon works on it; empty where there is none yet. */
export function copyState(statePath: string): { readonly path: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-'));
  const path = join(folder, 'state.db');
  if (existsSync(statePath)) {
    const db = new DatabaseSync(statePath, { readOnly: true });
    try {
      db.prepare('VACUUM INTO ?').run(path);
    } finally {
      db.close();
    }
  }
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
