import type { Ask } from './connector.ts';

/** What one item of a batch came to. */
export type Outcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly error: unknown };

/**
 * Turns many single asks into the vendor's bulk call. A batch is formed when `slot` resolves (the limiter frees a
 * place), not on a timer; live asks go first; asks with equal keys share one answer; aborted asks drop out.
 * `send` answers one Outcome per item, in order; when it throws, every item of the batch gets that error.
 */
export type CoalescerOptions<Item, Result> = {
  readonly maxBatch: () => number;
  /** Equal keys share one answer; null: never shared (writes). */
  readonly keyOf: (item: Item) => string | null;
  /** Resolves when a batch may leave; gets the most urgent lane that waits. */
  readonly slot: (lane: Ask['lane']) => Promise<void>;
  readonly send: (items: readonly Item[], lane: Ask['lane']) => Promise<readonly Outcome<Result>[]>;
};

export type Coalescer<Item, Result> = (item: Item, ask: Ask) => Promise<Result>;
