// Evidence that a record is gone, as other verbs leave it behind. All of it runs inside their transactions.
import { findLink } from './link-rows.ts';
import { type Sql, send } from './sql.ts';
import type { AbsenceWrite, DirtyRow, RecordKey } from './store.ts';

/** A record that nobody paired has nothing to lose. */
export function* noteDeleted(key: RecordKey, now: number): Sql<void> {
  if ((yield* findLink(key)) === null) return;
  const sql = `INSERT INTO absence (profile, side, id, told_at, hidden, accepted) VALUES (?, ?, ?, ?, 0, 0)
    ON CONFLICT (profile, side, id) DO UPDATE SET told_at = excluded.told_at`;
  yield* send(sql, key.profile, key.side, key.id, now);
}

export function* storeAbsence(profile: string, absent: AbsenceWrite, now: number): Sql<void> {
  const { side, id, missedAt, hidden, done } = absent;
  const sql = `INSERT INTO absence (profile, side, id, missed_at, hidden, accepted, done, done_at)
    VALUES (?, ?, ?, ?, ?, 0, ?, ?)
    ON CONFLICT (profile, side, id) DO UPDATE SET missed_at = excluded.missed_at, hidden = excluded.hidden,
      done = excluded.done, done_at = excluded.done_at`;
  yield* send(sql, profile, side, id, missedAt, hidden ? 1 : 0, done, done === null ? null : now);
}

/** What was told since the work began may be news: the row that was marked with it is looked at again. */
export function* forgetAbsence({ profile, side, id }: RecordKey, worked: readonly DirtyRow[]): Sql<void> {
  const sql = `DELETE FROM absence WHERE profile = ? AND side = ? AND id = ? AND NOT EXISTS
    (SELECT 1 FROM dirty WHERE profile = ? AND side = ? AND id = ? AND generation > ?)`;
  const known = worked.find((row) => row.side === side && row.id === id)?.generation ?? 0;
  yield* send(sql, profile, side, id, profile, side, id, known);
}
