// What both sides show becomes what is to be written.
import type { Bug } from '../bug.ts';

const MERGE = 'src/sync/merge.ts';
const SETS = 'src/sync/merge-sets.ts';
const DECIDE = 'src/sync/decide.ts';
const PROFILE_EDIT = { cases: 'test/scenario/profile-edit.test.ts' } as const;

export const MERGE_BUGS: readonly Bug[] = [
  {
    id: 'merge/conflict-swallowed',
    what: 'A field that both sides changed counts as agreed: the base moves, and nobody is asked.',
    file: MERGE,
    at: "if (loser === null) return «{ kind: 'held', conflict: found(seen, 'held') }»;",
    wrong: 'agreed(seen)',
  },
  {
    id: 'merge/wrong-side-wins',
    what: "A change of Jira's is taken back by what the CRM showed before.",
    file: MERGE,
    at: "if (!crmMoved) return carryChange(field, seen, base, «'crm'»);",
    wrong: "'jira'",
  },
  {
    id: 'merge/last-look-wins',
    what: 'Where both sides moved, Jira overwrites the CRM, and no conflict is on record.',
    file: MERGE,
    at: "  if (!jiraMoved) return carryChange(field, seen, base, 'jira');\n  return «settleConflict(field, seen, evidence)»;",
    wrong: "overwrite(field, seen, 'crm', null)",
  },
  {
    id: 'merge/compared-with-the-other-base',
    what: 'What the CRM shows is compared with what Jira showed when the field settled.',
    file: MERGE,
    at: 'const crmMoved = !sameValue(seen.values.crm, «base.crm»);',
    wrong: 'base.jira',
  },
  {
    id: 'merge/empty-is-equal',
    what: 'An empty field agrees with every value: what was emptied, or filled for the first time, is not carried over.',
    file: MERGE,
    at: 'return «sameValue(field.mapper.translate(value, from), shown)»;',
    wrong: 'shown === null || sameValue(field.mapper.translate(value, from), shown)',
  },
  {
    id: 'merge/empty-is-unknown',
    what: 'A field that a person emptied is taken for one that could not be read.',
    file: MERGE,
    at: 'if («input.jira === undefined») return',
    wrong: 'input.jira == null',
  },
  {
    id: 'merge/unknown-is-empty',
    what: 'A field that cannot be read now counts as empty, and empties the other side.',
    file: MERGE,
    at: 'const seen: Seen = { values: «{ jira: input.jira, crm: input.crm }», base };',
    wrong: '{ jira: input.jira ?? null, crm: input.crm ?? null }',
    also: [
      { file: MERGE, at: "if («input.crm === undefined») return { kind: 'unknown'", wrong: 'false' },
      { file: MERGE, at: 'if («input.jira === undefined») return', wrong: 'false' },
    ],
  },
  {
    id: 'merge/sides-of-a-policy-swapped',
    what: '`conflict: jira` lets the CRM win.',
    file: 'src/sync/policy.ts',
    at: "case 'jira':\n      return «'crm'»;",
    wrong: "'jira'",
  },
  {
    id: 'merge/newest-is-oldest',
    what: '`conflict: newest` keeps the older of the two edits.',
    file: 'src/sync/policy.ts',
    at: "policy.tie : «lead > 0» ? 'jira' : 'crm';",
    wrong: 'lead <= 0',
    hunt: { cases: 'test/unit/sync/merge.test.ts' },
  },
  {
    id: 'merge/one-way-goes-both-ways',
    what: 'The direction of a field is not looked at: what the target shows flows back.',
    file: 'src/sync/policy.ts',
    at: "if («direction === 'both'») return null;",
    wrong: 'true',
  },
  {
    id: 'merge/removed-members-stay',
    what: 'Sets only ever grow: a label that one side removed stays on the other.',
    file: SETS,
    at: 'new Set(target.filter((member) => «!removed(member)»))',
    wrong: 'true',
  },
  {
    id: 'merge/removed-members-come-back',
    what: 'A label that one side removed is added again because the other side still has it.',
    file: SETS,
    at: 'if («sourceBase.includes(member) || target.some((other) => corresponds(member, other))») continue;',
    wrong: 'target.some((other) => corresponds(member, other))',
  },
  {
    id: 'merge/added-members-lost',
    what: 'When both sides changed a set, what the source added is left out.',
    file: SETS,
    at: 'if («sourceBase.includes(member) || target.some((other) => corresponds(member, other))») continue;',
    wrong: 'true',
  },
  {
    id: 'merge/lossy-value-bounces',
    what: 'A stage that reads as the status that Jira shows is taken for a change, and written back.',
    file: MERGE,
    at: "return «target !== 'crm'» && ",
    wrong: 'false',
    hunt: { cases: 'test/unit/sync/merge.test.ts' },
  },
  {
    id: 'merge/gate-ignored',
    what: 'A pair whose condition does not hold is synced all the same.',
    file: DECIDE,
    at: 'const waiting = «gateOf(profile, context)»;',
    wrong: 'null',
    hunt: { cases: 'test/scenario/sync-when.test.ts' },
  },
  {
    id: 'merge/parked-for-ever',
    what: 'A parked field is not tried again when one of its values changes.',
    file: DECIDE,
    at: 'return «then === undefined || now === undefined || sameValue(then, now)»;',
    wrong: 'true',
  },
  {
    id: 'merge/decision-of-old-values',
    what: "A person's decision is carried out on values that the person never saw.",
    file: DECIDE,
    at: 'return «expected ? take : null»;',
    wrong: 'take',
    hunt: { cases: 'test/scenario/same-field.test.ts' },
  },
  {
    id: 'merge/ping-pong',
    what: 'Nobody notices that a robot and we write one field in turns.',
    file: DECIDE,
    at: 'if («isFlipFlopping(known.recentWrites, field.name, now)») {',
    wrong: 'false',
  },
  {
    id: 'conflict/stays-open',
    what: 'A conflict goes on asking a person though both sides say the same again.',
    file: DECIDE,
    at: 'if («open !== undefined && isOver(outcome)») closes.push(field.name);',
    wrong: 'false',
  },
  {
    id: 'profile/parked-stays',
    what: 'What the old version of a profile could not translate stays parked under the new one, which can.',
    file: DECIDE,
    at: 'const isNews = «known.link !== null && known.link.profileVersion !== profile.version»;',
    wrong: 'false',
    hunt: PROFILE_EDIT,
  },
];
