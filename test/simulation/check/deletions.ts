// S13: the daemon deletes only where the profile says so, and only the partner of a record that somebody really deleted.
import { otherSide } from '../../../src/model.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { Timelines } from './timelines.ts';

export function deletions({ happenings, script }: Evidence, timelines: Timelines): Violation[] {
  const violations: Violation[] = [];
  for (const { actor, what, side, id, seq } of happenings) {
    if (actor !== 'daemon' || what !== 'delete') continue;
    const say = (why: string) => violations.push({ invariant: 'S13', what: `${side} ${id} was deleted ${why}` });
    if (script.setup.gone !== 'delete') say('though the profile says unlink');
    const other = otherSide(side);
    const partners = timelines.partners(side, id);
    const told = happenings.some(
      (one) =>
        one.seq < seq &&
        one.side === other &&
        one.what === 'delete' &&
        one.actor === 'person' &&
        partners.includes(one.id),
    );
    if (!told) say('though nobody deleted its partner');
  }
  return violations;
}
