// Carries due rows to the path, many at a time, inside this process. The store is the truth: this only looks there
// whenever a bell rings, a row falls due, or a moment has passed (another process may have written a command).
import type { Lane } from '../model.ts';
import type { Dispatcher, DispatcherParts } from './dispatcher.ts';
import { createDoze } from './doze.ts';
import { createPlaces } from './places.ts';

const LANES: readonly Lane[] = ['live', 'bulk'];
const URGENT: readonly Lane[] = ['live'];

export function createInProcessDispatcher(parts: Omit<DispatcherParts, 'log' | 'connectionOf'>): Dispatcher {
  const { store, clock, lookAgainMs, onFatal } = parts;
  const doze = createDoze(clock);
  const places = createPlaces({ ...parts, onEnded: doze.wake });
  let stopping = false;
  let looping: Promise<void> | null = null;

  /** Nothing was left to claim at `now`: what is due by then is being worked on, and rings when it ends. */
  async function sleepUntilRung(now: number): Promise<void> {
    const due = places.roomForBulk() ? await store.nextDue(now) : null;
    await doze.sleep(due === null ? lookAgainMs : Math.min(lookAgainMs, due - clock.now()));
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      doze.begin();
      const now = clock.now();
      await store.ringTimers(now);
      const free = places.free();
      const lanes = places.roomForBulk() ? LANES : URGENT;
      const claims = free > 0 ? await store.claim(free, now, lanes) : [];
      for (const claim of claims) places.run(claim);
      // Fewer than there was room for: that was all.
      if (claims.length < free || free === 0) await sleepUntilRung(now);
    }
  }

  return {
    ring: doze.wake,
    start() {
      looping = loop().catch(onFatal);
    },
    async stop() {
      stopping = true;
      doze.wake();
      await looping;
      await places.ended();
    },
    running: places.running,
    health: () => ({ kind: 'in-process' }),
    outstanding: () => 0,
  };
}
