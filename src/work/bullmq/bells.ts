// Which bells are under way: rung and not heard yet, or heard and waiting for a place. Kept in memory, because it is only
// about not ringing twice: what is forgotten here is rung again, what is rung twice is a bell for a row that is gone.
import type { Lane } from '../../model.ts';
import type { DueRow, RecordKey } from '../../state/store.ts';

/** All that Redis ever learns of a record. */
export type Bell = RecordKey & { readonly generation: number };

type Entry = {
  readonly bell: Bell;
  readonly lane: Lane;
  readonly due: number;
  /** Null while it waits in Redis. */
  heardAt: number | null;
  readonly delayed: boolean;
  /** When it counts as lost if it was not heard by then. */
  checkAt: number;
  job: string | null;
};

/** A job in the queue of a lane: every queue counts its own. */
type LeftJob = { readonly lane: Lane; readonly job: string };

/** A bell that was sent and did not ring in time; `left`: the job to take away first. */
export type LostBell = { readonly row: DueRow; readonly left: LeftJob | null };

export type Bells = {
  /** Whether a bell has to be rung for this row. */
  isMissing(row: DueRow, now: number): boolean;
  /** Of these rows, those without a bell and those whose bell is lost; counts them as rung. */
  ringFor(
    rows: readonly DueRow[],
    now: number,
  ): { readonly fresh: readonly DueRow[]; readonly lost: readonly LostBell[] };
  /** After `ringFor`: bells that are late for no row that it was given. */
  forgetLate(now: number): void;
  /** Redis gave it this job. */
  rung(bell: Bell, job: string): void;
  heard(bell: Bell, lane: Lane, now: number): void;
  /** Heard ones of a lane, taken out: live ones newest first and every fourth time the oldest, bulk ones by due time. */
  take(lane: Lane, count: number, now: number): readonly Bell[];
  /** How many of a lane were heard and are due: where the clock of Redis is ahead, a bell rings before its row is due. */
  waiting(lane: Lane, now: number): number;
  /** How many will be heard any moment, of one lane or both; delayed ones ring by the clock of Redis and do not count. */
  underWay(lane?: Lane): number;
  /** When to look next: the first bell that would be lost then. */
  nextCheck(): number | null;
  /** Since when the oldest heard bell of the bulk lane waits, of those that are due. */
  bulkSince(now: number): number | null;
  forget(): void;
};

/** A bell rings within milliseconds; this long after Redis has lost it. */
const LOST_MS = 5_000;
/** A delayed one rings by the clock of Redis. */
const LATE_MS = 250;
/** Bells are rung for rows that fall due within this time. */
export const AHEAD_MS = 60_000;
const LONGEST_MS = AHEAD_MS + LOST_MS;
const OLDEST_EVERY = 4;

export function createBells(): Bells {
  const entries = new Map<string, Entry>();
  /** Jobs of bells that were forgotten and may still stand in Redis: each would swallow the next bell of its row. */
  const leftJobs = new Map<string, LeftJob>();
  let taken = 0;

  function heardBy(lane: Lane, now: number): [string, Entry][] {
    return [...entries].filter(([, entry]) => entry.lane === lane && entry.heardAt !== null && entry.due <= now);
  }

  function pick(lane: Lane, count: number, now: number): [string, Entry][] {
    const heard = heardBy(lane, now).sort(([, a], [, b]) => a.due - b.due);
    if (lane === 'bulk') return heard.slice(0, count);
    const picked: [string, Entry][] = [];
    while (heard.length > 0 && picked.length < count) {
      taken += 1;
      const next = taken % OLDEST_EVERY === 0 ? heard.shift() : heard.pop();
      if (next !== undefined) picked.push(next);
    }
    return picked;
  }

  function isMissing(row: DueRow, now: number): boolean {
    const entry = entries.get(bellId(row));
    if (entry === undefined) return true;
    // A pause that ended makes a row due sooner than its bell would ring.
    if (entry.due > now && row.due <= now) return true;
    if (entry.heardAt !== null) return false;
    // A clock that was set back would not find out otherwise.
    return entry.checkAt <= now || entry.checkAt > now + LONGEST_MS;
  }

  return {
    isMissing,

    ringFor(rows, now) {
      const fresh: DueRow[] = [];
      const lost: LostBell[] = [];
      for (const row of rows) {
        if (!isMissing(row, now)) continue;
        const id = bellId(row);
        const entry = entries.get(id);
        const left = (entry && leftOf(entry)) ?? leftJobs.get(id) ?? null;
        if (entry === undefined && left === null) fresh.push(row);
        else lost.push({ row, left });
        leftJobs.delete(id);
        const { lane, due } = row;
        const delayed = due > now;
        const checkAt = delayed ? due + LATE_MS : now + LOST_MS;
        entries.set(id, { bell: bellOf(row), lane, due, heardAt: null, delayed, checkAt, job: null });
      }
      return { fresh, lost };
    },

    /** What is late and has no row any more, or one that is being worked on. */
    forgetLate(now) {
      for (const [id, entry] of entries) {
        if (entry.heardAt !== null || entry.checkAt > now) continue;
        entries.delete(id);
        const left = leftOf(entry);
        if (left !== null) leftJobs.set(id, left);
      }
    },

    rung(bell, job) {
      const entry = entries.get(bellId(bell));
      if (entry !== undefined) entry.job = job;
    },

    heard(bell, lane, now) {
      const id = bellId(bell);
      leftJobs.delete(id);
      const entry = entries.get(id);
      if (entry !== undefined) entry.heardAt ??= now;
      else entries.set(id, { bell, lane, due: now, heardAt: now, delayed: false, checkAt: now, job: null });
    },

    take(lane, count, now) {
      const picked = count > 0 ? pick(lane, count, now) : [];
      for (const [id] of picked) entries.delete(id);
      return picked.map(([, { bell }]) => bell);
    },

    waiting: (lane, now) => heardBy(lane, now).length,

    underWay(lane) {
      let count = 0;
      for (const entry of entries.values()) {
        if (entry.heardAt === null && !entry.delayed && (lane ?? entry.lane) === entry.lane) count += 1;
      }
      return count;
    },

    nextCheck() {
      let next: number | null = null;
      for (const { heardAt, checkAt } of entries.values()) {
        if (heardAt === null && (next === null || checkAt < next)) next = checkAt;
      }
      return next;
    },

    bulkSince: (now) =>
      heardBy('bulk', now).reduce<number | null>((oldest, [, { heardAt, due }]) => {
        const since = Math.max(heardAt ?? due, due);
        return oldest === null || since < oldest ? since : oldest;
      }, null),

    forget() {
      entries.clear();
      leftJobs.clear();
    },
  };
}

function leftOf({ lane, job }: Entry): LeftJob | null {
  return job === null ? null : { lane, job };
}

/** Also what Redis tells two bells apart by. */
export function bellId({ profile, side, id, generation }: Bell): string {
  return `${profile}/${side}/${id}#${generation}`;
}

export function bellOf({ profile, side, id, generation }: Bell): Bell {
  return { profile, side, id, generation };
}
