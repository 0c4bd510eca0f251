// Bells travel in real time: a virtual clock waits for them here, with a limit, because Redis may have lost some.
import type { Dispatcher } from '../../src/work/dispatcher.ts';

const PATIENCE_MS = 30_000;

/** Resolves when every bell was heard and every answer of Redis has come, or after a while. */
export async function bellsIdle(queue: Pick<Dispatcher, 'outstanding'>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let quiet = 0; quiet < 2 && performance.now() < end; ) {
    quiet = queue.outstanding() === 0 ? quiet + 1 : 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
