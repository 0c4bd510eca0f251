// What the daemon did, deed by deed: it writes what stands on the other side now (S3), only the way that the profile
// allows, creates nothing before the profile allows it, leaves alone what is outside the scope, and does not go on for ever
// against somebody who answers.
import { otherSide, type Side } from '../../../src/model.ts';
import type { Said } from '../script/script.ts';
import { sameSaid } from '../stage/history.ts';
import type { Happening } from '../stage/stage.ts';
import { agreeFrom } from './agree.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { Moment, Timelines } from './timelines.ts';

const MINUTE = 60_000;
/** From a read to the end of the write that follows: our patience, what the product does after it, and some waiting. */
const FRESH_MS = 5 * MINUTE;
const WINDOW_MS = 10 * MINUTE;
const MOST_SWINGS = 6;
const CREATED_FROM = ['Согласование', 'Новая', 'В работе'];

export function deeds(evidence: Evidence, timelines: Timelines): Violation[] {
  const own = evidence.happenings.filter(({ actor }) => actor === 'daemon');
  return [
    ...own.flatMap((one) => (one.what === 'update' ? staleIn(evidence, timelines, one) : [])),
    ...own.flatMap((one) => againstTheWay(evidence, one)),
    ...own.flatMap((one) => createdTooEarly(timelines, one)),
    ...own.flatMap((one) => writtenOutside(evidence, timelines, one)),
    ...swings(own, evidence, timelines),
  ];
}

/** Nobody on either side has said that lately: it was read long ago, or never. */
function staleIn({ script, undoAskedAt }: Evidence, timelines: Timelines, deed: Happening): Violation[] {
  const { side, id, at, seq, changes } = deed;
  const cuts = script.actions.some((action) => action.do === 'coerce' || action.do === 'no-option');
  const other = otherSide(side);
  const partners = timelines.partners(side, id);
  if (partners.length === 0) return [];
  return changes.flatMap(({ field, to }): Violation[] => {
    if (field === 'labels' || (cuts && (to === null || typeof to === 'string'))) return [];
    const before = timelines.of(side, id, field).filter((one) => one.seq < seq);
    const takesBack = undoAskedAt !== null && at >= undoAskedAt;
    // Our own writes look at both sides, so lately is what counts; what a person has taken back may be as old as it likes.
    const own = (takesBack ? before.flatMap(({ from, to: said }) => [from, said]) : standing(before, seq, at)).filter(
      (said) => sameSaid(said, to),
    );
    const theirs = partners.flatMap((partner) => standing(timelines.of(other, partner, field), seq, at));
    // Nothing is known of a partner's field before its first change.
    if (theirs.length === 0 || own.length > 0) return [];
    if (theirs.some((said) => agreeFrom(side, field, to, said))) return [];
    return [
      { invariant: 'S3', what: `${side} ${id} ${field} was given ${JSON.stringify(to)} at ${at}, which stood nowhere` },
    ];
  });
}

/** All that a field showed in the last minutes. */
function standing(moments: readonly Moment[], seq: number, at: number): readonly Said[] {
  const before = moments.filter((one) => one.seq < seq);
  const first = before.findLastIndex((one) => one.at <= at - FRESH_MS);
  const lately = before.slice(Math.max(0, first));
  const then = first < 0 ? lately.slice(0, 1).map(({ from }) => from) : [];
  return [...then, ...lately.map(({ to }) => to)];
}

function againstTheWay({ script }: Evidence, { side, id, at, changes }: Happening): Violation[] {
  const source: Side | null = script.setup.note === 'both' ? null : script.setup.note === 'to-crm' ? 'jira' : 'crm';
  if (side !== source) return [];
  const note = changes.find(({ field, to }) => field === 'note' && to !== null);
  if (note === undefined) return [];
  return [
    {
      invariant: 'S3',
      what: `${side} ${id} note was given ${JSON.stringify(note.to)} at ${at}, against its direction`,
    },
  ];
}

function createdTooEarly(timelines: Timelines, { side, id, what, seq, at, mark }: Happening): Violation[] {
  if (what !== 'create' || side !== 'jira' || mark === null) return [];
  const deal = mark.replace('crm-deal-', '');
  const stages = standing(timelines.of('crm', deal, 'status'), seq, at);
  if (stages.length === 0 || stages.some((stage) => CREATED_FROM.includes(String(stage)))) return [];
  return [{ invariant: 'S3', what: `jira ${id} was created for a deal in ${stages.join(', ')}` }];
}

/** One of the two had left the scope long before, and nothing brought it back; one that was deleted since has a successor. */
function writtenOutside({ moves, undoAskedAt }: Evidence, timelines: Timelines, deed: Happening): Violation[] {
  const { side, id, what, at, changes } = deed;
  if (what !== 'update' || changes.length === 0 || (undoAskedAt !== null && at >= undoAskedAt)) return [];
  const other = otherSide(side);
  const partners = timelines.partners(side, id).map((partner) => ({ side: other, id: partner }));
  const outside = [{ side, id }, ...partners].filter((record) => {
    const last = moves.findLast((move) => move.side === record.side && move.id === record.id && move.at <= at);
    const deletedAt = timelines.deletedAt(record.side, record.id);
    if (deletedAt !== null && deletedAt <= at) return false;
    return last !== undefined && !last.inScope && last.at <= at - FRESH_MS;
  });
  const fields = changes.map(({ field }) => field).join(', ');
  return outside.map((record) => ({
    invariant: 'S3',
    what: `${side} ${id} ${fields} was written at ${at} though ${record.side} ${record.id} is outside the scope`,
  }));
}

/**
 * A robot that answers each of our writes: when we have written to the one side and the other in turn six times, the breaker
 * ends that. It counts what it knows to have arrived, and anew where the state was lost.
 */
function swings(own: readonly Happening[], { losses, unheard }: Evidence, timelines: Timelines): Violation[] {
  const swung = new Map<string, { readonly at: number; readonly side: Side }[]>();
  const violations: Violation[] = [];
  for (const { seq, side, id, at, what, changes } of own) {
    if (what !== 'update' || unheard.has(seq) || !changes.some(({ to }) => String(to).startsWith('Robot r'))) continue;
    const issue = side === 'jira' ? id : timelines.partners(side, id).join();
    const before = (swung.get(issue) ?? []).filter((one) => one.at > at - WINDOW_MS);
    const list = before.at(-1)?.side === side ? before : [...before, { at, side }];
    swung.set(issue, list);
    if (list === before || list.length !== MOST_SWINGS * (1 + losses.length) + 1) continue;
    violations.push({
      invariant: 'S17',
      what: `a robot and we wrote ${side} ${id} and its partner in turn, ${list.length} times in ten minutes`,
    });
  }
  return violations;
}
