// What one piece of work gets from outside. Captured once: the work runs wholly under this profile version.
import type { Ask, Connector } from '../connectors/connector.ts';
import type { Lane, Side } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Retry, Store } from '../state/store.ts';

/** Counters that the path raises; the names are those of the metrics. */
export type Meters = {
  readonly synced: (profile: string, outcome: string) => void;
  readonly coercion: (profile: string, field: string) => void;
  readonly overwritten: (profile: string, side: Side) => void;
};

export type SyncContext = {
  readonly profile: Profile;
  readonly connectors: Readonly<Record<Side, Connector>>;
  /** Stable identity of each side's site, part of every marker. */
  readonly tenants: Readonly<Record<Side, string>>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meters: Meters;
  /** What becomes of the work after an error; tells the connection's health too. Never throws. */
  readonly dispose: (error: unknown, attempts: number) => Disposition;
  readonly signal?: AbortSignal;
};

/** Try again then, or set the record aside with a reason. */
export type Disposition =
  | { readonly kind: 'retry'; readonly retry: Retry }
  | { readonly kind: 'park'; readonly word: string; readonly reason: string; readonly cure: string };

export function askFor(context: SyncContext, lane: Lane): Ask {
  return context.signal ? { lane, signal: context.signal } : { lane };
}
