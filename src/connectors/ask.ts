import type { Lane } from '../model.ts';

/** How urgent an ask is, and when it is pointless. */
export type Ask = { readonly lane: Lane; readonly signal?: AbortSignal };

/** `onSend` is awaited once, at the moment the write leaves (after limiter and queueing); when it rejects, nothing is sent and the write rejects with that error. */
export type WriteAsk = Ask & {
  readonly onSend?: () => Promise<void>;
  /** Called right before every request that carries the write, resent ones too: what it throws keeps the request here. */
  readonly mayLeave?: () => void;
};

/** What goes along with a write to the place where its request is made. */
export type WriteHooks = {
  readonly onSend?: (() => Promise<void>) | undefined;
  readonly mayLeave?: (() => void) | undefined;
};

export function hooksOf({ onSend, mayLeave }: WriteAsk): WriteHooks {
  return { onSend, mayLeave };
}
