// The numbers that a store answers: for `status`, `verify` and metrics.
import type { Lane, Side } from '../model.ts';

/** `gone`, `merged-away`: given up for a record that is no longer there; kept, so that neither record is paired anew. */
export type LinkState = 'active' | 'waiting' | 'out-of-scope' | 'gone' | 'merged-away';

/** Of one profile. */
export type ProfileCounts = {
  readonly links: Readonly<Record<LinkState, number>>;
  /** Active links with a reason: a field of theirs is not settled, or cannot be read. */
  readonly unsettled: number;
  readonly dirty: Readonly<Record<Lane, number>>;
  readonly oldestDirty: number | null;
  /** Of each lane: since when its oldest row waits. */
  readonly oldest: Readonly<Record<Lane, number | null>>;
  /** Rows with counted failures. */
  readonly retrying: number;
  readonly openConflicts: number;
  readonly conflictedLinks: number;
  readonly parkedByKind: Readonly<Record<string, number>>;
  readonly seenUnlinked: Readonly<Record<Side, number>>;
};

export type OpenIntents = Readonly<Record<'planned' | 'sent' | 'doubtful', number>>;

/** Of the whole state. */
export type StateFigures = {
  /** What it takes on the disk. */
  readonly bytes: number;
  /** Creates that are not done. */
  readonly intents: OpenIntents;
};

/** Rows that are due later for one reason. `due`: of the first of them. */
export type WaitReason = { readonly reason: string; readonly count: number; readonly due: number };

/** What the brake counts, of one profile. */
export type GoneTally = {
  readonly links: number;
  /** Missed and not accepted: still to be decided, or decided since the given time. */
  readonly candidates: number;
  readonly hidden: number;
};
