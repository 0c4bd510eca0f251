// What one piece of work leaves behind. All of it runs inside the transaction of `settle`.
import { valueText } from '../model.ts';
import { forgetAbsence, storeAbsence } from './absence-rows.ts';
import { closeConflicts, storeConflict } from './conflict-rows.ts';
import type { Database } from './database.ts';
import { findLink, insertLink, linkById, moved, updateLink } from './link-rows.ts';
import { forgetSighting, storeSighting } from './seen-rows.ts';
import type { Claim, DirtyRow, JournalEntry, Link, ParkedWrite, RecordKey, Settlement } from './store.ts';

export function settleRows(
  db: Database,
  claim: Claim,
  records: readonly RecordKey[],
  settlement: Settlement,
  { now, worked }: { readonly now: number; readonly worked: readonly DirtyRow[] },
): Link | null {
  const { profile } = claim;
  const link = settleLink(db, claim, records, settlement, now);

  if (link !== null) closeConflicts(db, link.id, settlement.closeConflicts, now);
  for (const conflict of settlement.conflicts) {
    if (link === null) throw new Error(`a conflict of ${claim.key} has no link`);
    storeConflict(db, link, conflict, now);
  }

  const unparkAll = 'DELETE FROM parked WHERE profile = ? AND side = ? AND id = ?';
  for (const { side, id, field } of settlement.unpark) {
    if (field === null) db.run(unparkAll, profile, side, id);
    else db.run(`${unparkAll} AND field = ?`, profile, side, id, field);
  }
  for (const parked of settlement.park) park(db, profile, parked, now);
  for (const timer of settlement.timers) {
    const sql = `INSERT INTO timer (profile, side, id, purpose, due) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (profile, side, id, purpose) DO UPDATE SET due = excluded.due`;
    db.run(sql, profile, timer.side, timer.id, timer.purpose, Math.ceil(timer.due));
  }
  for (const entry of settlement.journal) writeJournal(db, entry, link);
  for (const { side, ...sighting } of settlement.seen) storeSighting(db, profile, side, sighting);
  for (const { side, id } of settlement.forget ?? []) forgetSighting(db, { profile, side, id });
  const present = [...settlement.seen, ...(settlement.present ?? [])];
  for (const { side, id } of present) forgetAbsence(db, { profile, side, id }, worked);
  for (const absent of settlement.absent ?? []) storeAbsence(db, profile, absent, now);
  if (settlement.intentDone !== null) {
    db.run(`UPDATE intent SET state = 'done', moved_at = ? WHERE key = ?`, now, settlement.intentDone);
  }
  return link;
}

function settleLink(
  db: Database,
  claim: Claim,
  records: readonly RecordKey[],
  settlement: Settlement,
  now: number,
): Link | null {
  if (claim.link !== null) {
    if (settlement.link !== undefined) return updateLink(db, claim.link, settlement.link);
    const current = linkById(db, claim.link.id);
    if (current?.revision !== claim.link.revision) throw moved(claim.link);
    return current;
  }
  if (settlement.link !== undefined) return insertLink(db, claim.profile, settlement.link, now);
  // Somebody paired the record while we took it for unlinked: what we are about to note is about another situation.
  for (const record of records) {
    const link = findLink(db, record);
    if (link !== null) throw moved(link);
  }
  return null;
}

/** A record or field that is parked again keeps its place: the new reason replaces the old one. */
function park(db: Database, profile: string, parked: ParkedWrite, now: number): void {
  const sql = `INSERT INTO parked (profile, side, id, field, reason, cure, kind, field_values, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (profile, side, id, field) DO UPDATE SET reason = excluded.reason, cure = excluded.cure,
      kind = excluded.kind, field_values = excluded.field_values, at = excluded.at`;
  const { side, id, field, reason, cure, kind, values } = parked;
  db.run(sql, profile, side, id, field, reason, cure, kind, JSON.stringify(values), now);
}

function writeJournal(db: Database, entry: JournalEntry, link: Link | null): void {
  db.run(
    `INSERT INTO journal (at, profile, profile_version, link_id, side, record_id, field, action, before, after, cause, run)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
  );
}
