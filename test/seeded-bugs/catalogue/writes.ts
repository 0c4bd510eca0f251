// What was decided is sent, and what came of it becomes the base.
import type { Bug } from '../bug.ts';

const APPLY = 'src/sync/apply.ts';
const SETTLEMENT = 'src/sync/settlement.ts';
const LOAD = 'src/sync/load.ts';
const PATH = 'src/sync/sync-record.ts';

export const WRITE_BUGS: readonly Bug[] = [
  {
    id: 'base/what-was-sent',
    what: 'The base takes what was sent, whatever the product kept.',
    file: APPLY,
    at: 'if («returned !== undefined && sameValue(returned, write.value)») result.done.push(outcome);',
    wrong: 'Object.assign(outcome, { returned: write.value })',
    hunt: { cases: 'test/scenario/read-back.test.ts' },
  },
  {
    id: 'base/moves-with-a-coercion',
    what: "Where the product kept something else, the origin's base moves all the same: the difference is forgotten.",
    file: SETTLEMENT,
    at: 'if («coerced !== undefined || restored || done.length < outcome.writes.length») continue;',
    wrong: 'restored',
  },
  {
    id: 'base/moves-though-given-back',
    what: 'An edit that we had overwritten is given back, and the base says that ours stands there.',
    file: SETTLEMENT,
    at: 'if («coerced !== undefined || restored || done.length < outcome.writes.length») continue;',
    wrong: 'coerced !== undefined || done.length < outcome.writes.length',
    hunt: { cases: 'test/scenario/overwritten.test.ts' },
  },
  {
    id: 'base/lost-on-update',
    what: 'Fields that are not written in this round lose their base.',
    file: SETTLEMENT,
    at: 'if («known !== undefined») next[field.name] = known;',
    wrong: 'false',
  },
  {
    id: 'base/before-the-write',
    what: 'The base moves for a write that failed.',
    file: SETTLEMENT,
    at: 'const done = «applied.done.filter((write) => write.field === field.name)»;',
    wrong:
      'decision.writes.filter((write) => write.field === field.name).map((write) => ({ ...write, returned: write.value }))',
  },
  {
    id: 'write/overwritten-in-silence',
    what: 'An edit that came between our read and our write is overwritten, and nobody is told.',
    file: APPLY,
    at: 'if («unseen») result.overwritten.push',
    wrong: 'false',
  },
  {
    id: 'write/not-given-back',
    what: 'An edit that we overwrote is on record as given back, and is not.',
    file: APPLY,
    at: 'const patch = { [write.id]: «wanted» };',
    wrong: 'stands',
  },
  {
    id: 'write/one-refusal-stops-the-others',
    what: 'Beside a refused field the other fields of the record are not written.',
    file: APPLY,
    at: 'if («others.length > 0») await writeSide',
    wrong: 'false',
    hunt: { cases: 'test/scenario/one-bad-field.test.ts' },
  },
  {
    id: 'write/failure-swallowed',
    what: 'A write that did not go through is not tried again.',
    file: APPLY,
    at: 'failure = «error»;',
    wrong: 'null',
  },
  {
    id: 'write/refusal-not-parked',
    what: 'A refused value is dropped without a word.',
    file: APPLY,
    at: 'result.park.push({ ...parked, reason: `${error.message} (it was to become ${valueName(culprit, context)})` });',
    wrong: '',
  },
  {
    id: 'write/edit-in-the-answer-missed',
    what: 'The answer to our write shows an edit of another field; it is noted as seen, and never carried over.',
    file: APPLY,
    at: '(side) => «results[side].edited || movedMeanwhile(side, records[side], results[side], writes, context)»,',
    wrong: 'false',
  },
  {
    id: 'write/set-taken-for-coerced',
    what: "A set into which the product merged our change and somebody's counts as refused.",
    file: APPLY,
    at: 'if («returned !== undefined && isBothEdits(write, unseen ? before : undefined, returned)») {',
    wrong: 'false',
    hunt: { cases: 'test/scenario/overwritten.test.ts' },
  },
  {
    id: 'write/conflict-row-lost',
    what: 'What a policy overwrites is not on record.',
    file: SETTLEMENT,
    at: '...«conflictRows(decision, planned, now)».filter',
    wrong:
      "conflictRows({ ...decision, conflicts: decision.conflicts.filter(({ outcome }) => outcome === 'held') }, planned, now)",
    also: [{ file: PATH, at: 'if («decision.conflicts.some(isSettledByUs)») {', wrong: 'false' }],
  },
  {
    id: 'echo/any-version-is-ours',
    what: 'Whatever bears a version is taken for the echo of our own write.',
    file: LOAD,
    at: 'row.version !== null && «row.version === link.versions[row.side]»',
    wrong: 'true',
    hunt: { schedules: 'no-sweeps', depth: 'thin' },
  },
  {
    id: 'echo/older-is-ours',
    what: 'A version that is later than ours counts as known, as if it were earlier.',
    file: LOAD,
    at: 'row.version !== null && «row.version === link.versions[row.side]»',
    wrong: 'row.version >= link.versions[row.side]',
    hunt: { schedules: 'no-sweeps', depth: 'thin' },
  },
  {
    id: 'echo/pending-work-forgotten',
    what: 'A hint that shows nothing new ends work that is still to be done on the pair.',
    file: LOAD,
    at: "link.state === 'active' && «link.reason === null» && link.profileVersion",
    wrong: 'true',
  },
  {
    id: 'write/conflict-after-the-write',
    what: 'What a policy overwrites is on record only after the write: whoever dies in between has lost it.',
    file: PATH,
    at: 'if («decision.conflicts.some(isSettledByUs)») {',
    wrong: 'false',
    hunt: { cases: 'test/scenario/crash.test.ts' },
  },
  {
    id: 'write/never-announced',
    what: "Nothing is on disk before a write leaves: what arrived of it passes for a stranger's edit.",
    file: 'src/sync/announced.ts',
    at: 'if («Object.keys(announced).length > 0») await',
    wrong: 'false',
    hunt: { cases: 'test/scenario/half-stored.test.ts' },
  },
  {
    id: 'write/leaves-before-it-is-announced',
    what: 'A write does not wait until it is on disk that it was to leave.',
    file: 'src/sync/context.ts',
    at: 'onSend: () => «ready.then(context.sending)» };',
    wrong: 'Promise.resolve(context.sending())',
    hunt: { cases: 'test/scenario/half-stored.test.ts' },
  },
];
