// What people ask and decide: conflicts, parked records, the journal, numbers.
import type { Cause, Side } from '../model.ts';
import { counts, openIntents, whatWaits } from './counts.ts';
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
import { all, get, run, type Sql } from './sql.ts';
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
  return {
    async conflicts({ profile, linkId, status }) {
      const { where, params } = filterOf({ profile, link_id: linkId, status });
      const sql = `SELECT * FROM conflict ${where} ORDER BY id`;
      return (await db.look(() => all<ConflictRecord>(sql, ...params))).map(toConflict);
    },

    conflict(id) {
      return db.look(() => conflictById(id));
    },

    decideConflict(id, take, now) {
      return db.write(function* () {
        const conflict = yield* conflictById(id);
        if (conflict === null || conflict.status !== 'open') return conflict;
        yield* run('UPDATE conflict SET take = ? WHERE id = ?', JSON.stringify(take), id);
        const link = yield* linkById(conflict.linkId);
        if (link !== null) {
          const { profile, ids } = link;
          yield* mark(
            [liveMark({ profile, side: 'jira', id: ids.jira }), liveMark({ profile, side: 'crm', id: ids.crm })],
            now,
          );
        }
        return { ...conflict, take };
      });
    },

    async parked({ profile, side, id, kind, field }) {
      const { where, params } = filterOf({ profile, side, id, kind, field });
      const sql = `SELECT * FROM parked ${where} ORDER BY at, profile, side, id, field`;
      return (await db.look(() => all<ParkedRecord>(sql, ...params))).map(toParked);
    },

    retryParked({ profile, side, id, kind, field }, now) {
      const { where, params } = filterOf({ profile, side, id, kind, field });
      return db.write(function* () {
        const records = yield* all<RecordKey>(`SELECT DISTINCT profile, side, id FROM parked ${where}`, ...params);
        yield* mark(records.map(liveMark), now);
        return yield* run(`DELETE FROM parked ${where}`, ...params);
      });
    },

    async journal({ profile, linkId, run: piece, since, until, limit }) {
      const { where, params } = filterOf({ profile, link_id: linkId, run: piece });
      const time = `${where === '' ? 'WHERE' : `${where} AND`} at >= ? AND at <= ?`;
      const sql = `SELECT * FROM journal ${time} ORDER BY id DESC LIMIT ?`;
      const bounds = [since ?? Number.MIN_SAFE_INTEGER, until ?? Number.MAX_SAFE_INTEGER];
      return (await db.look(() => all<JournalRecord>(sql, ...params, ...bounds, limit))).map(toJournalEntry);
    },

    findRecord(profile, idOrKey) {
      return db.read(() => findRecord(profile, idOrKey));
    },

    counts(profile) {
      return db.read(() => counts(profile));
    },

    whatWaits(profile, now, limit) {
      return db.look(() => whatWaits(profile, now, limit));
    },

    async figures() {
      return { bytes: await db.size(), intents: await db.look(openIntents) };
    },
  };
}

function* conflictById(id: number): Sql<Conflict | null> {
  const row = yield* get<ConflictRecord>('SELECT * FROM conflict WHERE id = ?', id);
  return row === undefined ? null : toConflict(row);
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

function* findRecord(profile: string, idOrKey: string): Sql<RecordKey | null> {
  for (const sql of BY_NAME) {
    const row = yield* get<{ side: Side; id: string }>(`${sql} LIMIT 1`, profile, idOrKey);
    if (row !== undefined) return { profile, side: row.side, id: row.id };
  }
  return null;
}
