// `state copy`: to another server, to PostgreSQL and back, or a backup of one moment.
import { SyncError } from '../errors.ts';
import { systemClock } from '../ports.ts';
import { copyState } from '../state/copy/copy-state.ts';
import { isWorkedOn } from '../state/copy/worked-on.ts';
import { stateFile } from '../state/open-store.ts';
import { acquireProcessLock, type ProcessLock } from '../state/process-lock.ts';
import { EXIT, print, printJson, UsageError } from './output.ts';

type Flags = { readonly from: string; readonly to: string; readonly running?: boolean; readonly json?: boolean };

export async function copy(flags: Flags): Promise<void> {
  const [from, to] = [locationOf(flags.from), locationOf(flags.to)];
  const folder = process.cwd();
  if (from === to) throw new UsageError('A state cannot be copied into itself', 'Name another one with --to.');
  const locks: ProcessLock[] = [];
  try {
    // Nobody may begin to work on either of them meanwhile, where a lock can keep them from it.
    if (!flags.running) await refuseWhileRunning(from, folder, locks);
    await refuseWhileRunning(to, folder, locks);
    const copied = await copyState(from, to, folder);
    if (flags.json) return printJson({ copied: true, ...copied });
    for (const { table, rows } of copied.tables) print(`${String(rows).padStart(9)}  ${table}`);
    print(`${String(copied.rows).padStart(9)}  rows copied and read back as they were`);
    process.exitCode = EXIT.fine;
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function refuseWhileRunning(location: string, folder: string, locks: ProcessLock[]): Promise<void> {
  const path = stateFile(location, folder);
  const lock = path === null ? null : acquireProcessLock(path);
  if (lock !== null) locks.push(lock);
  const running = path === null ? await isWorkedOn(location, systemClock.now()) : lock === null;
  if (!running) return;
  throw new SyncError(
    'A daemon works on this state',
    'Stop it first, so that nothing it does is missing in the copy. For a backup of this moment add --running.',
  );
}

/** A variable keeps a password out of the list of processes. */
function locationOf(written: string): string {
  const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(written)?.[1];
  if (name === undefined) return written;
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`The environment variable ${name} is not set`, `Set it, for example: export ${name}=…`);
}
