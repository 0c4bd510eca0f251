// Which of its own writes the daemon had not yet put on record when it died. Of these nobody can say afterwards what
// they replaced: the known window.
import { SIDES } from '../../../src/model.ts';
import type { Store } from '../../../src/state/store.ts';
import type { Happening } from '../stage/stage.ts';

export function createUnrecorded(happenings: readonly Happening[]) {
  const unrecorded = new Set<number>();
  let pending: Happening[] = [];
  let seen = 0;

  function look(): void {
    for (; seen < happenings.length; seen += 1) {
      const happening = happenings[seen] as Happening;
      if (happening.actor === 'daemon' && happening.what === 'update') pending.push(happening);
    }
  }

  return {
    unrecorded: unrecorded as ReadonlySet<number>,
    /** The end of a life, or the beginning of the next one: what has landed by then without being recorded never is. */
    died(): void {
      look();
      for (const { seq } of pending) unrecorded.add(seq);
      pending = [];
    },
    /** Watches what is committed. */
    through(store: Store): Store {
      const settle: Store['settle'] = async (claim, settlement, now) => {
        const link = await store.settle(claim, settlement, now);
        look();
        const records = new Set(claim.rows.map(({ side, id }) => `${side} ${id}`));
        for (const ids of [claim.link?.ids, settlement.link?.ids]) {
          for (const side of SIDES) if (ids !== undefined) records.add(`${side} ${ids[side]}`);
        }
        pending = pending.filter(({ side, id }) => !records.has(`${side} ${id}`));
        return link;
      };
      return { ...store, settle };
    },
  };
}
