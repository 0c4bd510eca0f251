// S2, S3: a conflict is told of only where both sides moved, and it is settled as the profile says.
import type { Conflict, FieldName, Setup } from '../script/script.ts';
import { sameSaid } from '../stage/history.ts';
import { agree } from './agree.ts';
import type { ConflictSeen, Evidence, Violation } from './evidence.ts';

const OVER = ['held', 'decided'];
const UNSEEN = 'seen after our write';

export function policies(evidence: Evidence): Violation[] {
  const { conflicts, script } = evidence;
  const violations: Violation[] = [];
  for (const row of conflicts) {
    const { ids, field, base, values, outcome, policy } = row;
    const say = (invariant: string, what: string) =>
      violations.push({ invariant, what: `conflict of ${ids.jira}/${ids.crm} in ${field} ${what}` });
    // What we wrote over unseen may have been taken back to the base in that very moment.
    const known = policy === UNSEEN ? null : base;
    const still =
      known === null ? [] : (['jira', 'crm'] as const).filter((side) => sameSaid(known[side], values[side]));
    if (still.length > 0) say('S3', `though ${still.join(' and ')} has not moved from ${JSON.stringify(base)}`);
    const expected = outcomesOf(script.setup, field, policy);
    if (row.open && isSettledByItself(evidence, row)) say('S1', 'is open though both sides say the same');
    if (row.open && isGivenUp(evidence, row)) say('S1', 'is open though one of the two is gone');
    if (!expected.includes(outcome)) say('S2', `became ${outcome}, not ${expected.join(' or ')}`);
  }
  return violations;
}

function isGivenUp({ links }: Evidence, { ids }: ConflictSeen): boolean {
  return links.some((link) => link.ids.jira === ids.jira && link.ids.crm === ids.crm && link.state === 'gone');
}

/** People came to the same value without anybody's help. */
function isSettledByItself({ links, seen, parked, halted }: Evidence, { ids, field }: ConflictSeen): boolean {
  const link = links.find((one) => one.ids.jira === ids.jira && one.ids.crm === ids.crm);
  const [issue, deal] = [seen.jira.get(ids.jira), seen.crm.get(ids.crm)];
  if (link?.state !== 'active' || issue === undefined || deal === undefined || halted !== null) return false;
  if (parked.some((row) => row.id === ids[row.side] && (row.field === field || row.field === null))) return false;
  return agree(field, issue.fields[field], deal.fields[field]);
}

/** By hand from the profile's text. */
function policyOf(setup: Setup, field: FieldName): Conflict | 'merge' {
  if (field === 'amount' || field === 'status') return 'crm';
  if (field === 'due') return 'newest';
  if (field === 'labels' && setup.labels === 'merge') return 'merge';
  return setup.conflict;
}

function outcomesOf(setup: Setup, field: FieldName, told: ConflictSeen['policy']): readonly string[] {
  // What we wrote over unseen, and did not give back.
  if (told === UNSEEN) return ['overwritten, not given back', 'overwritten, jira wins', 'overwritten, crm wins'];
  // A field with one direction has one winner, when it settles for the first time.
  if (field === 'note' && setup.note !== 'both') return [setup.note === 'to-crm' ? 'jira' : 'crm', ...OVER];
  const policy = policyOf(setup, field);
  if (policy === 'newest') return ['jira', 'crm', ...OVER];
  if (policy === 'merge') return ['merged', ...OVER];
  if (policy === 'hold') return OVER;
  return [policy, ...OVER];
}
