// Commands that change something leave a command row for the engine that runs. Where none runs, this process becomes
// the engine for as long as the command takes; there are never two.
import { startDaemon } from '../daemon.ts';
import { SyncError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { openStore, stateFile } from '../state/open-store.ts';
import { acquireProcessLock } from '../state/process-lock.ts';
import type { CommandKind, CommandRow, Store } from '../state/store.ts';
import type { Setup } from './setup.ts';

const LOOK_AGAIN_MS = 100;

export type Asked = { readonly kind: CommandKind; readonly args: Readonly<Record<string, unknown>> };

export function engineRuns(setup: Setup): boolean {
  const lock = acquireProcessLock(stateFile(setup.config.state, setup.workDir));
  lock?.release();
  return lock === null;
}

export type Ask = (asked: Asked, onProgress?: (result: unknown) => void) => Promise<unknown>;

/** Leaves a command row and waits for what the engine answers; SyncError when the command failed. */
export function asking(store: Store, clock: Clock): Ask {
  return async ({ kind, args }, onProgress) => {
    const id = await store.addCommand(kind, args, clock.now());
    for (;;) {
      const row = await store.command(id);
      if (row?.state === 'done') return row.result;
      if (row?.state === 'failed') throw failureOf(row);
      if (row?.state === 'running') onProgress?.(row.result);
      await clock.sleep(LOOK_AGAIN_MS);
    }
  };
}

/** Calls `use` with the state and with `ask`, whoever the engine is. */
export async function withEngine<T>(setup: Setup, use: (store: Store, ask: Ask) => Promise<T>): Promise<T> {
  const { clock } = setup.ports;
  if (engineRuns(setup)) {
    const store = openStore(setup.config.state, setup.workDir);
    try {
      return await use(store, asking(store, clock));
    } finally {
      await store.close();
    }
  }
  let fatal: unknown = null;
  const daemon = await startDaemon({
    ...setup,
    triggers: false,
    onFatal: (error) => {
      fatal = error;
    },
  });
  try {
    const result = await use(daemon.store, asking(daemon.store, clock));
    if (fatal !== null) throw fatal;
    return result;
  } finally {
    await daemon.stop();
  }
}

function failureOf(row: CommandRow): SyncError {
  const { message, cure } = row.result as { message?: string; cure?: string };
  return new SyncError(message ?? 'the command failed', cure ?? 'Look at the log of the daemon.');
}
