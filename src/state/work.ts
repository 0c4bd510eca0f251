// Claims of due work, and how they end. Live lane first; in it the newest, so that an edit made now does not wait for what
// an outage left, and every fourth time the oldest, so that nothing waits for ever; the bulk lane by due time. Each step
// reads only rows it gives out or that are claimed already, so 100,000 waiting rows cost nothing.
import { BusyError, StaleError } from '../errors.ts';
import { type Claims, type Held, recordText } from './claims.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import { mark } from './hints.ts';
import { findLink } from './link-rows.ts';
import { type DirtyRecord, LANES, laneNumber, toDirtyRow } from './rows.ts';
import { settleRows } from './settle.ts';
import type { Claim, DirtyRow, Link, RecordKey, Retry, Store } from './store.ts';

const OLDEST_EVERY = 4;
const DIRTY = 'profile, side, id, generation, lane, cause, version, attempts, since, due, reason';

export function workVerbs(
  db: Database,
  claims: Claims,
): Pick<
  Store,
  | 'claim'
  | 'claimRecord'
  | 'claimPartner'
  | 'settle'
  | 'release'
  | 'nextDue'
  | 'ringTimers'
  | 'ringProfile'
  | 'dirtyRow'
> {
  let claimed = 0;

  function take(asked: RecordKey, now: number): Claim | null {
    const link = findLink(db, asked);
    const records = link === null ? [asked] : recordsOf(link);
    if (records.some(claims.isHeld)) return null;
    return claims.hold(asked, records, { rows: records.flatMap(rowsOf), link }, now);
  }

  function rowsOf(key: RecordKey): DirtyRow[] {
    const sql = `SELECT ${DIRTY} FROM dirty WHERE profile = ? AND side = ? AND id = ?`;
    return db.all<DirtyRecord>(sql, key.profile, key.side, key.id).map(toDirtyRow);
  }

  /** A claim that went on after its pairing shuts others out of both records, as any claim of a link does. */
  function holdBoth(held: Held, link: Link): void {
    for (const record of recordsOf(link)) if (!claims.isHeld(record)) claims.extend(held, record, []);
  }

  function heldBy(claim: Claim): Held {
    const held = claims.held(claim);
    if (held !== null) return held;
    throw new StaleError(
      `The claim ${claim.key} was given back before`,
      'Claim the record again and work from a fresh read.',
    );
  }

  return {
    async claim(limit, now, lanes = LANES) {
      claimed += 1;
      return db.read(() => {
        const taken: Claim[] = [];
        for (const lane of lanes) {
          if (taken.length >= limit) break;
          const newest = lane === 'live' && claimed % OLDEST_EVERY !== 0;
          const order = newest ? 'due DESC, since DESC' : 'due, since';
          const due = db.each<RecordKey>(
            `SELECT profile, side, id FROM dirty WHERE lane = ? AND due <= ? ORDER BY ${order}`,
            laneNumber(lane),
            now,
          );
          for (const { profile, side, id } of due) {
            if (claims.isHeld({ profile, side, id })) continue;
            const claim = take({ profile, side, id }, now);
            if (claim !== null) taken.push(claim);
            if (taken.length >= limit) break;
          }
        }
        return taken;
      });
    },

    async claimRecord({ profile, side, id }, now) {
      const claim = db.read(() => take({ profile, side, id }, now));
      if (claim === null) throw busy({ profile, side, id });
      return claim;
    },

    async claimPartner(claim, { profile, side, id }) {
      const held = heldBy(claim);
      const partner = { profile, side, id };
      if (held.records.some((record) => recordText(record) === recordText(partner))) return { linkedTo: null };
      return db.read(() => {
        if (claims.isHeld(partner)) throw busy(partner);
        const linkedTo = findLink(db, partner);
        if (linkedTo === null) claims.extend(held, partner, rowsOf(partner));
        return { linkedTo };
      });
    },

    async settle(claim, settlement, now) {
      const held = heldBy(claim);
      const link = db.write(() => {
        const settled = settleRows(db, claim, held.records, settlement, { now, worked: held.rows });
        if (settlement.next === 'clean') clean(db, held, now);
        else if (settlement.next !== 'keep') retry(db, held, settlement.next, now);
        return settled;
      });
      if (settlement.next !== 'keep') claims.free(held);
      else if (link !== null) holdBoth(held, link);
      return link;
    },

    async release(claim, again, now) {
      const held = heldBy(claim);
      try {
        db.write(() => retry(db, held, again, now));
      } finally {
        // Also when the state cannot be written: the rows are still there, and a claim nobody holds would hide them.
        claims.free(held);
      }
    },

    async nextDue(after = Number.MIN_SAFE_INTEGER) {
      let earliest: number | null = null;
      for (const lane of LANES) {
        const sql = 'SELECT profile, side, id, due FROM dirty WHERE lane = ? AND due > ? ORDER BY due, since';
        for (const row of db.each<RecordKey & { due: number }>(sql, laneNumber(lane), after)) {
          if (claims.isHeld(row)) continue;
          if (earliest === null || row.due < earliest) earliest = row.due;
          break;
        }
      }
      const timer = db.get<{ due: number | null }>('SELECT min(due) AS due FROM timer')?.due ?? null;
      if (timer !== null && (earliest === null || timer < earliest)) earliest = timer;
      return earliest;
    },

    async ringTimers(now) {
      if (db.get('SELECT 1 FROM timer WHERE due <= ? LIMIT 1', now) === undefined) return 0;
      return db.write(() => {
        const sql = 'DELETE FROM timer WHERE due <= ? RETURNING profile, side, id';
        const rung = db.all<RecordKey>(sql, now);
        mark(
          db,
          rung.map((key) => ({ ...key, lane: 'bulk', cause: 'timer', version: null })),
          now,
        );
        return rung.length;
      });
    },

    async ringProfile(profile, now, dueBy = Number.MAX_SAFE_INTEGER) {
      const sql = `UPDATE dirty SET due = ? WHERE profile = ? AND (side, id) IN
        (SELECT side, id FROM dirty WHERE profile = ? AND due > ? AND due <= ? LIMIT ?)`;
      db.write(() => {
        while (db.run(sql, now, profile, profile, now, dueBy, ROWS_PER_STATEMENT) === ROWS_PER_STATEMENT);
      });
    },

    async dirtyRow(key) {
      return rowsOf(key)[0] ?? null;
    },
  };
}

function recordsOf(link: Link): RecordKey[] {
  const { profile, ids } = link;
  return [
    { profile, side: 'jira', id: ids.jira },
    { profile, side: 'crm', id: ids.crm },
  ];
}

function busy(key: RecordKey): BusyError {
  return new BusyError(`${recordText(key)} is being worked on`, 'It is tried again by itself; nothing to do.');
}

/** A row that was marked during the work stays: what the mark told of may be newer than what we read. */
function clean(db: Database, held: Held, now: number): void {
  const where = 'WHERE profile = ? AND side = ? AND id = ?';
  for (const { profile, side, id, generation } of held.rows) {
    if (db.run(`DELETE FROM dirty ${where} AND generation = ?`, profile, side, id, generation) > 0) continue;
    const stay = `UPDATE dirty SET attempts = 0, reason = NULL, since = ?, due = min(due, ?) ${where}`;
    db.run(stay, held.since, now, profile, side, id);
  }
}

function retry(db: Database, held: Held, { due, counted, reason }: Retry, now: number): void {
  if (held.rows.length === 0) {
    mark(db, [{ ...held.asked, lane: 'live', cause: 'command', version: null, due }], now);
  }
  const again = `UPDATE dirty SET attempts = attempts + ?, reason = ?,
    due = CASE WHEN generation = ? THEN ? ELSE min(due, ?) END WHERE profile = ? AND side = ? AND id = ?`;
  const rows = held.rows.length > 0 ? held.rows : [{ ...held.asked, generation: 1 }];
  for (const { profile, side, id, generation } of rows) {
    db.run(again, counted ? 1 : 0, reason, generation, Math.ceil(due), now, profile, side, id);
  }
}
