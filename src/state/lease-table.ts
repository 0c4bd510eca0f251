// Which process works for which connection, as the store keeps it. A process that works raises the beats of what it
// holds; everybody else tells by their standing still that nobody holds it any more. No times are kept to judge by:
// processes compare beats by their own clocks.

/** Leases of this name are turns at something, and no connections. */
export const TURN_LEASES = 'turn/';

export type Lease = {
  /** A CRM connection. */
  readonly name: string;
  /** A member's id; null: given back. */
  readonly holder: string | null;
  /** Raised whenever the lease changes hands; what is written under an older one is refused. */
  readonly epoch: number;
  /** Raised with every sign of life. */
  readonly beat: number;
};

/** A process that works on this state. */
export type Member = {
  readonly id: string;
  /** The connections that it would work for. */
  readonly serves: readonly string[];
  /** For people: process id, when it was started. */
  readonly about: Readonly<Record<string, unknown>>;
};

/** Members show themselves every few seconds; their clocks and that of who asks may differ a little. */
export const SILENT_MS = 30_000;

export type LeaseTable = {
  readonly leases: readonly Lease[];
  /** `at`: its last sign of life by its own clock; for people. */
  readonly members: readonly (Member & { readonly beat: number; readonly at: number })[];
};

export type HeldLease = { readonly name: string; readonly holder: string; readonly epoch: number };

export type Bounds = {
  /** Whose due rows, timers and commands are handed out; null: everybody's. */
  profiles(): readonly string[] | null;
  /** Under which lease the work of a profile is written, null: under none; StaleError when it is not ours. */
  leaseOf(profile: string): HeldLease | null;
};

export type LeaseVerbs = {
  /**
   * From now on this store hands out only work within the bounds, and everything that the work of a profile writes is
   * refused with a StaleError when its lease is not held any more. Hints, people's commands and notes are not bound.
   */
  confine(bounds: Bounds): Promise<void>;
  /**
   * A sign of life of this process and of those of these leases that are still held under these epochs; forgets the
   * `silent` members unless they moved. Answers everything as it is then.
   */
  renewLeases(
    me: Member,
    held: readonly Pick<Lease, 'name' | 'epoch'>[],
    now: number,
    silent: readonly { readonly id: string; readonly beat: number }[],
  ): Promise<LeaseTable>;
  /** The new epoch; null when the lease is not any more as it was seen (null: there was none). */
  takeLease(name: string, holder: string, seen: Pick<Lease, 'epoch' | 'beat'> | null): Promise<number | null>;
  /** Gives it back, if it is still held under that epoch. */
  releaseLease(name: string, holder: string, epoch: number): Promise<void>;
  /** This process ends: gives back all that it holds. */
  leaveLeases(holder: string): Promise<void>;
  /** Everything as it is, without a sign of life. */
  leaseTable(): Promise<LeaseTable>;
};
