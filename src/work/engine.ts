// What works for the connections of this process: health, sweeps, the dispatcher that brings dirty rows to the path,
// and the commands that other processes left in the store.
import type { Connector } from '../connectors/connector.ts';
import { BusyError, SyncError } from '../errors.ts';
import { SIDES } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Claim, RecordKey, Store } from '../state/store.ts';
import type { Disposition, Meters, SyncContext } from '../sync/context.ts';
import { laneOf } from '../sync/load.ts';
import { plainReport, type Report } from '../sync/report.ts';
import { syncRecord } from '../sync/sync-record.ts';
import type { HealthState } from './connection-health.ts';
import { createConnections } from './connections.ts';
import type { Dispatcher, MakeDispatcher } from './dispatcher.ts';
import { disposeOf } from './disposition.ts';
import { createHolds, type Hold } from './holds.ts';
import { createInProcessDispatcher } from './in-process.ts';
import { tellLatency } from './latency.ts';
import { createPasses } from './passes.ts';
import { createQuotas, type Quotas } from './quotas.ts';
import { createSweeper, type Sweeper } from './sweeper.ts';

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
};

const CONCURRENCY = 200;
/** The end of a pause rings; this is for the case that nobody lives to see it. */
const OUTAGE_MS = 15 * 60_000;
const SPREAD_MS = 10_000;
const LOOK_AGAIN_MS = 500;
const TICK_MS = 5_000;
const DRAIN_MS = 15_000;
const CUT_MS = 5_000;
const LEAVE_AGAIN_MS = 20;
/** A record is worked on for seconds. */
const CLAIM_TRIES = 100;
const CLAIM_AGAIN_MS = 100;

export function createEngine(options: EngineOptions): Engine {
  const { store, clock, random, log, meters } = options;
  const stopping = new AbortController();
  const creating = new Set<string>();
  /** How many pieces of work run, per profile. */
  const busy = new Map<string, number>();
  const quotas = createQuotas(clock, options.staged ?? false);
  const connections = createConnections({
    ...options,
    signal: stopping.signal,
    onUp: (name) => {
      comeBack(name).catch(options.onFatal);
    },
  });
  const { connectorOf, tenantOf, usable, paused } = connections;

  const holds = createHolds({
    store,
    clock,
    random,
    log,
    connectorOf,
    ring: () => dispatcher.ring(),
    onFatal: options.onFatal,
    brakes: options.brakes ?? true,
    signal: stopping.signal,
  });

  const passes = createPasses({
    store,
    clock,
    profiles: options.profiles,
    connectorOf,
    ring: () => dispatcher.ring(),
    // Before the first match pass nobody could have told of anything.
    found: (profile, side, count) => {
      if (sweeper.matched(profile)) meters.found(profile, side, count);
    },
    signal: stopping.signal,
  });
  const sweeper = createSweeper({
    store,
    clock,
    log,
    profiles: options.profiles,
    passes,
    usable: async (profile) => (await usable(profile)) && (await holds.holding(profile)) === null,
    nextRun: options.nextRun,
    ring: () => dispatcher.ring(),
    signal: stopping.signal,
  });

  async function work(claim: Claim, asked: boolean): Promise<Report> {
    const profile = options.profiles().get(claim.profile);
    if (profile === undefined) {
      // The links of a removed profile stay; its rows wait for it to come back.
      return postpone(claim, 24 * 3_600_000, 'its profile is not loaded');
    }
    if (claim.link === null && !sweeper.matched(profile.name)) {
      const report = await postpone(claim, 60_000, 'the first match pass of the profile has not ended');
      // It ended while this was put off: the ring that came with it was too early for this row.
      if (sweeper.matched(profile.name)) await store.ringProfile(profile.name, clock.now());
      return report;
    }
    const away = paused(profile);
    if (away !== null && !(await usable(profile))) {
      const report = await postpone(claim, OUTAGE_MS, away.reason);
      if (paused(profile) === null) await ringPaused(profile.name);
      return report;
    }
    const hold = await holds.holding(profile);
    if (hold !== null) return postpone(claim, hold.ms, hold.reason);
    return syncRecord(claim, await contextOf(profile, claim, asked));
  }

  /** The newest first, as many at once as ever: those that waited need no times of their own. */
  async function comeBack(connection: string): Promise<void> {
    if (stopping.signal.aborted) return;
    for (const { name, sides } of options.profiles().values()) {
      if (SIDES.some((side) => sides[side].scope.connection === connection)) await ringPaused(name);
    }
    dispatcher.ring();
  }

  /** Not what is put off for longer: a pause is not why it waits. */
  async function ringPaused(profile: string): Promise<void> {
    await store.ringProfile(profile, clock.now(), clock.now() + OUTAGE_MS + SPREAD_MS);
  }

  /** `asked`: a person named this very record, so that no limit holds it back. */
  async function contextOf(profile: Profile, claim: Claim, asked: boolean): Promise<SyncContext> {
    return {
      profile,
      connectors: { jira: connectorOf(profile, 'jira'), crm: connectorOf(profile, 'crm') },
      tenants: { jira: await tenantOf(profile, 'jira'), crm: await tenantOf(profile, 'crm') },
      store,
      clock,
      random,
      log,
      meters,
      sending: tellLatency(claim, clock, meters),
      seeAllSince: (side, time) => passes.seeAllSince(profile, side, time),
      rebuiltAt: sweeper.rebuiltAt(profile.name),
      creating,
      quota: asked ? null : quotas.of(profile.name, laneOf(claim), recordName(claim)),
      profileNamed: (name) => options.profiles().get(name),
      loseSight: (side, what, why) => holds.loseSight(profile, side, what, why),
      brakes: options.brakes ?? true,
      dispose: (error, attempts) => dispose(error, attempts, profile, claim),
      signal: stopping.signal,
    };
  }

  async function postpone(claim: Claim, ms: number, reason: string): Promise<Report> {
    const now = clock.now();
    // Spread, so that what waited does not come back in one burst.
    const due = now + ms + random.next() * Math.min(ms, SPREAD_MS);
    await store.release(claim, { due, counted: false, reason }, now);
    return plainReport(claim.profile, 'retry', reason, claim.link?.keys ?? {});
  }

  function dispose(error: unknown, attempts: number, profile: Profile, claim: Claim): Disposition {
    if (stopping.signal.aborted) {
      return { kind: 'retry', retry: { due: clock.now(), counted: false, reason: 'the daemon stopped' } };
    }
    const disposition = disposeOf(error, attempts, clock.now(), random);
    const record = claim.link?.keys ?? claim.rows[0]?.id ?? null;
    if (disposition.kind === 'park') {
      const details = disposition.word === 'bug' ? { error } : {};
      log.warn('record parked', { profile: profile.name, record, reason: disposition.reason, ...details });
      return disposition;
    }
    log.debug('record tried again later', { profile: profile.name, record, reason: disposition.retry.reason });
    // While a connection is down its failures are no record's fault.
    if (paused(profile) === null) return disposition;
    const due = Math.min(disposition.retry.due, clock.now() + random.next() * SPREAD_MS);
    return { kind: 'retry', retry: { ...disposition.retry, due, counted: false } };
  }

  async function byHand(
    key: RecordKey,
    work: (claim: Claim, context: SyncContext) => Promise<Report>,
  ): Promise<Report> {
    const profile = options.profiles().get(key.profile);
    if (profile === undefined) throw new SyncError(`no profile "${key.profile}" is loaded`, 'See: status');
    const claim = await claimPatiently(key);
    try {
      const report = await work(claim, await contextOf(profile, claim, true));
      options.onReport?.(report);
      return report;
    } catch (error) {
      // Its rows go on as before.
      await store.release(claim, { due: clock.now(), counted: false, reason: 'a command ended early' }, clock.now());
      throw error;
    } finally {
      dispatcher.ring();
    }
  }

  async function claimPatiently(key: RecordKey): Promise<Claim> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await store.claimRecord(key, clock.now());
      } catch (error) {
        if (!(error instanceof BusyError) || tried >= CLAIM_TRIES) throw error;
        await clock.sleep(CLAIM_AGAIN_MS, stopping.signal);
      }
    }
  }

  /** A claim is settled or released whatever happens: one that is kept would never be worked on again. */
  async function workSafely(claim: Claim, asked = false): Promise<Report> {
    busy.set(claim.profile, (busy.get(claim.profile) ?? 0) + 1);
    try {
      const report = await work(claim, asked);
      options.onReport?.(report);
      return report;
    } catch (error) {
      const disposition = disposeOf(error, 1, clock.now(), random);
      const reason = error instanceof Error ? error.message : String(error);
      if (!stopping.signal.aborted) log.warn('work postponed', { profile: claim.profile, reason });
      const due = disposition.kind === 'retry' ? disposition.retry.due : clock.now() + 60_000;
      await store.release(claim, { due, counted: false, reason }, clock.now());
      return plainReport(claim.profile, 'retry', reason, claim.link?.keys ?? {});
    } finally {
      busy.set(claim.profile, (busy.get(claim.profile) ?? 1) - 1);
    }
  }

  const dispatcher = (options.makeDispatcher ?? createInProcessDispatcher)({
    store,
    clock,
    log,
    concurrency: options.concurrency ?? CONCURRENCY,
    lookAgainMs: options.lookAgainMs ?? LOOK_AGAIN_MS,
    connectionOf: (profile) => options.profiles().get(profile)?.sides.crm.scope.connection ?? null,
    work: async (claim) => {
      await workSafely(claim);
    },
    onFatal: options.onFatal,
  });

  function cut(): void {
    stopping.abort(new Error('the daemon stops'));
  }

  async function tickForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      // A long pass must not hold up the other profiles' schedule.
      sweeper.tick().catch(options.onFatal);
      await clock.sleep(options.tickMs ?? TICK_MS, stopping.signal);
    }
  }

  return {
    start() {
      dispatcher.start();
      tickForever().catch((error: unknown) => {
        if (!stopping.signal.aborted) options.onFatal(error);
      });
    },
    async stop() {
      // What is under way may end; what waits too long (a limit, a slow vendor) is cut and stays dirty.
      const ended = dispatcher.stop();
      const done = new AbortController();
      clock.sleep(DRAIN_MS, done.signal).then(cut, () => {});
      // What has been sent cannot be taken back: a write that is still without an answer is left as a kill would leave it.
      await Promise.race([ended, clock.sleep(DRAIN_MS + CUT_MS, done.signal).catch(() => {})]);
      done.abort();
      cut();
    },
    ring: dispatcher.ring,
    async syncNow(key) {
      const now = clock.now();
      await store.markDirty([{ ...key, lane: 'live', cause: 'command', version: null }], now);
      return workSafely(await claimPatiently(key), true);
    },
    byHand,
    async leave(profile) {
      while ((busy.get(profile) ?? 0) > 0 || passes.running(profile)) await clock.sleep(LEAVE_AGAIN_MS);
      passes.forget(profile);
      sweeper.forget(profile);
      holds.forget(profile);
    },
    sweeper,
    quotas,
    holding: holds.holding,
    health: connections.health,
    running: dispatcher.running,
    queue: dispatcher,
  };
}

function recordName({ rows, link }: Claim): string {
  return link === null ? `${rows[0]?.side}/${rows[0]?.id}` : `link/${link.id}`;
}
