// What one piece of work leaves behind. All of it runs inside the transaction of `settle`.
import { SIDES, type Side, valueText } from '../model.ts';
import { forgetAbsence, storeAbsence } from './absence-rows.ts';
import { closeConflicts, storeConflict } from './conflict-rows.ts';
import { findLink, insertLink, moved, unmoved, updateLink } from './link-rows.ts';
import { forgetSighting, storeSightings } from './seen-rows.ts';
import { type Sql, send, sendEach, together } from './sql.ts';
import type { Claim, DirtyRow, JournalEntry, Link, ParkedWrite, RecordKey, Settlement } from './store.ts';

export function* settleRows(
  claim: Claim,
  records: readonly RecordKey[],
  settlement: Settlement,
  { now, worked }: { readonly now: number; readonly worked: readonly DirtyRow[] },
): Sql<Link | null> {
  const { profile } = claim;
  const seenOn = (side: Side) => settlement.seen.filter((one) => one.side === side);
  const [link] = yield* together([
    settleLink(claim, records, settlement, now),
    ...SIDES.map((side) => storeSightings(profile, side, seenOn(side))),
  ]);

  if (link !== null) yield* closeConflicts(link.id, settlement.closeConflicts, now);
  for (const conflict of settlement.conflicts) {
    if (link === null) throw new Error(`a conflict of ${claim.key} has no link`);
    yield* storeConflict(link, conflict, now);
  }

  const unparkAll = 'DELETE FROM parked WHERE profile = ? AND side = ? AND id = ?';
  for (const { side, id, field } of settlement.unpark) {
    if (field === null) yield* send(unparkAll, profile, side, id);
    else yield* send(`${unparkAll} AND field = ?`, profile, side, id, field);
  }
  for (const parked of settlement.park) yield* park(profile, parked, now);
  yield* sendEach(
    `INSERT INTO timer (profile, side, id, purpose, due) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (profile, side, id, purpose) DO UPDATE SET due = excluded.due`,
    settlement.timers.map(({ side, id, purpose, due }) => [profile, side, id, purpose, Math.ceil(due)]),
  );
  yield* writeJournal(settlement.journal, link);
  for (const { side, id } of settlement.forget ?? []) yield* forgetSighting({ profile, side, id });
  const present = [...settlement.seen, ...(settlement.present ?? [])];
  for (const { side, id } of present) yield* forgetAbsence({ profile, side, id }, worked);
  for (const absent of settlement.absent ?? []) yield* storeAbsence(profile, absent, now);
  if (settlement.intentDone !== null) {
    yield* send(`UPDATE intent SET state = 'done', moved_at = ? WHERE key = ?`, now, settlement.intentDone);
  }
  return link;
}

function* settleLink(
  claim: Claim,
  records: readonly RecordKey[],
  settlement: Settlement,
  now: number,
): Sql<Link | null> {
  if (claim.link !== null) {
    if (settlement.link !== undefined) return yield* updateLink(claim.link, settlement.link);
    return yield* unmoved(claim.link);
  }
  if (settlement.link !== undefined) return yield* insertLink(claim.profile, settlement.link, now);
  // Somebody paired the record while we took it for unlinked: what we are about to note is about another situation.
  for (const record of records) {
    const link = yield* findLink(record);
    if (link !== null) throw moved(link);
  }
  return null;
}

/** A record or field that is parked again keeps its place: the new reason replaces the old one. */
function* park(profile: string, parked: ParkedWrite, now: number): Sql<void> {
  const sql = `INSERT INTO parked (profile, side, id, field, reason, cure, kind, field_values, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (profile, side, id, field) DO UPDATE SET reason = excluded.reason, cure = excluded.cure,
      kind = excluded.kind, field_values = excluded.field_values, at = excluded.at`;
  const { side, id, field, reason, cure, kind, values } = parked;
  yield* send(sql, profile, side, id, field, reason, cure, kind, JSON.stringify(values), now);
}

function* writeJournal(entries: readonly JournalEntry[], link: Link | null): Sql<void> {
  yield* sendEach(
    `INSERT INTO journal (at, profile, profile_version, link_id, side, record_id, field, action, before, after, cause, run)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entries.map((entry) => [
      entry.at,
      entry.profile,
      entry.profileVersion,
      entry.linkId ?? link?.id ?? null,
      entry.side,
      entry.recordId,
      entry.field,
      entry.action,
      valueText(entry.before),
      valueText(entry.after),
      entry.cause,
      entry.run,
    ]),
  );
}
