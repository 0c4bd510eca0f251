// What the store keeps has limits in time, and what a person asks to be forgotten goes at once.
import { SIDES } from '../model.ts';
import { recordsOf } from './apart.ts';
import type { Confinement } from './bounds.ts';
import type { Claims } from './claims.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import { forgetSighting } from './seen-rows.ts';
import { all, run, type Sql } from './sql.ts';
import type { RecordKey, Store } from './store.ts';

export function retentionVerbs(db: Database, claims: Claims, bounds: Confinement): Pick<Store, 'trim' | 'forget'> {
  return {
    trim(before) {
      return db.write(function* () {
        // Entries are written in the order of time: the oldest are found without an index on it.
        const journal = yield* run(
          'DELETE FROM journal WHERE id IN (SELECT id FROM journal ORDER BY id LIMIT ?) AND at < ?',
          ROWS_PER_STATEMENT,
          before.journal,
        );
        yield* forgetOldValues(before.journal);
        const conflicts = yield* run(
          `DELETE FROM conflict WHERE id IN
             (SELECT id FROM conflict WHERE status <> 'open' AND closed_at < ? ORDER BY id LIMIT ?)`,
          before.conflicts,
          ROWS_PER_STATEMENT,
        );
        const parked = yield* run(TRIM_PARKED, before.parked, ROWS_PER_STATEMENT);
        const commands = yield* run(
          `DELETE FROM command WHERE id IN
             (SELECT id FROM command WHERE state IN ('done', 'failed') AND at < ? ORDER BY id LIMIT ?)`,
          before.commands,
          ROWS_PER_STATEMENT,
        );
        return { journal, conflicts, parked, commands };
      });
    },

    async forget(claim, now) {
      const held = claims.held(claim);
      if (held === null) throw new Error(`the claim ${claim.key} was given back before`);
      const records = recordsOf(held.records, claim.link?.ids ?? null, claim.profile);
      const forgotten = await db.write(function* () {
        yield* bounds.refuse(claim.profile);
        const told = { journal: 0, conflicts: 0 };
        for (const record of records) {
          const { journal, conflicts } = yield* eraseRecord(record, now);
          told.journal += journal;
          told.conflicts += conflicts;
        }
        return told;
      });
      claims.free(held);
      return forgotten;
    },
  };
}

/** Of a record that nothing else knows any more: nobody can repair it, and no later success takes the row away. */
const TRIM_PARKED = `
DELETE FROM parked WHERE (profile, side, id, field) IN (
  SELECT profile, side, id, field FROM parked AS old WHERE old.at < ?
    AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.profile = old.profile AND seen.side = old.side AND seen.id = old.id)
    AND NOT EXISTS (SELECT 1 FROM dirty WHERE dirty.profile = old.profile AND dirty.side = old.side AND dirty.id = old.id)
  LIMIT ?)`;

/** What an ended pair last showed, and what was sent to create a record, is history like the journal. */
function* forgetOldValues(before: number): Sql<void> {
  yield* run(
    `UPDATE link SET base = '{}', announced = NULL WHERE id IN (SELECT id FROM link WHERE ended_at < ? AND base <> '{}' LIMIT ?)`,
    before,
    ROWS_PER_STATEMENT,
  );
  yield* run(
    `UPDATE intent SET sent = NULL WHERE key IN
       (SELECT key FROM intent WHERE state = 'done' AND moved_at < ? AND sent IS NOT NULL LIMIT ?)`,
    before,
    ROWS_PER_STATEMENT,
  );
}

/** Ids stay, so that the records are neither paired nor created again; everything that somebody typed goes. */
function* eraseRecord({ profile, side, id }: RecordKey, now: number): Sql<{ journal: number; conflicts: number }> {
  const told = { journal: 0, conflicts: 0 };
  const pairs = yield* all<{ id: number }>(`SELECT id FROM link WHERE profile = ? AND ${side}_id = ?`, profile, id);
  for (const pair of pairs) {
    told.conflicts += yield* run('DELETE FROM conflict WHERE link_id = ?', pair.id);
    told.journal += yield* run('DELETE FROM journal WHERE link_id = ?', pair.id);
    yield* run(
      `UPDATE link SET ended_at = coalesce(ended_at, ?), revision = revision + 1, base = '{}', announced = NULL, reason = NULL,
         jira_key = jira_id, crm_key = crm_id, jira_fingerprint = '', crm_fingerprint = '' WHERE id = ?`,
      now,
      pair.id,
    );
  }
  const record = [profile, side, id] as const;
  told.journal += yield* run('DELETE FROM journal WHERE profile = ? AND side = ? AND record_id = ?', ...record);
  for (const table of ['parked', 'dirty', 'absence', 'timer']) {
    yield* run(`DELETE FROM ${table} WHERE profile = ? AND side = ? AND id = ?`, ...record);
  }
  // `side` is where the record was created from it; its key only names ids.
  const [other] = SIDES.filter((one) => one !== side);
  yield* run(
    'UPDATE intent SET sent = NULL WHERE profile = ? AND side = ? AND source_id = ?',
    profile,
    other ?? side,
    id,
  );
  yield* run(
    `INSERT INTO apart (profile, side, id, at, forgotten) VALUES (?, ?, ?, ?, 1)
     ON CONFLICT (profile, side, id) DO UPDATE SET at = excluded.at, forgotten = 1`,
    ...record,
    now,
  );
  yield* forgetSighting({ profile, side, id });
  // Answers of commands tell values.
  yield* run(`DELETE FROM command WHERE state IN ('done', 'failed') AND args LIKE ?`, `%"${id}"%`);
  return told;
}
