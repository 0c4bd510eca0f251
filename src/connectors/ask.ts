import type { Lane } from '../model.ts';

/** How urgent an ask is, and when it is pointless. */
export type Ask = { readonly lane: Lane; readonly signal?: AbortSignal };

/** `onSend` is awaited once, at the moment the write leaves (after limiter and queueing); when it rejects, nothing is sent and the write rejects with that error. */
export type WriteAsk = Ask & { readonly onSend?: () => Promise<void> };
