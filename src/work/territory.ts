// The part of the work that is this process's own: the profiles whose CRM connection it holds the lease of. Everything
// that begins work asks here; the store it hands out claims nothing beyond, and writes nothing under a lease that is lost.
import { UnavailableError } from '../errors.ts';
import type { Clock, Log } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Member } from '../state/lease-table.ts';
import type { Store } from '../state/store.ts';
import { createLeaseKeeper, type LeaseKeeperOptions } from './lease-keeper.ts';
import { leaseLost, type Tenure } from './tenure.ts';

export type LeaseOptions = {
  readonly me: Member;
  /** The connections that have a lease. */
  readonly connections: readonly string[];
  /** A lock of another kind keeps all others out. */
  readonly alone: boolean;
  /** Takes only what nobody wants, and gives nothing away. */
  readonly guest?: boolean;
};

export type LeaseState = {
  readonly connection: string;
  /** 0: this process has never held it. */
  readonly epoch: number;
  readonly held: boolean;
};

export type Territory = {
  /** Null: another process works for this profile, or nobody. */
  tenureOf(profile: Profile): Tenure | null;
  /** Aborted while it is not ours. */
  signalOf(profile: Profile): AbortSignal;
  /** The loaded profiles for which new work may begin. */
  profiles(): ReadonlyMap<string, Profile>;
  /** Keeps what the product of a connection keeps for us: its lease is ours, or the first of those that it is used with. */
  attends(connection: string): boolean;
  leases(): readonly LeaseState[];
  /** Waits for a state that others share, where it is away. */
  readonly store: Store;
  start(): Promise<void>;
  /** No look at the store waits for it any more. */
  halt(): void;
  stop(): Promise<void>;
};

type Parts = Pick<LeaseKeeperOptions, 'onTaken' | 'onBegin' | 'drained' | 'mayGive'> & {
  readonly store: Store;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly clock: Clock;
  readonly log: Log;
  /** The daemon stops. */
  readonly signal: AbortSignal;
};

const STORE_AGAIN_MS = 1_000;

/** Without leases everything is ours, for as long as the engine runs. */
export function createTerritory(parts: Parts, leases: LeaseOptions | undefined): Territory {
  return leases === undefined ? everything(parts) : leased(parts, leases);
}

function everything({ store, profiles, signal }: Parts): Territory {
  return {
    tenureOf: (profile) => ({ connection: crmOf(profile), epoch: 0, signal, check() {} }),
    signalOf: () => signal,
    profiles,
    attends: () => true,
    leases: () => [],
    store,
    start: async () => {},
    halt() {},
    stop: async () => {},
  };
}

function leased(parts: Parts, { me, connections, alone, guest = false }: LeaseOptions): Territory {
  const { clock, log, signal } = parts;
  const keeper = createLeaseKeeper({ ...parts, me, connections, alone, guest });
  const epochs = new Map<string, number>();
  /** Work that still runs may belong to a profile that is not loaded any more. */
  const crmOfProfile = new Map<string, string>();
  /** One signal for a tenure and the end of the daemon, however many pieces of work listen to it. */
  const signals = new WeakMap<AbortSignal, AbortSignal>();
  let halted = false;

  function tenureOf(profile: Profile): Tenure | null {
    const tenure = keeper.tenureOf(crmOf(profile));
    if (tenure === null) return null;
    let both = signals.get(tenure.signal);
    if (both === undefined) {
      both = AbortSignal.any([tenure.signal, signal]);
      signals.set(tenure.signal, both);
    }
    return { ...tenure, signal: both };
  }

  function profiles(): ReadonlyMap<string, Profile> {
    return new Map([...parts.profiles()].filter(([, profile]) => keeper.tenureOf(crmOf(profile)) !== null));
  }

  /** With a lock everything is ours, rows of profiles that are not loaded too. */
  const own = () => (alone ? null : [...profiles().keys()]);

  function leaseOf(name: string) {
    const profile = parts.profiles().get(name);
    if (profile !== undefined) crmOfProfile.set(name, crmOf(profile));
    const connection = crmOfProfile.get(name);
    if (connection === undefined) return null;
    const epoch = keeper.epochOf(connection);
    if (epoch === null) throw leaseLost(connection);
    return { name: connection, holder: me.id, epoch };
  }

  /** A state that others share may be gone for a while; one of our own that fails ends the daemon. */
  async function patiently<T>(look: () => Promise<T>, nothing: T): Promise<T> {
    while (!halted) {
      try {
        return await look();
      } catch (error) {
        if (alone || !(error instanceof UnavailableError)) throw error;
        await clock.sleep(STORE_AGAIN_MS, signal).catch(() => {});
      }
    }
    return nothing;
  }

  const { store } = parts;
  const patient: Store = {
    ...store,
    claim: (...args) => patiently(() => store.claim(...args), []),
    claimRung: (...args) => patiently(() => store.claimRung(...args), []),
    dueRows: (...args) => patiently(() => store.dueRows(...args), []),
    nextDue: (...args) => patiently(() => store.nextDue(...args), null),
    ringTimers: (...args) => patiently(() => store.ringTimers(...args), 0),
    takeCommand: () => patiently(() => store.takeCommand(), null),
    async release(claim, retry, now) {
      try {
        await store.release(claim, retry, now);
      } catch (error) {
        // The rows are still there and due.
        if (alone || !(error instanceof UnavailableError)) throw error;
        log.warn('work postponed', { profile: claim.profile, error });
      }
    },
  };

  return {
    tenureOf,
    signalOf: (profile) => tenureOf(profile)?.signal ?? AbortSignal.abort(leaseLost(crmOf(profile))),
    profiles,
    attends(connection) {
      if (connections.includes(connection)) return keeper.tenureOf(connection) !== null;
      const users = [...parts.profiles().values()].filter(({ sides }) => sides.jira.scope.connection === connection);
      const [first] = (users.length > 0 ? users.map(crmOf) : [...connections]).sort();
      return first !== undefined && keeper.tenureOf(first) !== null;
    },
    leases: () =>
      connections.map((connection) => {
        const epoch = keeper.epochOf(connection);
        if (epoch !== null) epochs.set(connection, epoch);
        return { connection, epoch: epochs.get(connection) ?? 0, held: keeper.tenureOf(connection) !== null };
      }),
    store: patient,
    async start() {
      await store.confine({ profiles: own, leaseOf });
      await keeper.start();
    },
    halt() {
      halted = true;
    },
    stop: keeper.stop,
  };
}

export function crmOf(profile: Profile): string {
  return profile.sides.crm.scope.connection;
}
