// Hints become dirty rows here: marks, webhook deliveries, pages of a sweep.

import { UnavailableError } from '../errors.ts';
import { noteDeleted } from './absence-rows.ts';
import type { Confinement } from './bounds.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import type { Defer } from './group-commit.ts';
import { laneNumber } from './rows.ts';
import { storeSightings } from './seen-rows.ts';
import { get, run, runEach, type Sql, send, sendEach, together } from './sql.ts';
import type { DirtyMark, Store } from './store.ts';

const DELIVERY_KEPT = 48 * 3_600_000;
const PURGE_EVERY = 600_000;

type Waiting = {
  readonly id: string | null;
  readonly marks: readonly DirtyMark[];
  readonly now: number;
  readonly resolve: (answer: { duplicate: boolean }) => void;
  readonly reject: (error: unknown) => void;
};

export function hintVerbs(
  db: Database,
  bounds: Confinement,
  defer: Defer,
): Pick<Store, 'markDirty' | 'acceptDelivery' | 'observe' | 'cursor' | 'forgetCursors'> {
  let group: Waiting[] = [];
  let purgedAt = Number.NEGATIVE_INFINITY;

  async function commit(deliveries: readonly Waiting[]): Promise<void> {
    const now = deliveries[0]?.now ?? 0;
    const purging = now - purgedAt >= PURGE_EVERY;
    try {
      const answers = await db.writeBeside(function* () {
        if (purging) yield* purge(now);
        const duplicates: boolean[] = [];
        for (const delivery of deliveries) duplicates.push(!(yield* accept(delivery)));
        return duplicates;
      });
      if (purging) purgedAt = now;
      for (const [i, { resolve }] of deliveries.entries()) resolve({ duplicate: answers[i] ?? false });
    } catch (error) {
      if (error instanceof UnavailableError) {
        for (const delivery of deliveries) delivery.reject(error);
        return;
      }
      const [only, ...others] = deliveries;
      if (only !== undefined && others.length === 0) only.reject(error);
      // One delivery must not cost the others of its group their answer.
      else for (const delivery of deliveries) await commit([delivery]);
    }
  }

  function flush(): void {
    const deliveries = group;
    group = [];
    // Never rejects: each delivery has its own answer.
    void commit(deliveries);
  }

  return {
    async markDirty(marks, now) {
      if (marks.length > 0) await db.write(() => markTold(marks, now));
    },

    acceptDelivery(id, marks, now) {
      return new Promise((resolve, reject) => {
        group.push({ id, marks, now, resolve, reject });
        if (group.length === 1) defer(flush);
      });
    },

    observe(page, now) {
      // Lost, the page is read again.
      return db.writeSoon(function* () {
        const { profile, side, lane, cause } = page;
        const [, areNew] = yield* together([bounds.refuse(profile), storeSightings(profile, side, page.sightings)]);
        const marks = page.sightings
          .filter((_, i) => areNew[i] || page.force)
          .map(({ id }): DirtyMark => ({ profile, side, id, lane, cause, version: null }));
        yield* mark(marks, now);
        const cursors = [page.cursor, page.resume ?? null].filter((cursor) => cursor !== null);
        yield* sendEach(
          'INSERT INTO cursor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
          cursors.map(({ name, value }) => [name, value]),
        );
        return { marked: marks.length };
      });
    },

    async cursor(name) {
      const row = await db.look(() => get<{ value: string }>('SELECT value FROM cursor WHERE name = ?', name));
      return row?.value ?? null;
    },

    async forgetCursors(names) {
      const rows = names.map((name) => [name]);
      if (rows.length > 0) await db.write(() => runEach('DELETE FROM cursor WHERE name = ?', rows));
    },
  };
}

/** The newest of the versions told, in whatever order they came: the echo of our own write is not to hide an edit. */
const MARK = `
INSERT INTO dirty (profile, side, id, generation, lane, cause, version, attempts, since, due, reason)
VALUES (?, ?, ?, 1, ?, ?, ?, 0, ?, ?, NULL)
ON CONFLICT (profile, side, id) DO UPDATE SET
  generation = dirty.generation + 1,
  lane = CASE WHEN dirty.lane < excluded.lane THEN dirty.lane ELSE excluded.lane END,
  cause = excluded.cause,
  version = CASE WHEN dirty.version IS NULL THEN NULL WHEN dirty.version > excluded.version THEN dirty.version
    ELSE excluded.version END,
  due = CASE WHEN dirty.due < excluded.due THEN dirty.due ELSE excluded.due END`;

/** Inside the caller's transaction. */
export function* mark(marks: readonly DirtyMark[], now: number): Sql<void> {
  yield* sendEach(
    MARK,
    marks.map(({ profile, side, id, lane, cause, version, due }) => [
      profile,
      side,
      id,
      laneNumber(lane),
      cause,
      version,
      now,
      Math.ceil(due ?? now),
    ]),
  );
}

function* markTold(marks: readonly DirtyMark[], now: number): Sql<void> {
  yield* mark(marks, now);
  for (const told of marks) if (told.deleted) yield* noteDeleted(told, now);
}

/** False when the id was stored less than 48 h ago; nothing is marked then. */
function* accept({ id, marks, now }: Waiting): Sql<boolean> {
  const sql = `INSERT INTO delivery (id, at) VALUES (?, ?)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE delivery.at < excluded.at - ${DELIVERY_KEPT}`;
  if (id !== null && (yield* run(sql, id, now)) === 0) return false;
  yield* markTold(marks, now);
  return true;
}

function* purge(now: number): Sql<void> {
  const sql = 'DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE at < ? LIMIT ?)';
  yield* send(sql, now - DELIVERY_KEPT, ROWS_PER_STATEMENT);
}
