// One claim from its beginning to its end: whether it may be worked on now, what its work gets from outside, and what
// becomes of it when something fails. A claim is settled or released whatever happens.
import { BusyError, StaleError, SyncError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Claim, RecordKey, Store } from '../state/store.ts';
import type { Disposition, Meters, SyncContext } from '../sync/context.ts';
import { laneOf } from '../sync/load.ts';
import { plainReport, type Report } from '../sync/report.ts';
import { syncRecord } from '../sync/sync-record.ts';
import type { Connections } from './connections.ts';
import { disposeOf } from './disposition.ts';
import type { Holds } from './holds.ts';
import { tellLatency } from './latency.ts';
import { leasedConnector } from './leased-connector.ts';
import type { Passes } from './passes.ts';
import type { Quotas } from './quotas.ts';
import type { Sweeper } from './sweeper.ts';
import { leaseLost, type Tenure } from './tenure.ts';

export type Carrier = {
  /** Must not throw but for what ends the daemon. */
  carry(claim: Claim, asked?: boolean): Promise<Report>;
  claimPatiently(key: RecordKey): Promise<Claim>;
  /** A person's word on one record: done at once, with the record held; throws what stands against it. */
  byHand(key: RecordKey, work: (claim: Claim, context: SyncContext) => Promise<Report>): Promise<Report>;
  /** Not what is put off for longer: a pause is not why it waits. */
  ringPaused(profile: string): Promise<void>;
  /** How many pieces of work run for a profile. */
  busy(profile: string): number;
};

/** The end of a pause rings; this is for the case that nobody lives to see it. */
const OUTAGE_MS = 15 * 60_000;
const SPREAD_MS = 10_000;
/** A record is worked on for seconds. */
const CLAIM_TRIES = 100;
const CLAIM_AGAIN_MS = 100;

export function createCarrier(options: {
  readonly store: Store;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly connections: Connections;
  readonly tenureOf: (profile: Profile) => Tenure | null;
  readonly holds: Holds;
  readonly passes: Passes;
  readonly sweeper: Sweeper;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meters: Meters;
  readonly brakes: boolean;
  /** The daemon stops. */
  readonly signal: AbortSignal;
  readonly ring: () => void;
  readonly onReport?: (report: Report) => void;
}): Carrier {
  const { store, clock, random, log, holds, passes, sweeper } = options;
  const { connectorOf, tenantOf, usable, paused } = options.connections;
  const creating = new Set<string>();
  const busy = new Map<string, number>();

  async function work(claim: Claim, asked: boolean): Promise<Report> {
    const profile = options.profiles().get(claim.profile);
    if (profile === undefined) {
      // The links of a removed profile stay; its rows wait for it to come back.
      return postpone(claim, 24 * 3_600_000, 'its profile is not loaded');
    }
    if (claim.link === null && !(await sweeper.hasMatched(profile.name))) {
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

  async function ringPaused(profile: string): Promise<void> {
    await store.ringProfile(profile, clock.now(), clock.now() + OUTAGE_MS + SPREAD_MS);
  }

  /** `asked`: a person named this very record, so that no limit holds it back. */
  async function contextOf(profile: Profile, claim: Claim, asked: boolean): Promise<SyncContext> {
    const tenure = options.tenureOf(profile);
    if (tenure === null) throw leaseLost(profile.sides.crm.scope.connection);
    return {
      profile,
      connectors: {
        jira: leasedConnector(connectorOf(profile, 'jira'), tenure),
        crm: leasedConnector(connectorOf(profile, 'crm'), tenure),
      },
      tenants: { jira: await tenantOf(profile, 'jira'), crm: await tenantOf(profile, 'crm') },
      store,
      clock,
      random,
      log,
      meters: options.meters,
      sending: tellLatency(claim, clock, options.meters),
      seeAllSince: (side, when) => passes.seeAllSince(profile, side, when),
      rebuiltAt: sweeper.rebuiltAt(profile.name),
      creating,
      quota: asked ? null : options.quotas.of(profile.name, laneOf(claim), recordName(claim)),
      profileNamed: (name) => options.profiles().get(name),
      loseSight: (side, what, why) => holds.loseSight(profile, side, what, why),
      brakes: options.brakes,
      dispose: (error, attempts) => dispose(error, attempts, profile, claim, tenure),
      signal: tenure.signal,
    };
  }

  async function postpone(claim: Claim, ms: number, reason: string): Promise<Report> {
    const now = clock.now();
    // Spread, so that what waited does not come back in one burst.
    const due = now + ms + random.next() * Math.min(ms, SPREAD_MS);
    await store.release(claim, { due, counted: false, reason }, now);
    return plainReport(claim.profile, 'retry', reason, claim.link?.keys ?? {});
  }

  function dispose(error: unknown, attempts: number, profile: Profile, claim: Claim, tenure: Tenure): Disposition {
    if (tenure.signal.aborted) {
      const reason = options.signal.aborted ? 'the daemon stopped' : 'another process may have taken over';
      return { kind: 'retry', retry: { due: clock.now(), counted: false, reason } };
    }
    const now = clock.now();
    const since = Math.min(now, ...claim.rows.map((row) => row.since));
    const disposition = disposeOf(error, attempts, now, random, now - since);
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

  async function claimPatiently(key: RecordKey): Promise<Claim> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await store.claimRecord(key, clock.now());
      } catch (error) {
        if (!(error instanceof BusyError) || tried >= CLAIM_TRIES) throw error;
        await clock.sleep(CLAIM_AGAIN_MS, options.signal);
      }
    }
  }

  /** A claim that is kept would never be worked on again. */
  async function carry(claim: Claim, asked = false): Promise<Report> {
    busy.set(claim.profile, (busy.get(claim.profile) ?? 0) + 1);
    try {
      const report = await work(claim, asked);
      options.onReport?.(report);
      return report;
    } catch (error) {
      const disposition = disposeOf(error, 1, clock.now(), random);
      const reason = error instanceof Error ? error.message : String(error);
      if (!options.signal.aborted) log.warn('work postponed', { profile: claim.profile, reason });
      const due = disposition.kind === 'retry' ? disposition.retry.due : clock.now() + 60_000;
      try {
        await store.release(claim, { due, counted: false, reason }, clock.now());
      } catch (late) {
        // Where the state could not be written the claim has been given back already: that is no reason, only a trace.
        throw late instanceof StaleError ? error : late;
      }
      return plainReport(claim.profile, 'retry', reason, claim.link?.keys ?? {});
    } finally {
      busy.set(claim.profile, (busy.get(claim.profile) ?? 1) - 1);
    }
  }

  return {
    carry,
    claimPatiently,
    ringPaused,
    async byHand(key, work) {
      const profile = options.profiles().get(key.profile);
      if (profile === undefined) throw new SyncError(`no profile "${key.profile}" is loaded`, 'See: status');
      const claim = await claimPatiently(key);
      busy.set(claim.profile, (busy.get(claim.profile) ?? 0) + 1);
      try {
        const report = await work(claim, await contextOf(profile, claim, true));
        options.onReport?.(report);
        return report;
      } catch (error) {
        // Its rows go on as before.
        const again = { due: clock.now(), counted: false, reason: 'a command ended early' };
        await store.release(claim, again, clock.now());
        throw error;
      } finally {
        busy.set(claim.profile, (busy.get(claim.profile) ?? 1) - 1);
        options.ring();
      }
    },
    busy: (profile) => busy.get(profile) ?? 0,
  };
}

function recordName({ rows, link }: Claim): string {
  return link === null ? `${rows[0]?.side}/${rows[0]?.id}` : `link/${link.id}`;
}
