// What every measurement is given, and what it answers.
import { systemClock } from '../src/ports.ts';
import { openStore } from '../src/state/open-store.ts';
import type { Store } from '../src/state/store.ts';
import {
  type DaemonProcess,
  type Folder,
  type FolderOptions,
  makeFolder,
  type Program,
  startDaemonProcess,
} from './daemon-process.ts';
import type { Figure } from './figures.ts';
import { type Sandbox, startSandboxProcess } from './sandbox-client.ts';
import { seedState } from './seed-state.ts';

export type BenchOptions = {
  readonly program: Program;
  /** Up to a million pairs. */
  readonly scale: boolean;
  /** As long as the budgets ask for, not as long as is enough to see. */
  readonly long: boolean;
  /** How often a quick figure is taken; the median counts. */
  readonly runs: number;
  readonly say: (text: string) => void;
};

export type Measurement = (options: BenchOptions) => Promise<readonly Figure[]>;

export type Office = { readonly sandbox: Sandbox; readonly folder: Folder };

/** A sandbox of so many settled pairs and a folder with the state that says so; both are gone afterwards. */
export async function withPairs<T>(
  pairs: number,
  how: { readonly sandboxLimits: 'real' | 'off' } & Omit<FolderOptions, 'ready'>,
  options: BenchOptions,
  work: (office: Office) => Promise<T>,
): Promise<T> {
  options.say(`${pairs.toLocaleString('en')} pairs are made and linked`);
  const sandbox = await startSandboxProcess(pairs, how.sandboxLimits);
  try {
    const folder = await makeFolder({
      ready: sandbox.ready,
      limits: how.limits,
      ...(how.plan ? { plan: how.plan } : {}),
    });
    try {
      await seedState(folder, pairs);
      return await work({ sandbox, folder });
    } finally {
      folder.remove();
    }
  } finally {
    await sandbox.stop();
  }
}

export async function withDaemon<T>(
  office: Office,
  options: BenchOptions,
  work: (daemon: DaemonProcess) => Promise<T>,
): Promise<T> {
  const daemon = await startDaemonProcess(office.folder, options.program);
  try {
    return await work(daemon);
  } finally {
    await daemon.stop();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The daemon's state, beside it, as a command sees it. */
export async function withState<T>(office: Office, work: (store: Store) => Promise<T>): Promise<T> {
  const { state, path } = office.folder;
  const store = await openStore(`sqlite:${state}`, path, { clock: systemClock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
