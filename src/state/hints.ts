// Hints become dirty rows here: marks, webhook deliveries, pages of a sweep.

import { UnavailableError } from '../errors.ts';
import { noteDeleted } from './absence-rows.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import { laneNumber } from './rows.ts';
import { storeSighting } from './seen-rows.ts';
import type { DirtyMark, Store } from './store.ts';

const DELIVERY_KEPT = 48 * 3_600_000;
const PURGE_EVERY = 600_000;

/** Runs `flush` soon. A server passes something that runs after a whole round of socket reads, such as setImmediate. */
export type Defer = (flush: () => void) => void;

type Waiting = {
  readonly id: string | null;
  readonly marks: readonly DirtyMark[];
  readonly now: number;
  readonly resolve: (answer: { duplicate: boolean }) => void;
  readonly reject: (error: unknown) => void;
};

export function hintVerbs(
  db: Database,
  defer: Defer,
): Pick<Store, 'markDirty' | 'acceptDelivery' | 'observe' | 'cursor' | 'forgetCursors'> {
  let group: Waiting[] = [];
  let purgedAt = Number.NEGATIVE_INFINITY;

  function accept(delivery: Waiting): { duplicate: boolean } {
    if (delivery.id !== null && !storeDelivery(db, delivery.id, delivery.now)) return { duplicate: true };
    markTold(delivery.marks, delivery.now);
    return { duplicate: false };
  }

  function markTold(marks: readonly DirtyMark[], now: number): void {
    mark(db, marks, now);
    for (const told of marks) if (told.deleted) noteDeleted(db, told, now);
  }

  function commit(deliveries: readonly Waiting[]): void {
    try {
      const answers = db.write(() => {
        purge(deliveries);
        return deliveries.map(accept);
      });
      deliveries.forEach((delivery, i) => {
        delivery.resolve(answers[i] ?? { duplicate: false });
      });
    } catch (error) {
      if (error instanceof UnavailableError) {
        for (const delivery of deliveries) delivery.reject(error);
        return;
      }
      const [only, ...others] = deliveries;
      if (only !== undefined && others.length === 0) only.reject(error);
      // One delivery must not cost the others of its group their answer.
      else for (const delivery of deliveries) commit([delivery]);
    }
  }

  function purge(deliveries: readonly Waiting[]): void {
    const now = deliveries[0]?.now ?? 0;
    if (now - purgedAt < PURGE_EVERY) return;
    purgedAt = now;
    const sql = 'DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE at < ? LIMIT ?)';
    db.run(sql, now - DELIVERY_KEPT, ROWS_PER_STATEMENT);
  }

  function flush(): void {
    const deliveries = group;
    group = [];
    commit(deliveries);
  }

  return {
    async markDirty(marks, now) {
      if (marks.length > 0) db.write(() => markTold(marks, now));
    },

    acceptDelivery(id, marks, now) {
      return new Promise((resolve, reject) => {
        group.push({ id, marks, now, resolve, reject });
        if (group.length === 1) defer(flush);
      });
    },

    async observe(page, now) {
      return db.write(() => {
        const marks: DirtyMark[] = [];
        const { profile, side, lane, cause } = page;
        for (const sighting of page.sightings) {
          const isNew = storeSighting(db, profile, side, sighting);
          if (isNew || page.force) marks.push({ profile, side, id: sighting.id, lane, cause, version: null });
        }
        mark(db, marks, now);
        for (const cursor of [page.cursor, page.resume ?? null]) {
          if (cursor === null) continue;
          db.run(
            'INSERT INTO cursor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
            cursor.name,
            cursor.value,
          );
        }
        return { marked: marks.length };
      });
    },

    async cursor(name) {
      return db.get<{ value: string }>('SELECT value FROM cursor WHERE name = ?', name)?.value ?? null;
    },

    async forgetCursors(names) {
      db.write(() => {
        for (const name of names) db.run('DELETE FROM cursor WHERE name = ?', name);
      });
    },
  };
}

const MARK = `
INSERT INTO dirty (profile, side, id, generation, lane, cause, version, attempts, since, due, reason)
VALUES (?, ?, ?, 1, ?, ?, ?, 0, ?, ?, NULL)
ON CONFLICT (profile, side, id) DO UPDATE SET
  generation = generation + 1,
  lane = min(lane, excluded.lane),
  cause = excluded.cause,
  version = CASE WHEN version IS NULL THEN NULL ELSE excluded.version END,
  due = min(due, excluded.due)`;

/** Inside the caller's transaction. */
export function mark(db: Database, marks: readonly DirtyMark[], now: number): void {
  for (const { profile, side, id, lane, cause, version, due } of marks) {
    db.run(MARK, profile, side, id, laneNumber(lane), cause, version, now, Math.ceil(due ?? now));
  }
}

/** False when the id was stored less than 48 h ago. */
function storeDelivery(db: Database, id: string, now: number): boolean {
  const sql = `INSERT INTO delivery (id, at) VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE at < excluded.at - ${DELIVERY_KEPT}`;
  return db.run(sql, id, now) > 0;
}
