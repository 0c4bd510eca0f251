// What works for the connections of this process: health, sweeps, the dispatcher that brings dirty rows to the path,
// and the commands that other processes left in the store. Which connections these are its leases say.
import type { Connector } from '../connectors/connector.ts';
import { UnavailableError } from '../errors.ts';
import { SIDES } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Claim, RecordKey, Store } from '../state/store.ts';
import type { Meters, SyncContext } from '../sync/context.ts';
import type { Report } from '../sync/report.ts';
import { ABANDONED } from './abandoned.ts';
import { createCarrier } from './carry.ts';
import type { HealthState } from './connection-health.ts';
import { createConnections } from './connections.ts';
import type { Dispatcher, MakeDispatcher } from './dispatcher.ts';
import { createHolds, type Hold } from './holds.ts';
import { createInProcessDispatcher } from './in-process.ts';
import { createPasses } from './passes.ts';
import { createQuotas, type Quotas } from './quotas.ts';
import { createSweeper, type Sweeper } from './sweeper.ts';
import { createTerritory, crmOf, type LeaseOptions, type LeaseState } from './territory.ts';

export type EngineOptions = {
  readonly store: Store;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** The versions that are live now; a piece of work captures one and keeps it. */
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meters: Meters;
  readonly nextRun: (cron: string, zone: string, after: number) => number;
  readonly onReport?: (report: Report) => void;
  readonly onFatal: (error: unknown) => void;
  readonly concurrency?: number;
  /** Works for staged resyncs alone: writes nothing that they do not allow. */
  readonly staged?: boolean;
  /** False where nothing is really written: what would be stopped is to be shown then. */
  readonly brakes?: boolean;
  /** How often to look for what another process left in the store; default half a second. */
  readonly lookAgainMs?: number;
  /** How often to look whether a sweep is due; default five seconds. */
  readonly tickMs?: number;
  /** What brings due rows to the path; default: within this process. */
  readonly makeDispatcher?: MakeDispatcher;
  /** Shares the connections with other processes; absent: all of them are ours. */
  readonly leases?: LeaseOptions;
  /** Before this process works for a connection, with its profiles. */
  readonly onTaken?: (connection: string) => Promise<void>;
};

export type Engine = {
  start(): void;
  /** Takes no new work, lets what runs end. */
  stop(): Promise<void>;
  ring(): void;
  /** One record now, whatever its due time. */
  syncNow(key: RecordKey): Promise<Report>;
  /** A person's word on one record: done at once, with the record held; throws what stands against it. */
  byHand(key: RecordKey, work: (claim: Claim, context: SyncContext) => Promise<Report>): Promise<Report>;
  /** Forgets what is kept in memory of a profile that is not loaded, once nothing works on it any more. */
  leave(profile: string): Promise<void>;
  readonly sweeper: Sweeper;
  readonly quotas: Quotas;
  /** Why a profile may not work now, or null. */
  holding(profile: Profile): Promise<Hold | null>;
  health(): Readonly<Record<string, HealthState>>;
  running(): number;
  readonly queue: Pick<Dispatcher, 'health' | 'outstanding'>;
  /** The store as far as this process works on it. */
  readonly store: Store;
  /** Aborted when this process may not work for the profile any more. */
  signalOf(profile: Profile): AbortSignal;
  /** Does something that is not cut off for the sake of an even share. */
  errand<T>(profile: string, work: () => Promise<T>): Promise<T>;
  /** Whether this process reads the queue of a connection and keeps its registrations. */
  attends(connection: string): boolean;
  leases(): readonly LeaseState[];
};

const CONCURRENCY = 200;
const LOOK_AGAIN_MS = 500;
const TICK_MS = 5_000;
const DRAIN_MS = 12_000;
const CUT_MS = 5_000;
const LEAVE_AGAIN_MS = 20;

export function createEngine(options: EngineOptions): Engine {
  const { clock, random, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const errands = new Map<string, number>();
  const quotas = createQuotas(clock, options.staged ?? false);
  const brakes = options.brakes ?? true;
  let begun: Promise<void> = Promise.resolve();
  let working = false;

  /** A state that several processes share may be away for a while: they wait for it. */
  function onFatal(error: unknown): void {
    const waits = options.leases !== undefined && !options.leases.alone && error instanceof UnavailableError;
    if (!waits) options.onFatal(error);
    else if (!signal.aborted) log.warn('leases cannot be renewed', { error });
  }

  const territory = createTerritory(
    {
      ...options,
      signal,
      onTaken,
      drained,
      onBegin() {
        if (!working) return;
        sweeper.tick().catch(onFatal);
        dispatcher.ring();
      },
      mayGive: (connection) => profilesOn(connection).every((name) => (errands.get(name) ?? 0) === 0),
    },
    options.leases,
  );
  const { store, signalOf } = territory;
  const common = { store, clock, random, log, signal, onFatal, brakes, ring: () => dispatcher.ring() };
  const connections = createConnections({
    ...options,
    ...common,
    tells: (name) => usersOf(name, territory.profiles()).length > 0,
    onUp: (name) => {
      comeBack(name).catch(onFatal);
    },
  });
  const { connectorOf, usable } = connections;
  const holds = createHolds({ ...common, connectorOf });
  const passes = createPasses({
    ...common,
    profiles: options.profiles,
    connectorOf,
    signalOf,
    // Before the first match pass nobody could have told of anything.
    found: (profile, side, count) => {
      if (sweeper.matched(profile)) options.meters.found(profile, side, count);
    },
  });
  const sweeper = createSweeper({
    ...common,
    profiles: territory.profiles,
    passes,
    signalOf,
    usable: async (profile) => (await usable(profile)) && (await holds.holding(profile)) === null,
    nextRun: options.nextRun,
  });
  const carrier = createCarrier({
    ...options,
    ...common,
    connections,
    tenureOf: territory.tenureOf,
    holds,
    passes,
    sweeper,
    quotas,
  });

  const dispatcher = (options.makeDispatcher ?? createInProcessDispatcher)({
    store,
    clock,
    log,
    concurrency: options.concurrency ?? CONCURRENCY,
    lookAgainMs: options.lookAgainMs ?? LOOK_AGAIN_MS,
    connectionOf: (profile) => options.profiles().get(profile)?.sides.crm.scope.connection ?? null,
    work: async (claim) => {
      await carrier.carry(claim);
    },
    onFatal,
  });

  function profilesOn(connection: string): string[] {
    const all = [...options.profiles().values()];
    return all.filter((profile) => crmOf(profile) === connection).map(({ name }) => name);
  }

  function forget(profile: string): void {
    passes.forget(profile);
    sweeper.forget(profile);
    holds.forget(profile);
  }

  /** What the last holder left: creates and commands without an answer. Nothing that we remember from earlier holds. */
  async function onTaken(connection: string): Promise<void> {
    const names = profilesOn(connection);
    for (const name of names) forget(name);
    await options.onTaken?.(connection);
    if (options.leases?.alone) return;
    await tellAnew(connection, names);
    const doubtful = await store.doubtSentIntents(clock.now(), names);
    if (doubtful > 0) log.warn('creates without an answer are left from an earlier run', { count: doubtful });
    const abandoned = await store.failRunningCommands(ABANDONED, names);
    if (abandoned > 0) log.warn('commands were cut off by the end of an earlier run', { count: abandoned });
  }

  /** What the last holder told of its connections and its sight may be over with it. */
  async function tellAnew(crm: string, names: readonly string[]): Promise<void> {
    const health = connections.health();
    const partners = names.map((name) => options.profiles().get(name)?.sides.jira.scope.connection ?? crm);
    for (const connection of new Set([crm, ...partners])) {
      const state = health[connection];
      await store.note(`connection/${connection}`, state?.state === 'paused' ? state : null);
    }
    for (const name of names) await store.note(`sight/${name}`, null);
  }

  async function drained(connection: string): Promise<void> {
    const names = profilesOn(connection);
    while (names.some((name) => carrier.busy(name) > 0 || passes.running(name))) await clock.sleep(LEAVE_AGAIN_MS);
  }

  function usersOf(connection: string, among: ReadonlyMap<string, Profile>): string[] {
    const all = [...among.values()];
    return all
      .filter(({ sides }) => SIDES.some((side) => sides[side].scope.connection === connection))
      .map(({ name }) => name);
  }

  /** The newest first, as many at once as ever: those that waited need no times of their own. */
  async function comeBack(connection: string): Promise<void> {
    if (signal.aborted) return;
    for (const name of usersOf(connection, territory.profiles())) await carrier.ringPaused(name);
    dispatcher.ring();
  }

  function cut(): void {
    stopping.abort(new Error('the daemon stops'));
  }

  async function tickForever(): Promise<void> {
    while (!signal.aborted) {
      // A long pass must not hold up the other profiles' schedule.
      sweeper.tick().catch(onFatal);
      await clock.sleep(options.tickMs ?? TICK_MS, signal);
    }
  }

  function begin(): void {
    working = true;
    dispatcher.start();
    tickForever().catch((error: unknown) => {
      if (!signal.aborted) onFatal(error);
    });
  }

  return {
    start() {
      if (options.leases === undefined) return begin();
      begun = territory.start().then(begin).catch(options.onFatal);
    },
    async stop() {
      await begun;
      // What is under way may end; what waits too long (a limit, a slow vendor) is cut and stays dirty.
      const ended = working ? dispatcher.stop() : Promise.resolve();
      territory.halt();
      const done = new AbortController();
      clock.sleep(DRAIN_MS, done.signal).then(cut, () => {});
      // What has been sent cannot be taken back: a write that is still without an answer is left as a kill would leave it.
      await Promise.race([ended, clock.sleep(DRAIN_MS + CUT_MS, done.signal).catch(() => {})]);
      done.abort();
      cut();
      await territory.stop();
    },
    ring: dispatcher.ring,
    async syncNow(key) {
      const now = clock.now();
      await store.markDirty([{ ...key, lane: 'live', cause: 'command', version: null }], now);
      return carrier.carry(await carrier.claimPatiently(key), true);
    },
    byHand: carrier.byHand,
    async leave(profile) {
      while (carrier.busy(profile) > 0 || passes.running(profile)) await clock.sleep(LEAVE_AGAIN_MS);
      forget(profile);
    },
    sweeper,
    quotas,
    holding: holds.holding,
    health: connections.health,
    running: dispatcher.running,
    queue: dispatcher,
    store,
    signalOf,
    async errand(profile, work) {
      errands.set(profile, (errands.get(profile) ?? 0) + 1);
      try {
        return await work();
      } finally {
        errands.set(profile, (errands.get(profile) ?? 1) - 1);
      }
    },
    attends: territory.attends,
    leases: territory.leases,
  };
}
