// The outside world as values: clock, randomness, log. Everything below `daemon.ts` gets these and never reaches for
// the globals behind them, which is what lets a virtual day run in milliseconds and a failing seed replay.

export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment of this process, for differences only: nobody sets this clock. */
  steady(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string;
};

export type Details = Readonly<Record<string, unknown>>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fixed message, details as fields. */
export type Log = {
  debug(message: string, details?: Details): void;
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
  child(details: Details): Log;
};

/** Keeps small secrets over restarts, by name, never readable on the disk. */
export type Vault = {
  load(name: string): Promise<string | null>;
  /** Durable when it resolves. */
  save(name: string, secret: string): Promise<void>;
  /** While it works no other process does so under this name. Absent where there is no other. */
  exclusively?<T>(name: string, work: () => Promise<T>): Promise<T>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      // Node's timers wrap above 2^31-1 ms; nobody here sleeps that long in one piece.
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(ms, 2 ** 31 - 1),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Drawn from the system many at a time: one call for each piece of work costs more than all else about its name. */
const drawn = Buffer.alloc(2048);
let taken = drawn.length;

export const systemRandom: Random = {
  next: () => Math.random(),
  hex(bytes) {
    if (bytes > drawn.length) return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
    if (taken + bytes > drawn.length) {
      crypto.getRandomValues(drawn);
      taken = 0;
    }
    taken += bytes;
    return drawn.toString('hex', taken - bytes, taken);
  },
};

/** A small seeded generator (mulberry32): same seed, same sequence, everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (bytes: number) =>
    Array.from({ length: bytes }, () =>
      Math.floor(next() * 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('');
  return { next, hex };
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog };

/** Nobody reads it; without one, a DOMException with its stack is made each time. */
const ANSWERED = 'answered';

/** Runs `work` with a signal that aborts after `ms` by the given clock, or when `outer` does. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  // Not AbortSignal.any: its weak references cost four times as much, once a request.
  const onOuter = () => over.abort(outer?.reason);
  if (outer?.aborted) onOuter();
  outer?.addEventListener('abort', onOuter, { once: true });
  clock.sleep(ms, done.signal).then(
    () => over.abort(new Error(`no answer within ${ms} ms`)),
    () => {},
  );
  try {
    return await work(over.signal);
  } finally {
    outer?.removeEventListener('abort', onOuter);
    done.abort(ANSWERED);
  }
}
