// What is remembered of linked records that were not found, and what the brake counts.
import type { Side } from '../model.ts';
import type { Confinement } from './bounds.ts';
import type { Database } from './database.ts';
import { ROWS_PER_STATEMENT } from './database.ts';
import { mark } from './hints.ts';
import { all, get, type Param, run, type Sql } from './sql.ts';
import type { Absence, DirtyMark, Store } from './store.ts';

type AbsenceVerbs = Pick<
  Store,
  'absence' | 'goneTally' | 'controls' | 'hiddenRecords' | 'census' | 'overwrites' | 'holdProfile' | 'resumeProfile'
>;

type AbsenceRecord = {
  told_at: number | null;
  missed_at: number | null;
  hidden: number;
  done: string | null;
};

const COLUMN = { jira: 'jira_id', crm: 'crm_id' } as const;

export function absenceVerbs(db: Database, bounds: Confinement): AbsenceVerbs {
  return {
    async absence({ profile, side, id }): Promise<Absence | null> {
      const sql = 'SELECT told_at, missed_at, hidden, done FROM absence WHERE profile = ? AND side = ? AND id = ?';
      const row = await db.look(() => get<AbsenceRecord>(sql, profile, side, id));
      if (row === undefined) return null;
      return { toldAt: row.told_at, missedAt: row.missed_at, hidden: row.hidden === 1, done: row.done };
    },

    goneTally(profile, since) {
      const candidates = `SELECT count(*) AS n FROM absence WHERE profile = ? AND hidden = 0 AND accepted = 0
        AND missed_at IS NOT NULL AND (done IS NULL OR done_at >= ?)`;
      return db.look(function* () {
        return {
          links: yield* number('SELECT count(*) AS n FROM link WHERE profile = ? AND ended_at IS NULL', profile),
          candidates: yield* number(candidates, profile, since),
          hidden: yield* number('SELECT count(*) AS n FROM absence WHERE profile = ? AND hidden = 1', profile),
        };
      });
    },

    controls(profile, side, besides, picks) {
      return db.look(function* () {
        const range = yield* get<{ low: number | null; high: number | null }>(
          'SELECT min(id) AS low, max(id) AS high FROM link WHERE profile = ?',
          profile,
        );
        const { low, high } = { low: range?.low ?? 0, high: range?.high ?? 0 };
        const found = new Set<string>();
        for (const pick of picks) {
          const id = yield* drawn(profile, side, besides, pick, { low, high });
          if (id !== null) found.add(id);
        }
        return [...found];
      });
    },

    async hiddenRecords(profile, side, limit) {
      const sql = 'SELECT id FROM absence WHERE profile = ? AND side = ? AND hidden = 1 ORDER BY id LIMIT ?';
      return (await db.look(() => all<{ id: string }>(sql, profile, side, limit))).map(({ id }) => id);
    },

    async census(profile, side, listed, linkedBefore, now) {
      const sql = `SELECT id AS place, ${COLUMN[side]} AS id FROM link WHERE profile = ? AND id > ? AND ended_at IS NULL
        AND state IN ('active', 'waiting') AND created_at < ? ORDER BY link.id LIMIT ?`;
      const round = (after: number) =>
        db.writeBeside(function* () {
          yield* bounds.refuse(profile);
          const rows = yield* all<{ place: number; id: string }>(sql, profile, after, linkedBefore, ROWS_PER_STATEMENT);
          const marks = rows
            .filter(({ id }) => !listed.has(id))
            .map(({ id }): DirtyMark => ({ profile, side, id, lane: 'bulk', cause: 'sweep', version: null }));
          yield* mark(marks, now);
          return { marked: marks.length, place: rows.at(-1)?.place ?? after, full: rows.length === ROWS_PER_STATEMENT };
        });
      let marked = 0;
      // Webhooks are answered between two rounds.
      for (let place = 0, full = true; full; ) {
        const done = await round(place);
        marked += done.marked;
        ({ place, full } = done);
      }
      return marked;
    },

    overwrites(profile, field, since) {
      // What a new record of ours starts with is overwritten by nobody's mistake.
      const sql = `SELECT count(DISTINCT link_id) AS n FROM journal WHERE profile = ? AND field = ? AND at >= ?
        AND action = 'update' AND before <> 'null' AND NOT EXISTS
          (SELECT 1 FROM link WHERE link.id = journal.link_id AND origin = 'created' AND created_at >= ?)`;
      return db.look(() => number(sql, profile, field, since, since));
    },

    async holdProfile(profile, how, why) {
      // A person may give another reason; of a halt the first one stands, which began it.
      const where = how === 'halted' ? 'WHERE profile_state.halted IS NULL' : '';
      const sql = `INSERT INTO profile_state (profile, version, ${how}) VALUES (?, '', ?)
        ON CONFLICT (profile) DO UPDATE SET ${how} = excluded.${how} ${where}`;
      return (await db.write(() => run(sql, profile, why))) > 0;
    },

    async resumeProfile(profile, accept, now) {
      await db.write(function* () {
        yield* run('UPDATE profile_state SET paused = NULL WHERE profile = ?', profile);
        if (accept) {
          yield* run('UPDATE profile_state SET halted = NULL, accepted_at = ? WHERE profile = ?', now, profile);
          yield* run('UPDATE absence SET accepted = 1 WHERE profile = ?', profile);
        }
        yield* run('UPDATE dirty SET due = ? WHERE profile = ? AND due > ?', now, profile, now);
      });
    },
  };
}

function* number(sql: string, ...params: Param[]): Sql<number> {
  return (yield* get<{ n: number }>(sql, ...params))?.n ?? 0;
}

/** Draws before the next one after a gap is taken. */
const MOST_DRAWS = 8;
/** What remains of a pick that led into a gap, times this, is as good as another pick. */
const NEXT_PICK = 9_973;

/**
 * One of that side's linked records. Drawn anew at a gap: where many were deleted in a row, the one after the gap would
 * stand for all of them, and it is the likeliest to be the next that is gone.
 */
function* drawn(
  profile: string,
  side: Side,
  besides: string,
  pick: number,
  { low, high }: { readonly low: number; readonly high: number },
): Sql<string | null> {
  for (let draw = 0, at = pick; draw < MOST_DRAWS; draw += 1, at = (at * NEXT_PICK) % 1) {
    const place = low + Math.floor(at * (high - low + 1));
    const id = yield* firstLinked(profile, side, besides, place, place);
    if (id !== null) return id;
  }
  const place = low + Math.floor(pick * (high - low + 1));
  const next = yield* firstLinked(profile, side, besides, place, high);
  return next ?? (yield* firstLinked(profile, side, besides, low, place));
}

/** The first of that side's linked records that nobody has missed, in the order of links, both places included. */
function* firstLinked(profile: string, side: Side, besides: string, from: number, to: number): Sql<string | null> {
  const sql = `SELECT ${COLUMN[side]} AS id FROM link WHERE profile = ? AND id >= ? AND id <= ? AND ended_at IS NULL
    AND state IN ('active', 'waiting', 'out-of-scope')
    AND ${COLUMN[side]} <> ? AND NOT EXISTS (SELECT 1 FROM absence WHERE absence.profile = link.profile
      AND absence.side = ? AND absence.id = link.${COLUMN[side]}) ORDER BY link.id LIMIT 1`;
  return (yield* get<{ id: string }>(sql, profile, from, to, besides, side))?.id ?? null;
}
