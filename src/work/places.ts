// The places for records that are worked on at once, and which work may take them: live work whenever one is free, bulk
// work in groups, so that what it asks for fills the vendors' batches.
import type { Clock } from '../ports.ts';
import type { Claim } from '../state/store.ts';

const BATCH_MS = 1;
/** Half of the places at the most. */
const BULK_GROUP = 100;

export type Places = {
  run(claim: Claim): void;
  free(): number;
  /** How many pieces of bulk work begin together. */
  readonly bulkGroup: number;
  roomForBulk(): boolean;
  running(): number;
  /** Resolves when what runs now has ended. */
  ended(): Promise<unknown>;
};

export function createPlaces(options: {
  readonly clock: Clock;
  readonly concurrency: number;
  /** Settles or releases the claim; must not throw. */
  readonly work: (claim: Claim) => Promise<void>;
  /** Some work has ended. */
  readonly onEnded: () => void;
  readonly onFatal: (error: unknown) => void;
}): Places {
  const { clock, concurrency, work, onEnded, onFatal } = options;
  const running = new Set<Promise<void>>();
  const bulkGroup = Math.min(BULK_GROUP, Math.ceil(concurrency / 2));
  let telling = false;

  /** Work ends in batches, as its answers come in: one look at the store is enough for all of a batch. */
  function tellSoon(): void {
    if (telling) return;
    telling = true;
    clock.sleep(BATCH_MS).then(() => {
      telling = false;
      onEnded();
    }, onFatal);
  }

  return {
    run(claim) {
      const done: Promise<void> = work(claim)
        .catch(onFatal)
        .then(() => {
          running.delete(done);
          tellSoon();
        });
      running.add(done);
    },
    free: () => concurrency - running.size,
    bulkGroup,
    roomForBulk: () => concurrency - running.size >= bulkGroup,
    running: () => running.size,
    ended: () => Promise.all(running),
  };
}
