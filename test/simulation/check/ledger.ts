// S2: every change of a person (or a robot) has exactly one fate, and nothing is overwritten in silence.
import { otherSide, type Side } from '../../../src/model.ts';
import type { FieldName, Said } from '../script/script.ts';
import { sameSaid } from '../stage/history.ts';
import type { Look } from '../stage/stage.ts';
import { agreeFrom, sameShown } from './agree.ts';
import { isInside } from './convergence.ts';
import { CLOSED, type Evidence, FIELD_NAMES, type Violation } from './evidence.ts';
import type { Moment, Timelines } from './timelines.ts';

export type Fate =
  | 'applied'
  | 'superseded'
  /** Back to what it was before anybody on the other side had heard of a change. */
  | 'undone'
  | 'equal'
  | 'conflicted'
  | 'rejected'
  | 'waiting'
  | 'out of scope'
  | 'record gone'
  /**
   * What only the lost state knew: that an empty field had been emptied by somebody. Until the two are paired and compared
   * anew it cannot be told from one that nobody has filled in yet.
   */
  | 'lost with the state'
  /**
   * Overwritten or taken back where the daemon never learned the outcome of its write, or equal to what it had read of the
   * other side right before that moved on: nobody can know of it.
   */
  | 'in the window';

/** By how much the daemon's clock may be wrong here. */
const CLOCK_MS = 10 * 60_000;
/** From the reading of a record to the write that rests on it, on bad lines. */
const PLANNED_MS = 60_000;

export type Ledger = { readonly fates: Readonly<Record<string, number>>; readonly violations: readonly Violation[] };

export function ledger(evidence: Evidence, timelines: Timelines): Ledger {
  const fates: Record<string, number> = {};
  const violations: Violation[] = [];
  for (const { side, id } of timelines.records) {
    for (const field of FIELD_NAMES) {
      const moments = timelines.of(side, id, field);
      for (const [at, moment] of moments.entries()) {
        if (moment.actor === 'daemon' || moment.created) continue;
        const fate = fateOf(evidence, timelines, {
          side,
          id,
          field,
          moment,
          earlier: moments.slice(0, at),
          later: moments.slice(at + 1),
        });
        fates[fate ?? 'unaccounted'] = (fates[fate ?? 'unaccounted'] ?? 0) + 1;
        if (fate !== null) continue;
        const value = `${JSON.stringify(moment.from)} -> ${JSON.stringify(moment.to)}`;
        violations.push({ invariant: 'S2', what: `${side} ${id} ${field} ${value} at ${moment.at} is unaccounted` });
      }
    }
  }
  return { fates, violations };
}

type Entry = {
  readonly side: Side;
  readonly id: string;
  readonly field: FieldName;
  readonly moment: Moment;
  /** On the same side and field. */
  readonly earlier: readonly Moment[];
  readonly later: readonly Moment[];
};

function fateOf(evidence: Evidence, timelines: Timelines, entry: Entry): Fate | null {
  const { side, id, field, moment } = entry;
  const { setup } = evidence.script;
  if (field === 'note' && setup.note === (side === 'jira' ? 'to-jira' : 'to-crm')) return 'out of scope';
  if (isSuperseded(entry)) return 'superseded';
  const other = otherSide(side);
  const partners = timelines.partners(side, id);
  const heard = partners.flatMap((partner) => withoutGivenBack(timelines.of(other, partner, field)));
  if (isUndone(entry, heard)) return 'undone';
  for (const partner of partners) {
    const told = wasTold(entry, timelines.of(other, partner, field));
    if (told !== null) return told;
  }
  if (isConflicted(evidence, entry)) return 'conflicted';
  const parked = [...evidence.parked, ...evidence.parkedBefore];
  if (parked.some((row) => (row.field === field || row.field === null) && concerns(row, side, id, other, partners))) {
    return 'rejected';
  }
  if (wasTriedAgain(evidence, entry, partners)) return 'rejected';
  const gone = [timelines.deletedAt(side, id), ...partners.map((partner) => timelines.deletedAt(other, partner))];
  if (gone.some((at) => at !== null)) return 'record gone';
  const link = evidence.links.find(({ ids }) => ids[side] === id);
  if (link === undefined || link.state === 'waiting') return 'waiting';
  if (link.state !== 'active' || !isInside(evidence, link)) return 'out of scope';
  if (evidence.halted !== null) return 'waiting';
  const deals = side === 'crm' ? [id] : partners;
  const closed = (since: number) => deals.some((deal) => wasClosed(timelines.of('crm', deal, 'status'), since, moment));
  const paired = link.createdAt + CLOCK_MS >= moment.at;
  const lost = evidence.losses.some((at) => at >= moment.at || paired || closed(at));
  if (isEmpty(moment.to) && lost) return 'lost with the state';
  const unseen = isInWindow(evidence, entry) || isSetBack(evidence, entry);
  return unseen || agreedAsRead(evidence, timelines, entry, partners) ? 'in the window' : null;
}

/**
 * The write that replaced it came from a plan that did not know of it, and its answer was lost or the daemon died before
 * it was on record. Where the stage does not tell on what a write was planned, only what came right before counts, and
 * was not looked at since.
 */
function isInWindow(evidence: Evidence, entry: Entry): boolean {
  const { unheard, happenings } = evidence;
  const { field, moment, later } = entry;
  const [next] = later;
  if (next?.actor !== 'daemon' || !unheard.has(next.seq)) return false;
  const expected = happenings[next.seq]?.expected;
  if (expected === undefined) return next.at - moment.at <= PLANNED_MS && !wasLookedAt(evidence, entry, moment, next);
  const planned = expected[field];
  return planned !== undefined && !sameSaid(planned, moment.to);
}

/**
 * Back to what stood there before a write of which the daemon does not know that it arrived, and before it looked: it is
 * written again, in a set beside what came meanwhile. Where the stage does not tell of looks, only what came right after
 * counts, in the daemon's own time.
 */
function isSetBack(evidence: Evidence, entry: Entry): boolean {
  const { unheard, looks } = evidence;
  const { field, moment, earlier, later } = entry;
  const [last, next] = [earlier.at(-1), later[0]];
  if (last?.actor !== 'daemon' || !unheard.has(last.seq) || next?.actor !== 'daemon') return false;
  if (wasLookedAt(evidence, entry, last, moment)) return false;
  if (looks.length === 0 && livedFor(evidence, last.at, moment.at) > PLANNED_MS) return false;
  const isAgain = field === 'labels' ? standsIn(next.to, last) : sameSaid(last.to, next.to);
  return isAgain && sameSaid(last.from, moment.to);
}

/** The daemon read the record between the two. */
function wasLookedAt({ looks }: Evidence, { side, id }: Entry, first: Moment, then: Moment): boolean {
  const isBetween = (one: Look) => one.after > first.seq && one.after <= then.seq;
  return looks.some((one) => one.side === side && one.id === id && isBetween(one));
}

/** `sync-when` of the profile did not hold, all the time from then to the change. */
function wasClosed(stages: readonly Moment[], since: number, { seq }: Moment): boolean {
  const until = stages.filter((one) => one.seq < seq);
  const then = until.findLast((one) => one.at <= since);
  return then !== undefined && [then, ...until.filter((one) => one.at > since)].every(({ to }) => to === CLOSED);
}

/** For how long there was a daemon that could have looked. */
function livedFor({ absences }: Evidence, from: number, to: number): number {
  const away = absences.map((one) => Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)));
  return to - from - away.reduce((sum, ms) => sum + ms, 0);
}

/** The other side said the same when the daemon last read it, and has moved on since: that passes for the later edit. */
function agreedAsRead({ looks }: Evidence, timelines: Timelines, entry: Entry, partners: readonly string[]): boolean {
  const { side, field, moment } = entry;
  const other = otherSide(side);
  return partners.some((partner) => {
    const look = looks.findLast((one) => one.side === other && one.id === partner && one.after <= moment.seq);
    if (look === undefined || moment.at - look.at > PLANNED_MS) return false;
    const shown = timelines.of(other, partner, field).findLast(({ seq }) => seq < look.after);
    return shown !== undefined && agreeFrom(side, field, moment.to, shown.to);
  });
}

/**
 * Somebody wrote over it who saw it; the daemon gave it back first if it had overwritten it, or changed other members of
 * the set in between.
 */
function isSuperseded({ field, moment, later }: Entry): boolean {
  const next = later.find(({ actor }) => actor !== 'daemon');
  if (next === undefined) return false;
  if (next === later[0] || (field === 'labels' && standsIn(next.from, moment))) return true;
  return later.some((one) => one.actor === 'daemon' && sameSaid(one.to, moment.to));
}

/** Nobody on the other side had heard of what is taken back, and the daemon had a hand in it at most to give it back. */
function isUndone({ side, field, moment, earlier }: Entry, heard: readonly Moment[]): boolean {
  for (const one of withoutGivenBack(earlier).toReversed()) {
    if (one.created || one.actor === 'daemon') return false;
    // What a person said there as well, within the moment, nobody has carried there.
    const isHeard = heard.some(
      ({ seq, actor, to }) =>
        actor === 'daemon' && seq > one.seq && seq < moment.seq && agreeFrom(side, field, one.to, to),
    );
    if (isHeard) return false;
    if (sameSaid(one.from, moment.to)) return true;
  }
  return false;
}

/** What the daemon wrote and took back at once, to restore what it had replaced, is as if it had never been said. */
function withoutGivenBack(moments: readonly Moment[]): readonly Moment[] {
  const own = moments.filter(({ actor }) => actor === 'daemon');
  const undone = new Set(
    own.flatMap((one, at) => {
      const before = own[at - 1];
      return before !== undefined && gaveBack(one, before) ? [before, one] : [];
    }),
  );
  return moments.filter((one) => !undone.has(one));
}

/**
 * Of two writes of the daemon that follow each other the later one restored what the earlier one had replaced. Somebody may
 * have answered the earlier one in between, unseen.
 */
function gaveBack(later: Moment, earlier: Moment): boolean {
  return sameSaid(earlier.from, later.to) && sameSaid(earlier.to, later.planned);
}

/** The other side said the same, then or later. */
function wasTold({ side, field, moment }: Entry, theirs: readonly Moment[]): Fate | null {
  const then = theirs.findLast((one) => one.seq < moment.seq);
  const later = theirs.filter((one) => one.seq > moment.seq);
  if (field === 'labels') return setWasTold(moment, then ?? null, later);
  if (then !== undefined && agreeFrom(side, field, moment.to, then.to)) return 'equal';
  const match = later.find((one) => agreeFrom(side, field, moment.to, one.to));
  if (match === undefined) return null;
  return match.actor === 'daemon' ? 'applied' : 'equal';
}

/** Member by member: what was added came, what was taken went. */
function setWasTold(moment: Moment, then: Moment | null, later: readonly Moment[]): Fate | null {
  const states = [setOf(then?.to ?? null), ...later.map((one) => setOf(one.to))];
  const { added, removed } = changeOf(moment);
  const came = added.every((label) => states.some((state) => state.has(label)));
  const went = removed.every((label) => states.some((state) => !state.has(label)));
  return came && went ? 'applied' : null;
}

function changeOf({ from, to }: Moment): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const [before, after] = [setOf(from), setOf(to)];
  return {
    added: [...after].filter((label) => !before.has(label)),
    removed: [...before].filter((label) => !after.has(label)),
  };
}

function setOf(value: Said): ReadonlySet<string> {
  return new Set((value ?? []) as readonly string[]);
}

function isConflicted({ conflicts }: Evidence, entry: Entry): boolean {
  const { side, id, field, moment } = entry;
  const values = field === 'labels' ? [moment.to, ...mergedOnto(entry)] : [moment.to];
  return conflicts.some(
    (row) =>
      row.field === field &&
      row.ids[side] === id &&
      values.some((value) => sameSaid(row.values[side], value) || (isEmpty(row.values[side]) && isEmpty(value))),
  );
}

/** What the daemon made of a set right after the change, in which that still stands: it adds and takes members. */
function mergedOnto({ moment, later }: Entry): Said[] {
  const next = later.findIndex(({ actor }) => actor !== 'daemon');
  const merged = later.slice(0, next === -1 ? later.length : next).map(({ to }) => to);
  return merged.filter((to) => standsIn(to, moment));
}

/** The set has what the change added, and has not what it took. */
function standsIn(set: Said, change: Moment): boolean {
  const { added, removed } = changeOf(change);
  const members = setOf(set);
  return added.every((label) => members.has(label)) && removed.every((label) => !members.has(label));
}

/** A parked row showed this very value to people, who decided for the other one. */
function wasTriedAgain({ triedAgain }: Evidence, entry: Entry, partners: readonly string[]): boolean {
  const { side, id, field, moment } = entry;
  return triedAgain.some((row) => {
    const shown = row.values[side];
    if (row.field !== field || shown === undefined) return false;
    return concerns(row, side, id, otherSide(side), partners) && sameShown(field, shown, moment.to);
  });
}

function concerns(
  row: { readonly side: Side; readonly id: string },
  side: Side,
  id: string,
  other: Side,
  partners: readonly string[],
): boolean {
  return (row.side === side && row.id === id) || (row.side === other && partners.includes(row.id));
}

function isEmpty(value: Said): boolean {
  return value === null || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}
