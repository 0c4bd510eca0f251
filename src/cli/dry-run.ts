// Runs the real engine on a copy of the state with connectors that only note what they would write: what is shown is
// what `run` would do, decided by the same path and not by a second implementation.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProfileSource } from '../daemon/live-profiles.ts';
import { readProfile, readProfiles } from '../daemon/profile-files.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { SyncError } from '../errors.ts';
import { parseProfile } from '../profiles/parse-profile.ts';
import { copyToFile } from '../state/copy/copy-state.ts';
import type { Store } from '../state/store.ts';
import type { Report } from '../sync/report.ts';
import type { ResyncProgress } from '../work/commands.ts';
import { dryConnector, type NotedWrite } from '../work/dry-connector.ts';
import { type Ask, asking, asSyncError, orStopped } from './ask-engine.ts';
import { noSuchProfile } from './find-record.ts';
import { progressLines } from './progress.ts';
import type { Setup } from './setup.ts';

export type DryRun = {
  /** The copy, as it stands after the run so far. */
  readonly store: Store;
  /** The wanted profile, or all of them. */
  readonly names: readonly string[];
  readonly profiles: Daemon['profiles'];
  readonly connectors: Daemon['connectors'];
  readonly writes: readonly NotedWrite[];
  readonly reports: readonly Report[];
  readonly ask: Ask;
  /** Both sides of a profile whole; SyncError when a connection does not work. `force`: also what has not changed. */
  readonly passOver: (profile: string, force: boolean) => Promise<void>;
};

export type DryOptions = {
  readonly wanted: string | undefined;
  readonly quiet: boolean;
  /** A profile file beside the live ones; it takes the place of the one that it has, or had, the name of. */
  readonly draft?: string | undefined;
};

export async function dryRun<T>(setup: Setup, options: DryOptions, use: (run: DryRun) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-'));
  try {
    const copy = join(folder, 'state.db');
    await copyToFile(setup.config.state, setup.workDir, copy);
    return await runOn(copy, setup, options, use);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOn<T>(copy: string, setup: Setup, options: DryOptions, use: (run: DryRun) => Promise<T>): Promise<T> {
  const draft = options.draft === undefined ? null : readProfile(options.draft);
  const writes: NotedWrite[] = [];
  const reports: Report[] = [];
  let fatal: SyncError | null = null;
  const daemon = await startDaemon({
    ...setup,
    config: { ...setup.config, state: `sqlite:${copy}` },
    secretsState: setup.config.state,
    triggers: false,
    ...(draft === null
      ? {}
      : { sources: async () => besideLive(draft, await readProfiles(setup.config, setup.configDir)) }),
    wrap: (connector) => dryConnector(connector, (write) => writes.push(write)),
    onReport: (report) => reports.push(report),
    onFatal: (error) => {
      fatal = asSyncError(error);
    },
  });
  const { store, profiles, connectors, engine } = daemon;
  const { clock } = setup.ports;
  const ask = asking(store, clock, async () => fatal);

  async function passOver(profile: string, force: boolean): Promise<void> {
    const progress = progressLines(clock.now);
    // What waits for a later try is decided now: nothing is really sent.
    await store.ringProfile(profile, clock.now());
    await ask({ kind: 'resync', args: { profile, force, afresh: true } }, (result) => {
      if (!options.quiet) progress(result as ResyncProgress | null);
    });
    for (const [name, health] of Object.entries(engine.health())) {
      if (health.state === 'paused') throw new SyncError(`The connection ${name}: ${health.reason}`, health.cure);
    }
  }

  try {
    const names = chosen(daemon, draft === null ? options.wanted : namesOf(draft)[0]);
    return await orStopped(use({ store, names, profiles, connectors, writes, reports, ask, passOver }));
  } finally {
    await daemon.stop();
  }
}

function besideLive(draft: ProfileSource, live: readonly ProfileSource[]): readonly ProfileSource[] {
  const taken = namesOf(draft);
  return [...live.filter((source) => !taken.includes(namesOf(source)[0] ?? '')), draft];
}

/** Its own name and the one that it had; none where the file says neither. */
function namesOf({ text, file }: ProfileSource): string[] {
  const { draft } = parseProfile(text, file);
  return draft === null ? [] : [draft.name, draft.was ?? []].flat();
}

function chosen(daemon: Daemon, wanted: string | undefined): readonly string[] {
  const names = [...daemon.profiles.current().keys()];
  if (wanted !== undefined && names.includes(wanted)) return [wanted];
  const away = daemon.waitsFor();
  if (away !== null) throw away;
  if (wanted !== undefined) throw noSuchProfile(wanted, names);
  if (names.length > 0) return names;
  throw new SyncError('No profile is loaded', 'See what is missing: jira-crm-sync check');
}
