// S11, S17: what is set aside stays so for a reason that only a person can take away.
import { SIDES } from '../../../src/model.ts';
import { sameSaid } from '../stage/history.ts';
import { isInside } from './convergence.ts';
import type { Evidence, Violation } from './evidence.ts';

/** These end by themselves; `bug` is ours, and so many attempts do not fail where a fault hits a few requests and ends. */
const NEVER = [
  'bug',
  'gave-up',
  'BadResponseError',
  'AuthError',
  'RateLimitedError',
  'BusyError',
  'StaleError',
  'HaltError',
  'UnavailableError',
];
/** Tried again as soon as one of the values is another; a person ends the others. */
const TRIED_AGAIN = ['coercion', 'RejectedError', 'MappingError'];

export function parkedRows(evidence: Evidence): Violation[] {
  const { parked, happenings, phase, seen, links } = evidence;
  const violations: Violation[] = [];
  for (const { side, id, field, kind, reason, values } of parked) {
    const say = (invariant: string, what: string) =>
      violations.push({
        invariant,
        what: `${side} ${id} ${field ?? 'as a whole'} is parked ${what}: ${kind}, ${reason}`,
      });
    if (NEVER.includes(kind)) say('S17', 'though it would go on by itself');
    if (kind === 'doubtful-create' && phase === 'cleared') say('S17', 'hours after the last fault');
    const marked = side === 'jira' ? `issue-${id}` : `crm-deal-${id}`;
    // A partner carries its mark, or it carries that of its partner.
    const isPaired = happenings.some((one) => one.mark === marked || (one.id === id && one.mark !== null));
    if (kind === 'partner-lost' && !isPaired) say('S17', 'and never had a partner');
    if (field === null || !TRIED_AGAIN.includes(kind)) continue;
    const link = links.find(({ ids, state }) => ids[side] === id && state === 'active');
    if (link === undefined || !isInside(evidence, link)) continue;
    for (const one of SIDES) {
      const [then, now] = [values[one], seen[one].get(link.ids[one])?.fields[field]];
      if (then === undefined || now === undefined || sameSaid(then, now)) continue;
      if (field === 'amount' && (then ?? 0) === (now ?? 0)) continue;
      say('S11', `with ${JSON.stringify(then)} though ${one} shows ${JSON.stringify(now)} now`);
    }
  }
  return violations;
}
