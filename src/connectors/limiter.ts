import type { Lane } from '../model.ts';

/**
 * Budgets of one connection. A budget is named by the connector (an endpoint and method, or the whole portal); `acquire`
 * resolves when a request on it may leave, live lane first, and in order within a lane.
 */
export type Limiter = {
  acquire(budget: string, lane: Lane, signal?: AbortSignal): Promise<void>;
  /** The vendor told us to hold this budget (`null`: everything) until then, epoch ms. */
  hold(budget: string | null, until: number): void;
  heldUntil(): number | null;
};

/** `burst` tokens at most, refilled at `perSecond`. */
export type Budget = { readonly perSecond: number; readonly burst: number };
