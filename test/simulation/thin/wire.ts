// The way between the daemon and a product: it takes time, it fails before, during and after the work, it refuses.

import type { WriteAsk } from '../../../src/connectors/connector.ts';
import { AuthError, BadResponseError, RateLimitedError, SyncError, UnavailableError } from '../../../src/errors.ts';
import type { Side } from '../../../src/model.ts';
import type { Clock, Random } from '../../../src/ports.ts';
import type { FaultKind, FaultOp } from '../script/script.ts';

const CURE = 'It is tried again by itself.';
/** Our patience with a product, and how much later it may still do the work. */
const PATIENCE_MS = 30_000;
const LATE_MS = 20_000;
const LIMITED_MS = 20_000;

export type Weather = {
  outage: boolean;
  revoked: boolean;
  readonly faults: { op: FaultOp; kind: FaultKind; times: number }[];
};

/** One request of the daemon and its answer. */
export type Call = { readonly op: Exclude<FaultOp, 'any'> | 'other'; readonly id: string | null };

export type Wire = {
  /** Runs `work` at the product, as far as it gets there. */
  call<T>(op: Exclude<FaultOp, 'any'> | 'other', ask: WriteAsk, work: () => T): Promise<T>;
  /** The same for work that changes this record. */
  write<T>(id: string, ask: WriteAsk, work: () => T): Promise<T>;
};

export function createWire(options: {
  readonly side: Side;
  readonly clock: Clock;
  readonly random: Random;
  readonly latencyMs: number;
  readonly weather: Weather;
  /** A moment at which the daemon may die. */
  readonly step: (call: Call, kind: 'request' | 'answer') => Promise<void>;
  /** Work that goes on at the product whatever becomes of the daemon. */
  readonly later: (ms: number, work: () => void) => void;
  /** Work of which the daemon is not told. */
  readonly unheard: (work: () => void) => void;
}): Wire {
  const { side, clock, random, latencyMs, weather, step, later, unheard } = options;

  function nextFault(op: string): FaultKind | null {
    const found = weather.faults.find((one) => one.times > 0 && (one.op === 'any' || one.op === op));
    if (found === undefined) return null;
    found.times -= 1;
    return found.kind;
  }

  function unavailable(why: string, ambiguous: boolean, arrived = true): UnavailableError {
    return new UnavailableError(`${side}: ${why}`, CURE, { ambiguous, arrived });
  }

  async function broken<T>(kind: FaultKind, writes: boolean, work: () => T): Promise<never> {
    switch (kind) {
      case 'unsent':
        throw unavailable('the connection broke', writes);
      case 'unanswered':
        unheard(work);
        throw unavailable('the connection broke before the answer', writes);
      case 'late':
        later(PATIENCE_MS + LATE_MS, () => unlessRefused(() => unheard(work)));
        await clock.sleep(PATIENCE_MS);
        throw unavailable('no answer in time', writes, false);
      case 'hangs':
        await clock.sleep(PATIENCE_MS);
        throw unavailable('no answer in time', writes, false);
      case 'error':
      case 'garbled':
        throw unavailable('a server error', writes);
      case 'cut':
        unheard(work);
        throw new BadResponseError(`${side}: the answer is cut`, CURE, { path: '', excerpt: '' });
      case 'limited':
        throw new RateLimitedError(`${side}: too many requests`, CURE, clock.now() + LIMITED_MS);
      case 'denied':
        throw new AuthError(`${side} refused: ACCESS_DENIED`, CURE);
    }
  }

  /** So late, nobody is told that the product does not take it. */
  function unlessRefused(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
    }
  }

  async function go<T>(own: Call, ask: WriteAsk, work: () => T): Promise<T> {
    const { op } = own;
    const writes = op === 'create' || op === 'update';
    ask.signal?.throwIfAborted();
    if (writes) {
      ask.mayLeave?.();
      await ask.onSend?.();
    }
    await step(own, 'request');
    const ms = latencyMs * random.next();
    if (ms >= 1) await clock.sleep(ms);
    const fault = nextFault(op);
    try {
      if (weather.revoked) throw new AuthError(`${side} refuses the credential`, CURE);
      if (weather.outage) throw unavailable('Service Unavailable', writes);
      if (fault !== null) return await broken(fault, writes, work);
      const answer = work();
      if (ms >= 2) await clock.sleep(ms / 2);
      return answer;
    } finally {
      await step(own, 'answer');
    }
  }

  return {
    call: (op, ask, work) => go({ op, id: null }, ask, work),
    write: (id, ask, work) => go({ op: 'update', id }, ask, work),
  };
}
