// Commands that change something leave a command row for the engine that runs. Where none runs, this process becomes
// the engine for as long as the command takes; there are never two.
import { SyncError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { openStore } from '../state/open-store.ts';
import type { CommandKind, CommandRow, Store } from '../state/store.ts';
import { ABANDONED } from '../work/abandoned.ts';
import { engineRuns } from './engine-runs.ts';
import { UNEXPECTED } from './output.ts';
import type { Setup } from './setup.ts';
import { tellEngine } from './tell-engine.ts';
import { untilStopped } from './until-stopped.ts';

const LOOK_AGAIN_MS = 50;
const LOOK_FOR_ENGINE_MS = 1_000;
/** Twice what another process needs to take over from one that died. */
const TAKEN_WITHIN_MS = 60_000;

export type Asked = { readonly kind: CommandKind; readonly args: Readonly<Record<string, unknown>> };

export type Ask = (asked: Asked, onProgress?: (result: unknown) => void) => Promise<unknown>;

/**
 * Leaves a command row and waits for what the engine answers; SyncError when the command failed. `engineGone` is looked
 * at every second: why nobody will answer any more, or null. `call`: tells the engine that there is something.
 */
export function asking(
  store: Store,
  clock: Clock,
  engineGone: () => Promise<SyncError | null>,
  call: () => Promise<void> = async () => {},
): Ask {
  return async ({ kind, args }, onProgress) => {
    const id = await store.addCommand(kind, args, clock.now());
    await call();
    const askedAt = clock.now();
    let lookedAt = askedAt;
    for (;;) {
      const row = await store.command(id);
      if (row?.state === 'done') return row.result;
      if (row?.state === 'failed') throw failureOf(row);
      if (row?.state === 'running') onProgress?.(row.result);
      else if (clock.now() - askedAt >= TAKEN_WITHIN_MS) return giveUp(store, id, untaken());
      if (clock.now() - lookedAt >= LOOK_FOR_ENGINE_MS) {
        lookedAt = clock.now();
        const gone = await engineGone();
        if (gone !== null) return giveUp(store, id, gone);
      }
      await clock.sleep(LOOK_AGAIN_MS);
    }
  };
}

/** Each process takes commands of the profiles that it works for. */
function untaken(): SyncError {
  const cure = 'jira-crm-sync status shows who works for what; the log of the daemon says why a profile is not loaded.';
  return new SyncError('A daemon runs, but none has taken the command within a minute', cure);
}

/** Nobody carries it out later, when the person may have run it again. It may have been answered at the last moment. */
async function giveUp(store: Store, id: number, gone: SyncError): Promise<unknown> {
  const row = await store.command(id);
  if (row?.state === 'done') return row.result;
  await store.updateCommand(id, 'failed', { message: gone.message, cure: gone.cure });
  throw gone;
}

/**
 * Calls `use` with the state and with `ask`, whoever the engine is. `staged`: an engine that only runs for this command
 * writes nothing besides what the command is about; the rest waits for the daemon.
 */
export async function withEngine<T>(
  setup: Setup,
  use: (store: Store, ask: Ask) => Promise<T>,
  staged = false,
): Promise<T> {
  const { config, workDir, ports } = setup;
  const store = await openStore(config.state, workDir, ports);
  try {
    if (await engineRuns(setup, store)) return await besideDaemon(setup, store, use);
  } finally {
    await store.close();
  }
  return asEngine(setup, use, staged);
}

async function besideDaemon<T>(setup: Setup, store: Store, use: (store: Store, ask: Ask) => Promise<T>): Promise<T> {
  const gone = async () =>
    (await engineRuns(setup, store))
      ? null
      : new SyncError(ABANDONED.message, 'Run it again; the log of the daemon says why it ended.');
  return use(
    store,
    asking(store, setup.ports.clock, gone, () => tellEngine(setup, store)),
  );
}

async function asEngine<T>(setup: Setup, use: (store: Store, ask: Ask) => Promise<T>, staged: boolean): Promise<T> {
  let fatal: SyncError | null = null;
  const onFatal = (error: unknown) => {
    fatal = asSyncError(error);
  };
  // Beside a daemon it is not needed.
  const { startDaemon } = await import('../daemon.ts');
  const daemon = await startDaemon({ ...setup, triggers: false, staged, onFatal });
  try {
    const work = use(
      daemon.store,
      asking(daemon.store, setup.ports.clock, async () => fatal),
    );
    return await orStopped(work);
  } finally {
    await daemon.stop();
  }
}

/** At a signal the engine of this process ends properly: a create that is cut off would be doubtful. */
export async function orStopped<T>(work: Promise<T>): Promise<T> {
  const stopped = untilStopped().then((): never => {
    throw new SyncError('Stopped before the end', 'What was done is kept; run it again to go on.');
  });
  return Promise.race([work, stopped]);
}

export function asSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  return new SyncError(error instanceof Error ? error.message : String(error), UNEXPECTED, error);
}

function failureOf(row: CommandRow): SyncError {
  const { message, cure } = row.result as { message?: string; cure?: string };
  return new SyncError(message ?? 'The command failed', cure ?? 'Look at the log of the daemon.');
}
