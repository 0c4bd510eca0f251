// S1: once it is quiet, both sides of every live pair say the same, and the state knows what they say.

import type { FieldName } from '../script/script.ts';
import { sameSaid } from '../stage/history.ts';
import { agree, sameShown } from './agree.ts';
import { CLOSED, type Evidence, FIELD_NAMES, type LinkSeen, type Violation } from './evidence.ts';

export function convergence(evidence: Evidence): Violation[] {
  const { links, halted } = evidence;
  if (halted !== null) return [];
  return links.flatMap((link) => linkAgrees(evidence, link));
}

function linkAgrees(evidence: Evidence, link: LinkSeen): Violation[] {
  const { seen, phase, script } = evidence;
  const violations: Violation[] = [];
  const say = (what: string) => violations.push({ invariant: 'S1', what: `${link.ids.jira}/${link.ids.crm}: ${what}` });
  const [issue, deal] = [seen.jira.get(link.ids.jira), seen.crm.get(link.ids.crm)];
  if (issue === undefined || deal === undefined) {
    if (link.state === 'active' || link.state === 'waiting') {
      // A deletion of which nobody told is found by a pass over everything; alone in the profile, a record that is gone
      // cannot be told from lost sight.
      if (phase === 'cleared' && evidence.links.length > 1) say(`is ${link.state} and one of its records is gone`);
    }
    return violations;
  }
  if (link.state === 'gone' || link.state === 'merged-away') return violations;
  const closed = deal.fields.status === CLOSED;
  if (!isInside(evidence, link)) {
    // Where nobody told of it, a pass over everything finds that it has left.
    if (link.state !== 'out-of-scope' && phase === 'cleared') say(`is ${link.state} though a record is out of scope`);
    return violations;
  }
  if (closed !== (link.state === 'waiting')) {
    if (!isParked(evidence, link, null)) say(`is ${link.state} and the deal is in ${deal.fields.status}`);
    return violations;
  }
  if (closed || isParked(evidence, link, null)) return violations;
  for (const field of FIELD_NAMES) {
    if (field === 'note' && script.setup.note !== 'both') continue;
    const parked = isParked(evidence, link, field);
    const held = isHeld(evidence, link, field);
    if (parked || (held && phase === 'healed')) continue;
    const [jira, crm] = [issue.fields[field], deal.fields[field]];
    const base = link.base.get(field);
    const settledLossy =
      base !== undefined && sameSaid(base.jira, jira) && sameSaid(base.crm, crm) && field === 'status';
    if (!agree(field, jira, crm) && !settledLossy) {
      say(`${field} is ${JSON.stringify(jira)} in Jira and ${JSON.stringify(crm)} in the CRM${held ? ', held' : ''}`);
    } else if (base === undefined && jira === null && crm === null) {
      // It could not be read when the two were paired, and there is nothing to say about it.
    } else if (base === undefined || !sameShown(field, base.jira, jira) || !sameShown(field, base.crm, crm)) {
      say(`the base of ${field} is ${JSON.stringify(base)}, shown are ${JSON.stringify({ jira, crm })}`);
    }
  }
  return violations;
}

/** Neither record is outside the scope of the profile, whether or not anybody has told of that. */
export function isInside({ seen }: Evidence, { ids }: LinkSeen): boolean {
  return seen.jira.get(ids.jira)?.inScope !== false && seen.crm.get(ids.crm)?.inScope !== false;
}

export function isParked({ parked }: Evidence, link: LinkSeen, field: FieldName | null): boolean {
  return parked.some(
    (row) =>
      row.id === link.ids[row.side] && (row.field === field || (row.field === null && row.kind !== 'doubtful-create')),
  );
}

export function isHeld({ conflicts }: Evidence, link: LinkSeen, field: FieldName): boolean {
  return conflicts.some(
    ({ ids, field: own, open }) => open && own === field && ids.jira === link.ids.jira && ids.crm === link.ids.crm,
  );
}
