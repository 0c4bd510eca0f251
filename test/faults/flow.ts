// A flow of the product as it is indexed: what stands before, and the one thing that happens.
import type { Setup } from '../simulation/script/script.ts';
import type { FaultWorld } from './fault-world.ts';

export type Flow = {
  /** As in `TEST_CASE=update-deal:39:reset_after`. */
  readonly name: string;
  readonly setup?: Partial<Setup>;
  /** Every run plays every n-th of its cases, a night all of them; left out: every run plays all. */
  readonly everyRun?: number;
  /** Two records that are no pair by their marks yet: whose value is whose is not judged (S3). */
  readonly unmarked?: true;
  /** A product keeps something else than it was told. */
  readonly coerces?: true;
  /** Only the pass of the next night is sure to find what happens here. */
  readonly nightly?: true;
  /** What has to stand before; not counted, no fault happens here. */
  readonly prepare?: (world: FaultWorld, round: number) => Promise<void> | void;
  /** From here on every call counts. `round` makes values unlike those of other plays. */
  readonly act: (world: FaultWorld, round: number) => Promise<void> | void;
  /** Puts back what the next play needs. */
  readonly after?: (world: FaultWorld, round: number) => Promise<void> | void;
};
