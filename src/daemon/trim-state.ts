// Keeps the state within its limits: what is over goes after a while, a few thousand rows at a time.
import type { Retention } from '../config/retention.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';

/** Between two rounds, so that live work gets its turn. */
const PAUSE_MS = 50;

export async function trimState(options: {
  readonly store: Pick<Store, 'trim'>;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<void> {
  const { store, retention, clock, log } = options;
  const now = clock.now();
  const before = {
    journal: now - retention.journal,
    conflicts: now - retention.conflicts,
    parked: now - retention.parked,
    commands: now - retention.commands,
  };
  const gone = { journal: 0, conflicts: 0, parked: 0, commands: 0 };
  for (;;) {
    const round = await store.trim(before);
    let count = 0;
    for (const kind of Object.keys(gone) as (keyof typeof gone)[]) {
      gone[kind] += round[kind];
      count += round[kind];
    }
    if (count === 0) break;
    await clock.sleep(PAUSE_MS);
  }
  if (Object.values(gone).some((count) => count > 0)) log.info('what was over is trimmed', gone);
}
