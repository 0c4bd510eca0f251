// What sweeps see, as the store is told.
import type { Cause, Lane, Side } from '../model.ts';

/** What a sweep saw of a record. `matchKeys[i]` is its normalised value for the profile's i-th match rule, null if empty. */
export type Sighting = {
  readonly id: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly matchKeys: readonly (string | null)[];
};

export type SweepPage = {
  readonly profile: string;
  readonly side: Side;
  readonly sightings: readonly Sighting[];
  readonly lane: Lane;
  readonly cause: Cause;
  /** Mark all of them dirty, also those whose fingerprint is what that side last showed. */
  readonly force: boolean;
  /** Stored in the same transaction; null leaves it. */
  readonly cursor: StoredCursor | null;
  /** Where a pass over everything has got to, stored likewise: one that is cut off goes on there. */
  readonly resume?: StoredCursor | null;
};

/** A mark on more than one record of a side; `records` as people call them, at most ten. */
export type TwiceMarked = { readonly side: Side; readonly key: string; readonly records: readonly string[] };

export type StoredCursor = { readonly name: string; readonly value: string };
