// Whether some process works on the state: a state in a file has a lock, a shared one a table of members.
import { SILENT_MS } from '../state/lease-table.ts';
import { stateFile } from '../state/open-store.ts';
import { acquireProcessLock } from '../state/process-lock.ts';
import type { Store } from '../state/store.ts';
import type { Setup } from './setup.ts';

export async function engineRuns({ config, workDir, ports }: Setup, store: Store): Promise<boolean> {
  const path = stateFile(config.state, workDir);
  if (path !== null) return isLocked(path);
  const { members } = await store.leaseTable();
  return members.some(({ at }) => Math.abs(ports.clock.now() - at) < SILENT_MS);
}

export function isLocked(path: string): boolean {
  const lock = acquireProcessLock(path);
  lock?.release();
  return lock === null;
}
