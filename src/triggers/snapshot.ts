// The state of things at one scrape, as plain values: daemon/notes.ts reads it, state-metrics.ts shows it.
import type { Usage } from '../connectors/connector.ts';
import type { Lane } from '../model.ts';
import type { LinkState, StateFigures } from '../state/store.ts';

export type ProfileFigures = {
  readonly profile: string;
  readonly version: string;
  readonly links: Readonly<Record<LinkState, number>>;
  readonly unsettled: number;
  readonly dirty: Readonly<Record<Lane, number>>;
  /** Of each lane: how long its oldest row has waited; null when there is none. */
  readonly oldestMs: Readonly<Record<Lane, number | null>>;
  readonly retrying: number;
  readonly openConflicts: number;
  readonly parkedByKind: Readonly<Record<string, number>>;
  readonly matched: boolean;
  readonly halted: boolean;
  readonly paused: boolean;
  readonly blind: boolean;
  /** An earlier state was lost, and this one was built anew from the marks. */
  readonly rebuilt: boolean;
  /** Since the last pass over changes, and over everything, that ended well; null: none did. */
  readonly sweepAgeMs: Readonly<Record<'changes' | 'all', number | null>>;
  /** Marks that more than one record carried at the last full pass. */
  readonly marksTwice: number;
};

export const CONNECTION_STATES = ['up', 'refused', 'unanswered'] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export type ConnectionFigures = {
  readonly connection: string;
  readonly state: ConnectionState;
  /** Whether the product tells us of changes at all. */
  readonly listens: boolean;
  readonly usage: Usage;
};

/** A CRM connection and whether this process works for it. */
export type LeaseFigures = { readonly connection: string; readonly epoch: number; readonly held: boolean };

export type QueueFigures = { readonly address: string; readonly up: boolean; readonly warnings: number };

export type Snapshot = {
  readonly at: number;
  readonly startedAt: number | null;
  readonly profiles: readonly ProfileFigures[];
  /** Profiles wait for a connection before they can be compared with its fields. */
  readonly waits: boolean;
  readonly problems: number;
  readonly connections: readonly ConnectionFigures[];
  readonly state: StateFigures;
  /** None where the state is this process's alone. */
  readonly leases: readonly LeaseFigures[];
  /** Null: work is queued in the process. */
  readonly queue: QueueFigures | null;
};
