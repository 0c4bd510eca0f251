// S5: the daemon changes a record because somebody changed its partner, or because something went wrong with a write; it
// never does so more often than that.
import { SIDES } from '../../../src/model.ts';
import type { Evidence, Violation } from './evidence.ts';

export function writesInAll(evidence: Evidence): Violation[] {
  const { happenings } = evidence;
  const first = happenings.findIndex(({ actor }) => actor !== 'daemon');
  const since = happenings.slice(Math.max(0, first));
  const done = since.filter(
    ({ actor, what, changes }) => actor === 'daemon' && what === 'update' && changes.length > 0,
  );
  const allowed = allowance(evidence, since);
  if (done.length <= allowed) return [];
  return [{ invariant: 'S5', what: `${done.length} writes changed something, and only ${allowed} had a cause` }];
}

function allowance(evidence: Evidence, since: Evidence['happenings']): number {
  const { conflicts, parked, parkedBefore, retried, links, losses } = evidence;
  const changes = since.filter(
    ({ actor, what, changes: told }) => actor !== 'daemon' && what !== 'delete' && told.length > 0,
  );
  const creates = since.filter(({ actor, what }) => actor === 'daemon' && what === 'create');
  return (
    changes.length +
    // What a new record takes only once it is there (a status), and its number on the source.
    SIDES.length * creates.length +
    // A value that was overwritten unseen is given back, and then both sides get what the policy says.
    SIDES.length * conflicts.length +
    parked.length +
    parkedBefore.length +
    retried +
    // Whoever has lost the state looks at every pair as at a new one.
    SIDES.length * links.length * losses.length
  );
}
