// Which rows wait for a bell. A row that is worked on is left out: what becomes of it is known when the work has ended.
import type { Lane } from '../model.ts';
import type { Confinement } from './bounds.ts';
import { type Claims, recordText } from './claims.ts';
import type { Database } from './database.ts';
import { laneNumber } from './rows.ts';
import { all, type Sql, together } from './sql.ts';
import type { DueRow, RecordKey, Store } from './store.ts';

type Row = RecordKey & { generation: number; due: number };

/** Some of the oldest live rows are looked at beside the newest. */
const OLDEST_PART = 4;

export function dueVerbs(db: Database, claims: Claims, bounds: Confinement): Pick<Store, 'dueRows'> {
  type Look = {
    readonly lane: Lane;
    readonly where: string;
    readonly order: string;
    readonly times: readonly number[];
  };

  function* look({ lane, where, order, times }: Look, limit: number): Sql<DueRow[]> {
    const only = bounds.only();
    const sql = `SELECT profile, side, id, generation, due FROM dirty
      WHERE lane = ? AND ${where}${only.sql} ORDER BY ${order} LIMIT ?`;
    // What is held may stand among them, and then does not count.
    const most = limit + claims.count();
    const rows = yield* all<Row>(sql, laneNumber(lane), ...times, ...only.params, most);
    const free = rows.filter((row) => !claims.isHeld(row)).slice(0, limit);
    return free.map(({ profile, side, id, generation, due }) => ({ profile, side, id, generation, lane, due }));
  }

  return {
    async dueRows(limit, now, until) {
      return db.look(function* () {
        const due = { where: 'due <= ?', order: 'due, since', times: [now] };
        const soon = { where: 'due > ? AND due <= ?', order: 'due, since', times: [now, until] };
        const [live, bulk, later, laterBulk] = yield* together([
          look({ ...due, lane: 'live', order: 'due DESC, since DESC' }, limit),
          look({ ...due, lane: 'bulk' }, limit),
          look({ ...soon, lane: 'live' }, limit),
          look({ ...soon, lane: 'bulk' }, limit),
        ]);
        const oldest: DueRow[] = [];
        if (live.length === limit) {
          const known = new Set(live.map(recordText));
          const rows = yield* look({ ...due, lane: 'live' }, Math.ceil(limit / OLDEST_PART));
          oldest.push(...rows.filter((row) => !known.has(recordText(row))));
        }
        return [...live, ...oldest, ...bulk, ...later, ...laterBulk];
      });
    },
  };
}
