// Carries due rows to the path, many at a time, inside this process. The store is the truth: this only looks there
// whenever a bell rings, a row falls due, or a moment has passed (another process may have written a command).
import type { Lane } from '../model.ts';
import type { Claim } from '../state/store.ts';
import type { Dispatcher, DispatcherParts } from './dispatcher.ts';

const BATCH_MS = 1;
/** Bulk work begins in groups, so that what it asks for fills the vendors' batches; half of the places at the most. */
const BULK_GROUP = 100;

const LANES: readonly Lane[] = ['live', 'bulk'];
const URGENT: readonly Lane[] = ['live'];

export function createInProcessDispatcher(parts: Omit<DispatcherParts, 'log' | 'connectionOf'>): Dispatcher {
  const { store, clock, concurrency, lookAgainMs, work, onFatal } = parts;
  const running = new Set<Promise<void>>();
  let stopping = false;
  let rung = false;
  let ringing = false;
  let wake: (() => void) | null = null;
  let looping: Promise<void> | null = null;

  const bulkGroup = Math.min(BULK_GROUP, Math.ceil(concurrency / 2));
  const roomForBulk = () => concurrency - running.size >= bulkGroup;

  function ring(): void {
    rung = true;
    wake?.();
  }

  /** Work ends in batches, as its answers come in: one look at the store is enough for all of a batch. */
  function ringSoon(): void {
    if (ringing) return;
    ringing = true;
    clock.sleep(BATCH_MS).then(() => {
      ringing = false;
      ring();
    }, onFatal);
  }

  function run(claim: Claim): void {
    const done: Promise<void> = work(claim)
      .catch(onFatal)
      .then(() => {
        running.delete(done);
        ringSoon();
      });
    running.add(done);
  }

  /** Nothing was left to claim at `now`: what is due by then is being worked on, and rings when it ends. */
  async function sleepUntilRung(now: number): Promise<void> {
    const due = roomForBulk() ? await store.nextDue(now) : null;
    if (rung || stopping) return;
    const wait = Math.max(1, Math.min(lookAgainMs, due === null ? lookAgainMs : due - clock.now()));
    const awake = new AbortController();
    await new Promise<void>((resolve) => {
      wake = resolve;
      clock.sleep(wait, awake.signal).then(resolve, resolve);
    });
    wake = null;
    awake.abort();
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      rung = false;
      const now = clock.now();
      await store.ringTimers(now);
      const free = concurrency - running.size;
      const lanes = roomForBulk() ? LANES : URGENT;
      const claims = free > 0 ? await store.claim(free, now, lanes) : [];
      for (const claim of claims) run(claim);
      if (claims.length === 0) await sleepUntilRung(now);
    }
  }

  return {
    ring,
    start() {
      looping = loop().catch(onFatal);
    },
    async stop() {
      stopping = true;
      ring();
      await looping;
      await Promise.all(running);
    },
    running: () => running.size,
    health: () => ({ kind: 'in-process' }),
    outstanding: () => 0,
  };
}
