// Builds every part from a configuration, starts them, and stops them in reverse order. The only file below `cli` that
// reads files and knows all folders.
import type { Config } from './config.ts';
import type { Connector } from './connectors/connector.ts';
import { type ConnectorDeps, createConnector } from './connectors/create-connector.ts';
import type { ConnectionOptions } from './connectors/registry.ts';
import { assembleEngine } from './daemon/assemble-engine.ts';
import { createDaemonEvents, receiversOf } from './daemon/events.ts';
import { leaseOptions } from './daemon/leases.ts';
import type { LiveProfiles, LoadResult, ProfileSource } from './daemon/live-profiles.ts';
import { noteProfiles, snapshotOf, tidyUp } from './daemon/notes.ts';
import { createProfileWatch, type ProfileWatch, readProfiles } from './daemon/profile-files.ts';
import { openQueue } from './daemon/queue.ts';
import { trimState } from './daemon/trim-state.ts';
import type { Turns } from './daemon/turns.ts';
import { createVault, vaultKey } from './daemon/vault.ts';
import { ConfigError, SyncError } from './errors.ts';
import type { Clock, Log, Random } from './ports.ts';
import { openStore, stateFile } from './state/open-store.ts';
import { acquireProcessLock, type ProcessLock } from './state/process-lock.ts';
import type { Store } from './state/store.ts';
import type { Report } from './sync/report.ts';
import type { Metrics } from './triggers/metrics.ts';
import { type RunningServer, startAdminServer, startWebhookServer } from './triggers/server.ts';
import { createWebhookHandlers } from './triggers/webhooks.ts';
import { createCommands } from './work/commands.ts';
import type { Engine } from './work/engine.ts';
import { readinessOf, readStatus } from './work/status.ts';

export type Ports = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Instead of sockets, for tests: connection name -> axios adapter. */
  readonly adapters?: Readonly<Record<string, NonNullable<ConnectorDeps['adapter']>>>;
};

export type DaemonOptions = {
  readonly config: Config;
  /** The folder of the configuration file: profile patterns are meant from here. */
  readonly configDir: string;
  /** The state's path is meant from here. */
  readonly workDir: string;
  readonly ports: Ports;
  /** Where tokens are kept, if not in the state of `config`: a copy of them would be used up behind the original's back. */
  readonly secretsState?: string;
  /** Profiles instead of the files that `config` names. */
  readonly sources?: () => Promise<readonly ProfileSource[]>;
  /** Wraps each connector, for a run that only notes what it would write. */
  readonly wrap?: (connector: Connector) => Connector;
  /** Of this program, for its figures. */
  readonly version?: string;
  /** Listen for webhooks and watch the profile files; off when a command only borrows the engine. */
  readonly triggers: boolean;
  /** Writes only what a staged resync allows. */
  readonly staged?: boolean;
  readonly onReport?: (report: Report) => void;
  readonly onFatal: (error: unknown) => void;
};

export type Daemon = {
  readonly store: Store;
  readonly engine: Engine;
  readonly profiles: LiveProfiles;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Null without triggers. */
  readonly webhooksUrl: string | null;
  readonly adminUrl: string | null;
  /** Why some profiles are not loaded yet; null when all are. */
  waitsFor(): SyncError | null;
  /** Reads the profile files again; the last good version stays when they have problems. */
  reload(): Promise<LoadResult>;
  stop(): Promise<void>;
};

type Secrets = Pick<Store, 'loadSecret' | 'saveSecret'> & Turns['store'];

const WATCH_FILES_MS = 2_000;
const COMMANDS_MS = 250;
const REGISTRATIONS_MS = 60_000;
const TRIM_MS = 3_600_000;
/** A command that looks whether an engine runs holds the lock for a moment. */
const LOCK_TRIES = 5;
const LOCK_AGAIN_MS = 50;

/** `secrets`: where tokens are kept; without it connections that need them wait. */
export function buildConnectors(config: Config, ports: Ports, secrets: Secrets | null): Map<string, Connector> {
  const connectors = new Map<string, Connector>();
  const { secretsKey } = config;
  const { clock, random } = ports;
  const turns = secrets && { store: secrets, clock, holder: `${process.pid}-${random.hex(4)}` };
  const key = secrets && secretsKey ? vaultKey(secretsKey) : null;
  const vault = secrets && turns && key ? createVault({ store: secrets, key, random, turns }) : null;
  for (const [name, options] of Object.entries(config.connections)) {
    const adapter = ports.adapters?.[name];
    const log = ports.log.child({ connection: name });
    const deps = { connection: name, clock, random, log, secrets: config.secrets, ...(vault ? { vault } : {}) };
    // The configuration was read through the schema of this very type.
    const checked = options as unknown as ConnectionOptions;
    connectors.set(name, createConnector(checked, adapter === undefined ? deps : { ...deps, adapter }));
  }
  return connectors;
}

/** Null: others may work on this state, and leases say who does what. */
async function onlyEngine(path: string | null, clock: Clock): Promise<ProcessLock | null> {
  if (path === null) return null;
  for (let tried = 0; tried < LOCK_TRIES; tried += 1) {
    const lock = acquireProcessLock(path);
    if (lock !== null) return lock;
    await clock.sleep(LOCK_AGAIN_MS);
  }
  throw new SyncError('Another daemon works on this state', 'Stop it first, or look at it: jira-crm-sync status');
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, configDir, workDir, ports } = options;
  const { clock, random, log } = ports;
  const stopping = new AbortController();
  const releases: (() => Promise<void> | void)[] = [];

  async function stop(): Promise<void> {
    stopping.abort(new Error('the daemon stops'));
    for (const release of releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        log.error('not released cleanly', { error });
      }
    }
  }

  try {
    const lock = await onlyEngine(stateFile(config.state, workDir), clock);
    if (lock !== null) releases.push(() => lock.release());
    const store = await openStore(config.state, workDir, { clock, defer: setImmediate, besides: true });
    releases.push(() => store.close());
    const startedAt = clock.now();
    const leases = leaseOptions({ config, random, startedAt, alone: lock !== null, guest: !options.triggers });
    // What one of several left, whoever takes its connections over finds.
    if (lock !== null) await tidyUp({ store, clock, log });

    const connectors = buildConnectors(config, ports, await secretsIn(options, store, releases));
    for (const [name, connector] of connectors) connectors.set(name, options.wrap?.(connector) ?? connector);
    for (const connector of connectors.values()) releases.push(() => connector.close());
    const queue = options.triggers ? await openQueue({ config, store, clock, random, log }) : null;
    if (queue !== null) releases.push(queue.stop);
    const { alone, guest, me } = leases;
    const { engine, profiles, metrics } = assembleEngine({
      store,
      connectors,
      people: config.users,
      clock,
      random,
      log,
      onFatal: options.onFatal,
      staged: options.staged ?? false,
      brakes: options.wrap === undefined,
      leases,
      ...(options.onReport ? { onReport: options.onReport } : {}),
      ...(queue === null ? {} : { makeDispatcher: queue.makeDispatcher }),
    });
    releases.push(() => engine.stop());

    const watch = createProfileWatch(clock);
    let waitsFor: SyncError | null = null;
    const load = async (sources: readonly ProfileSource[]) => {
      const result = await profiles.load(sources);
      watch.loaded(sources, result);
      waitsFor = result.unreachable;
      await noteProfiles(result, { store, profiles, clock, log, metrics, member: alone || guest ? null : me.id });
      // Rows of a profile that was not loaded were put off for long.
      for (const name of result.changed) await store.ringProfile(name, clock.now());
      engine.ring();
      return result;
    };
    const reload = async () => load(await (options.sources?.() ?? readProfiles(config, configDir)));
    const first = await reload();
    if (first.problems.length > 0) throw new ConfigError(first.problems);

    await store.note('engine', { pid: process.pid, startedAt });
    engine.start();
    const parts = { ...options, store, engine, profiles, connectors, metrics, load, watch, stopping: stopping.signal };
    const commands = createCommands({ engine, profiles: profiles.current, clock, log, signal: stopping.signal });
    repeat(parts, COMMANDS_MS, commands.tick);
    queue?.onNews(() => {
      if (stopping.signal.aborted) return;
      commands.tick().catch((error: unknown) => log.error('a regular task failed', { error }));
    });
    const servers = options.triggers ? await startTriggers(parts, releases) : { webhooks: null, admin: null };
    log.info('daemon started', {
      profiles: [...profiles.current().keys()],
      webhooks: servers.webhooks?.url ?? null,
      admin: servers.admin?.url ?? null,
    });
    return {
      store,
      engine,
      profiles,
      connectors,
      webhooksUrl: servers.webhooks?.url ?? null,
      adminUrl: servers.admin?.url ?? null,
      waitsFor: () => waitsFor,
      reload,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function secretsIn(
  { config, secretsState, workDir, ports }: DaemonOptions,
  own: Store,
  releases: (() => Promise<void> | void)[],
): Promise<Secrets> {
  if (secretsState === undefined || config.secretsKey === null) return own;
  const store = await openStore(secretsState, workDir, ports);
  releases.push(() => store.close());
  return store;
}

type Parts = DaemonOptions &
  Pick<Daemon, 'store' | 'engine' | 'profiles' | 'connectors'> & {
    readonly metrics: Metrics;
    readonly load: (sources: readonly ProfileSource[]) => Promise<LoadResult>;
    readonly watch: ProfileWatch;
    readonly stopping: AbortSignal;
  };

/** The two listeners, what products keep for us, and the watch over the profile files. */
async function startTriggers(
  parts: Parts,
  releases: (() => Promise<void> | void)[],
): Promise<{ readonly webhooks: RunningServer | null; readonly admin: RunningServer }> {
  const { config, configDir, store, engine, profiles, connectors, metrics, load } = parts;
  const { clock, log } = parts.ports;
  metrics.collectWith(() => snapshotOf(store, connectors, engine, clock));
  metrics.watchProcess();
  metrics.build(parts.version ?? 'unknown', process.version);
  const loadAgain = async () => load(await readProfiles(config, configDir));
  const events = createDaemonEvents({
    ...parts,
    clock,
    log,
    onHint: engine.ring,
    attends: engine.attends,
    onInstalled: () => {
      loadAgain().catch((error: unknown) => log.error('profiles not reloaded', { error }));
    },
  });
  const handlers = createWebhookHandlers({
    connections: receiversOf(parts),
    profilesFor: profiles.watching,
    store,
    clock,
    log,
    metrics,
    onHint: engine.ring,
    onSignal: events.onSignal,
  });
  const listen = config.server.webhooks?.listen;
  const webhooks = listen === undefined ? null : await startWebhookServer({ listen, handlers });
  // At once: where the second one cannot listen the first must not stay open.
  if (webhooks !== null) releases.push(webhooks.close);
  const admin = await startAdminServer({
    listen: config.server.admin.listen,
    token: config.server.admin.token,
    ready: async () => readinessOf(await readStatus(store)),
    status: () => readStatus(store),
    metrics,
    clock,
    log,
  });
  releases.push(admin.close, events.stop);

  repeat(parts, WATCH_FILES_MS, async () => {
    const sources = await readProfiles(config, configDir);
    const paused = Object.values(engine.health()).some(({ state }) => state === 'paused');
    if (parts.watch.isDue(sources, paused)) await load(sources);
  });
  repeat(parts, REGISTRATIONS_MS, events.tick);
  repeat(parts, TRIM_MS, () => trimState({ store, retention: config.retention, clock, log }));
  events.start();
  return { webhooks, admin };
}

/** Again and again until the daemon stops; one failure does not end it. */
function repeat(parts: Pick<Parts, 'ports' | 'stopping'>, ms: number, work: () => Promise<unknown>): void {
  const { clock, log } = parts.ports;
  const loop = async () => {
    while (!parts.stopping.aborted) {
      await clock.sleep(ms, parts.stopping);
      try {
        await work();
      } catch (error) {
        if (!parts.stopping.aborted) log.error('a regular task failed', { error });
      }
    }
  };
  loop().catch(() => {});
}
