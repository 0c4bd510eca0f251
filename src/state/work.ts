// Claims of due work, and how they end. Live lane first; in it the newest, so that an edit made now does not wait for what
// an outage left, and every fourth time the oldest, so that nothing waits for ever; the bulk lane by due time. Each step
// reads only rows it gives out or that are claimed already, so 100,000 waiting rows cost nothing.
import { BusyError, StaleError } from '../errors.ts';
import type { Lane } from '../model.ts';
import type { Confinement } from './bounds.ts';
import { type Claims, claimOf, type Held, recordText } from './claims.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import { mark } from './hints.ts';
import { findLink, moved } from './link-rows.ts';
import { type DirtyRecord, jiraFirst, LANES, laneNumber, pairParams, selectOfPair, toDirtyRow } from './rows.ts';
import { settleRows } from './settle.ts';
import { all, get, run, runEach, type Sql, sendEach, together } from './sql.ts';
import type { Claim, DirtyRow, Link, RecordKey, Retry, Settlement, Store } from './store.ts';

const OLDEST_EVERY = 4;
const DIRTY = 'profile, side, id, generation, lane, cause, version, attempts, since, due, reason';

export function workVerbs(
  db: Database,
  claims: Claims,
  bounds: Confinement,
): Pick<
  Store,
  | 'claim'
  | 'claimRung'
  | 'claimRecord'
  | 'claimPartner'
  | 'announce'
  | 'settle'
  | 'release'
  | 'nextDue'
  | 'ringTimers'
  | 'ringProfile'
  | 'dirtyRow'
> {
  let claimed = 0;

  /**
   * Held before anything is read: nobody settles meanwhile what is read then. Left out are those that are held by somebody
   * else, whose partner is, or whose row is no longer the one that is wanted. The first of two partners claims both.
   */
  function* take(
    asked: readonly RecordKey[],
    now: number,
    isWanted: ((row: DirtyRow) => boolean) | null,
  ): Sql<Claim[]> {
    const helds = new Set<Held>();
    for (const key of asked) if (!claims.isHeld(key)) helds.add(claims.hold(key, now));
    try {
      return yield* takeHeld(helds, isWanted);
    } catch (error) {
      for (const held of helds) claims.free(held);
      throw error;
    }
  }

  /** Takes out of `helds` what is given up. */
  function* takeHeld(helds: Set<Held>, isWanted: ((row: DirtyRow) => boolean) | null): Sql<Claim[]> {
    const giveUp = (held: Held) => {
      claims.free(held);
      helds.delete(held);
    };
    const links = new Map<Held, Link | null>();
    const found = yield* together([...helds].map(({ asked }) => findLink(asked)));
    for (const [at, held] of [...helds].entries()) links.set(held, found[at] ?? null);

    const later = new Set(helds);
    for (const [held, link] of links) {
      later.delete(held);
      if (link === null || !helds.has(held)) continue;
      const partners = recordsOf(link).filter(({ side }) => side !== held.asked.side);
      const holders = partners.map(claims.holder).filter((holder) => holder !== null);
      const other = holders.find((holder) => !later.has(holder));
      if (other !== undefined) {
        giveUp(held);
        // They were paired while this one was being asked for. Held by nobody, it would be rung for again and again.
        claims.host(other, held.asked);
      } else {
        for (const holder of holders) giveUp(holder);
        for (const partner of partners) claims.extend(held, partner, []);
      }
    }

    const taken = [...helds];
    const rows = yield* together(
      taken.map((held) => {
        const link = links.get(held) ?? null;
        return link === null ? rowsOf(held.asked) : rowsOfPair(link);
      }),
    );
    const claimed: Claim[] = [];
    for (const [at, held] of taken.entries()) {
      held.rows.push(...(rows[at] ?? []));
      const own = held.rows.find((row) => row.side === held.asked.side);
      if (isWanted !== null && (own === undefined || !isWanted(own))) giveUp(held);
      else claimed.push(claimOf(held, links.get(held) ?? null));
    }
    return claimed;
  }

  /** Of work that is cut off in the middle nothing stays claimed. */
  function takeMany(into: (taken: Claim[]) => Sql<void>): Promise<Claim[]> {
    return db.look(function* () {
      const taken: Claim[] = [];
      try {
        yield* into(taken);
      } catch (error) {
        for (const claim of taken) claims.free(heldBy(claim));
        throw error;
      }
      return taken;
    });
  }

  function* takeDue(taken: Claim[], limit: number, now: number, lane: Lane, oldestFirst: boolean): Sql<void> {
    const isWanted = (row: DirtyRow) => row.lane === lane && row.due <= now;
    const order = lane === 'live' && !oldestFirst ? 'due DESC, since DESC' : 'due, since';
    const only = bounds.only();
    const sql = `SELECT profile, side, id FROM dirty WHERE lane = ? AND due <= ?${only.sql} ORDER BY ${order} LIMIT ? OFFSET ?`;
    for (let from = 0; taken.length < limit; ) {
      // What is held stands among the due rows until it is settled.
      const most = limit - taken.length + claims.count();
      const due = yield* all<RecordKey>(sql, laneNumber(lane), now, ...only.params, most, from);
      for (let at = 0; at < due.length && taken.length < limit; ) {
        const next = due.slice(at, at + limit - taken.length);
        at += next.length;
        taken.push(...(yield* take(next.map(keyOf), now, isWanted)));
      }
      if (due.length < most) return;
      from += most;
    }
  }

  /** A claim that went on after its pairing shuts others out of both records, as any claim of a link does. */
  function holdBoth(held: Held, link: Link): void {
    for (const record of recordsOf(link)) if (!claims.isHeld(record)) claims.extend(held, record, []);
  }

  function heldBy(claim: Claim): Held {
    const held = claims.held(claim);
    if (held !== null && !held.hasLetGo) return held;
    throw new StaleError(
      `The claim ${claim.key} was given back before`,
      'Claim the record again and work from a fresh read.',
    );
  }

  function* firstDue(lane: Lane, after: number): Sql<number | null> {
    const only = bounds.only();
    const sql = `SELECT profile, side, id, due FROM dirty WHERE lane = ? AND due > ?${only.sql} ORDER BY due, since LIMIT ? OFFSET ?`;
    for (let from = 0; ; ) {
      const most = claims.count() + 1;
      const rows = yield* all<RecordKey & { due: number }>(sql, laneNumber(lane), after, ...only.params, most, from);
      const first = rows.find((row) => !claims.isHeld(row));
      if (first !== undefined || rows.length < most) return first?.due ?? null;
      from += most;
    }
  }

  return {
    async claim(limit, now, lanes = LANES) {
      claimed += 1;
      const oldestFirst = claimed % OLDEST_EVERY === 0;
      return takeMany(function* (taken) {
        for (const lane of lanes) yield* takeDue(taken, limit, now, lane, oldestFirst);
      });
    },

    async claimRung(records, now) {
      return takeMany(function* (taken) {
        const ours = records.filter(({ profile }) => bounds.hasProfile(profile)).map(keyOf);
        taken.push(...(yield* take(ours, now, (row) => row.due <= now)));
      });
    },

    async claimRecord(record, now) {
      const key = keyOf(record);
      const [claim] = await db.look(() => take([key], now, null));
      if (claim === undefined) throw busy(key);
      return claim;
    },

    async claimPartner(claim, { profile, side, id }) {
      const held = heldBy(claim);
      const partner = { profile, side, id };
      if (held.records.some((record) => recordText(record) === recordText(partner))) return { linkedTo: null };
      const holder = claims.holder(partner);
      if (holder !== null && holder !== held) {
        // Two that are to be a pair find each other busy. Whoever asks first lets go and leaves its record to the other
        // one, who need not wait for it then; if that one wants something else, the row is due as soon as it has ended.
        claims.letGo(held, holder);
        throw busy(partner);
      }
      claims.extend(held, partner, []);
      try {
        const linkedTo = await db.look(function* () {
          const link = yield* findLink(partner);
          if (link === null) held.rows.push(...(yield* rowsOf(partner)));
          return link;
        });
        if (linkedTo !== null) claims.drop(held, partner);
        return { linkedTo };
      } catch (error) {
        claims.drop(held, partner);
        throw error;
      }
    },

    async announce(claim, announced) {
      heldBy(claim);
      const { link, profile } = claim;
      if (link === null) throw new Error(`nothing is settled of ${claim.key}, so that nothing can be announced`);
      const sql = 'UPDATE link SET announced = ? WHERE id = ? AND revision = ? AND ended_at IS NULL';
      await db.writeSoon(function* () {
        const update = run(sql, JSON.stringify(announced), link.id, link.revision);
        const [, changed] = yield* together([bounds.refuse(profile), update]);
        if (changed === 0) throw moved(link);
      });
    },

    async settle(claim, settlement, now) {
      const held = heldBy(claim);
      // Lost, the row is still dirty and both sides are read again; what is kept comes before a write and must stand.
      // A conflict may be all that tells of a value that was overwritten.
      const write = settlement.next === 'keep' || settlement.conflicts.length > 0 ? db.write : db.writeSoon;
      const link = await write(function* () {
        const [, settled] = yield* together([
          bounds.refuse(claim.profile),
          settleRows(claim, held.records, settlement, { now, worked: held.rows }),
          after(held, settlement.next, now),
        ]);
        return settled;
      });
      if (settlement.next !== 'keep') claims.free(held);
      else if (link !== null) holdBoth(held, link);
      return link;
    },

    async release(claim, again, now) {
      const given = claims.held(claim);
      if (given?.hasLetGo) return claims.free(given);
      const held = heldBy(claim);
      try {
        await db.writeSoon(function* () {
          // Whoever has taken the work over knows better when it is due.
          if (yield* bounds.isOurs(claim.profile)) yield* retry(held, again, now);
        });
      } finally {
        // Also when the state cannot be written: the rows are still there, and a claim nobody holds would hide them.
        claims.free(held);
      }
    },

    nextDue(after = Number.MIN_SAFE_INTEGER) {
      return db.look(function* () {
        const only = bounds.only();
        const sql = `SELECT min(due) AS due FROM timer WHERE due IS NOT NULL${only.sql}`;
        const lanes = LANES.map((lane) => firstDue(lane, after));
        const times = yield* together([...lanes, firstTime(sql, only.params)]);
        const due = times.filter((time) => time !== null);
        return due.length === 0 ? null : Math.min(...due);
      });
    },

    async ringTimers(now) {
      const only = bounds.only();
      const isDue = () => get(`SELECT 1 FROM timer WHERE due <= ?${only.sql} LIMIT 1`, now, ...only.params);
      if ((await db.look(isDue)) === undefined) return 0;
      // Lost, the timer rings again.
      return db.writeSoon(function* () {
        const sql = `DELETE FROM timer WHERE due <= ?${only.sql} RETURNING profile, side, id`;
        const rung = yield* all<RecordKey>(sql, now, ...only.params);
        yield* mark(
          rung.map((key) => ({ ...key, lane: 'bulk', cause: 'timer', version: null })),
          now,
        );
        return rung.length;
      });
    },

    async ringProfile(profile, now, dueBy = Number.MAX_SAFE_INTEGER) {
      const sql = `UPDATE dirty SET due = ? WHERE profile = ? AND (side, id) IN
        (SELECT side, id FROM dirty WHERE profile = ? AND due > ? AND due <= ? LIMIT ?)`;
      await db.write(function* () {
        while ((yield* run(sql, now, profile, profile, now, dueBy, ROWS_PER_STATEMENT)) === ROWS_PER_STATEMENT);
      });
    },

    async dirtyRow(key) {
      return (await db.look(() => rowsOf(key)))[0] ?? null;
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

function keyOf({ profile, side, id }: RecordKey): RecordKey {
  return { profile, side, id };
}

function* firstTime(sql: string, params: readonly string[]): Sql<number | null> {
  return (yield* get<{ due: number | null }>(sql, ...params))?.due ?? null;
}

function busy(key: RecordKey): BusyError {
  return new BusyError(`${recordText(key)} is being worked on`, 'It is tried again by itself; nothing to do.');
}

function* rowsOf({ profile, side, id }: RecordKey): Sql<DirtyRow[]> {
  const sql = `SELECT ${DIRTY} FROM dirty WHERE profile = ? AND side = ? AND id = ?`;
  return (yield* all<DirtyRecord>(sql, profile, side, id)).map(toDirtyRow);
}

const DIRTY_PAIR = selectOfPair(DIRTY, 'dirty');

function* rowsOfPair({ profile, ids }: Link): Sql<DirtyRow[]> {
  const rows = yield* all<DirtyRecord>(DIRTY_PAIR, ...pairParams(profile, ids));
  return jiraFirst(rows).map(toDirtyRow);
}

const ROW = 'WHERE profile = ? AND side = ? AND id = ?';
/** The earlier of the time that stands there and the one given. */
const NO_LATER = 'CASE WHEN due < ? THEN due ELSE ? END';

function* after(held: Held, next: Settlement['next'], now: number): Sql<void> {
  if (next === 'clean') yield* clean(held, now);
  else if (next !== 'keep') yield* retry(held, next, now);
}

/** A row that was marked during the work stays: what the mark told of may be newer than what we read. */
function* clean(held: Held, now: number): Sql<void> {
  const rows = held.rows.map(({ profile, side, id, generation }) => [profile, side, id, generation] as const);
  const deleted = yield* runEach(`DELETE FROM dirty ${ROW} AND generation = ?`, rows);
  const marked = rows.filter((_, i) => deleted[i] === 0);
  const stay = `UPDATE dirty SET attempts = 0, reason = NULL, since = ?, due = ${NO_LATER} ${ROW}`;
  yield* sendEach(
    stay,
    marked.map(([profile, side, id]) => [held.since, now, now, profile, side, id]),
  );
}

function* retry(held: Held, { due, counted, reason }: Retry, now: number): Sql<void> {
  if (held.rows.length === 0) {
    yield* mark([{ ...held.asked, lane: 'live', cause: 'command', version: null, due }], now);
  }
  const again = `UPDATE dirty SET attempts = attempts + ?, reason = ?,
    due = CASE WHEN generation = ? THEN ? ELSE ${NO_LATER} END ${ROW}`;
  const rows = held.rows.length > 0 ? held.rows : [{ ...held.asked, generation: 1 }];
  yield* sendEach(
    again,
    rows.map(({ profile, side, id, generation }) => [
      counted ? 1 : 0,
      reason,
      generation,
      Math.ceil(due),
      now,
      now,
      profile,
      side,
      id,
    ]),
  );
}
