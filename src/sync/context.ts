// What one piece of work gets from outside. Captured once: the work runs wholly under this profile version.
import type { Ask, Connector, WriteAsk } from '../connectors/connector.ts';
import type { AuthError } from '../errors.ts';
import type { Lane, Side } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Claim, Retry, Store } from '../state/store.ts';

/** Counters that the path raises; the names are those of the metrics. */
export type Meters = {
  readonly synced: (profile: string, outcome: string) => void;
  /** A hint from outside showed nothing new. */
  readonly echo: (profile: string) => void;
  /** The first write of a piece of work leaves, so long after the hint that asked for it was taken in. */
  readonly wrote: (profile: string, ms: number) => void;
  readonly coercion: (profile: string, field: string) => void;
  readonly truncated: (profile: string, field: string) => void;
  readonly overwritten: (profile: string, side: Side) => void;
  /** The policy settled it; one that is held for a person is counted where it waits. */
  readonly conflictSettled: (profile: string, outcome: string) => void;
  readonly ambiguous: (profile: string, outcome: 'unknown' | 'found' | 'absent' | 'twice') => void;
  readonly copiedMark: (profile: string) => void;
  readonly merged: (profile: string, outcome: 'followed' | 'left') => void;
  readonly givenUp: (profile: string, action: string) => void;
  /** A pass found changes that no hint from outside had told. */
  readonly found: (profile: string, side: Side, count: number) => void;
  /** A settlement was refused because the pair had moved. */
  readonly lostRace: (profile: string) => void;
};

/** When a record last moved, by its vendor's clock, and when it was marked, by ours. */
export type Since = { readonly moved: number; readonly marked: number };

/** The claim as it is now: a settlement half-way puts the new link into it. */
export type Held = { claim: Claim };

export type Quota = {
  /** Takes so many writes from what is left; throws RateLimitedError when that is not enough: the record stays pending. */
  readonly take: (writes: number) => void;
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
  /** Called as a write leaves. */
  readonly sending: () => void;
  /** Has a side seen to the end by a pass that began later than `when`; answers whether anything was read for it just now. */
  readonly seeAllSince: (side: Side, when: Since) => Promise<boolean>;
  /**
   * When this state began anew after the loss of an earlier one, which may have created partners that no list shows;
   * null: it is the first.
   */
  readonly rebuiltAt: number | null;
  /** Names of the creates under way; two that a match rule would pair with one record take turns. */
  readonly creating: Set<string>;
  /** Of a staged resync; null: nothing is limited. */
  readonly quota: Quota | null;
  /** The profile of that name as it is loaded now. */
  readonly profileNamed: (name: string) => Profile | undefined;
  /** Pauses the profile until `all` (any of the linked records) or the `hidden` ones can be read again. */
  readonly loseSight: (side: Side, what: 'all' | 'hidden', why: AuthError) => void;
  /** False where nothing is really written. */
  readonly brakes: boolean;
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

/** Nothing leaves before `ready`, and nothing at all when that fails. */
export function writeAskFor(context: SyncContext, lane: Lane, ready: Promise<void>): WriteAsk {
  return { ...askFor(context, lane), onSend: () => ready.then(context.sending) };
}
