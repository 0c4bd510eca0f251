import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** In memory where the system offers that: nobody cuts the power of a test, and waiting for disks is most of its time. */
const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Answers a fresh folder at each call; all of them go after the case. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(ROOT, 'jira-crm-sync-'));
    made.push(folder);
    return folder;
  };
}
