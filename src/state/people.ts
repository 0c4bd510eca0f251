// What people ask and decide: conflicts, parked records, the journal, numbers.
import type { Cause, Side } from '../model.ts';
import { counts, figures, whatWaits } from './counts.ts';
import type { Database } from './database.ts';
import { mark } from './hints.ts';
import { linkById } from './link-rows.ts';
import {
  type ConflictRecord,
  type JournalRecord,
  type ParkedRecord,
  toConflict,
  toJournalEntry,
  toParked,
} from './rows.ts';
import type { Conflict, DirtyMark, RecordKey, Store } from './store.ts';

type PeopleVerbs = Pick<
  Store,
  | 'conflicts'
  | 'conflict'
  | 'decideConflict'
  | 'parked'
  | 'retryParked'
  | 'journal'
  | 'findRecord'
  | 'counts'
  | 'whatWaits'
  | 'figures'
>;

type Filter = { readonly where: string; readonly params: readonly (string | number)[] };

/** `WHERE` of the columns that were asked for. */
function filterOf(columns: Readonly<Record<string, string | number | undefined>>): Filter {
  const asked = Object.entries(columns).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const where = asked.length === 0 ? '' : `WHERE ${asked.map(([column]) => `${column} = ?`).join(' AND ')}`;
  return { where, params: asked.map(([, value]) => value) };
}

export function peopleVerbs(db: Database): PeopleVerbs {
  function conflictById(id: number): Conflict | null {
    const row = db.get<ConflictRecord>('SELECT * FROM conflict WHERE id = ?', id);
    return row === undefined ? null : toConflict(row);
  }

  return {
    async conflicts({ profile, linkId, status }) {
      const { where, params } = filterOf({ profile, link_id: linkId, status });
      return db.all<ConflictRecord>(`SELECT * FROM conflict ${where} ORDER BY id`, ...params).map(toConflict);
    },

    async conflict(id) {
      return conflictById(id);
    },

    async decideConflict(id, take, now) {
      return db.write(() => {
        const conflict = conflictById(id);
        if (conflict === null || conflict.status !== 'open') return conflict;
        db.run('UPDATE conflict SET take = ? WHERE id = ?', JSON.stringify(take), id);
        const link = linkById(db, conflict.linkId);
        if (link !== null) {
          const { profile, ids } = link;
          mark(
            db,
            [liveMark({ profile, side: 'jira', id: ids.jira }), liveMark({ profile, side: 'crm', id: ids.crm })],
            now,
          );
        }
        return { ...conflict, take };
      });
    },

    async parked({ profile, side, id }) {
      const { where, params } = filterOf({ profile, side, id });
      const sql = `SELECT * FROM parked ${where} ORDER BY at, profile, side, id, field`;
      return db.all<ParkedRecord>(sql, ...params).map(toParked);
    },

    async retryParked({ profile, side, id }, now) {
      const { where, params } = filterOf({ profile, side, id });
      return db.write(() => {
        const records = db.all<RecordKey>(`SELECT DISTINCT profile, side, id FROM parked ${where}`, ...params);
        mark(db, records.map(liveMark), now);
        return db.run(`DELETE FROM parked ${where}`, ...params);
      });
    },

    async journal({ profile, linkId, limit }) {
      const { where, params } = filterOf({ profile, link_id: linkId });
      const sql = `SELECT * FROM journal ${where} ORDER BY id DESC LIMIT ?`;
      return db.all<JournalRecord>(sql, ...params, limit).map(toJournalEntry);
    },

    async findRecord(profile, idOrKey) {
      return db.read(() => findRecord(db, profile, idOrKey));
    },

    async counts(profile) {
      return db.read(() => counts(db, profile));
    },

    async whatWaits(profile, now, limit) {
      return whatWaits(db, profile, now, limit);
    },

    async figures() {
      return figures(db);
    },
  };
}

function liveMark({ profile, side, id }: RecordKey): DirtyMark {
  const cause: Cause = 'command';
  return { profile, side, id, lane: 'live', cause, version: null };
}

// Keys before ids: `7405` on the terminal is the deal everybody calls 7405, not the issue with that internal id.
const BY_NAME: readonly string[] = [
  `SELECT 'jira' AS side, jira_id AS id FROM link WHERE profile = ? AND jira_key = ? AND ended_at IS NULL`,
  `SELECT 'crm' AS side, crm_id AS id FROM link WHERE profile = ? AND crm_key = ? AND ended_at IS NULL`,
  'SELECT side, id FROM seen WHERE profile = ? AND key = ? ORDER BY side',
  `SELECT 'crm' AS side, crm_id AS id FROM link WHERE profile = ? AND crm_id = ? AND ended_at IS NULL`,
  `SELECT 'jira' AS side, jira_id AS id FROM link WHERE profile = ? AND jira_id = ? AND ended_at IS NULL`,
  `SELECT side, id FROM seen WHERE profile = ? AND side IN ('crm', 'jira') AND id = ? ORDER BY side`,
  `SELECT side, id FROM dirty WHERE profile = ? AND side IN ('crm', 'jira') AND id = ? ORDER BY side`,
  `SELECT side, id FROM parked WHERE profile = ? AND side IN ('crm', 'jira') AND id = ? ORDER BY side`,
];

function findRecord(db: Database, profile: string, idOrKey: string): RecordKey | null {
  for (const sql of BY_NAME) {
    const row = db.get<{ side: Side; id: string }>(`${sql} LIMIT 1`, profile, idOrKey);
    if (row !== undefined) return { profile, side: row.side, id: row.id };
  }
  return null;
}
