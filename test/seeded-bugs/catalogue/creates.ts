// A record without a partner finds it, or gets one, once.
import type { Bug } from '../bug.ts';

const CREATE = 'src/sync/create-partner.ts';
const SETTLED = 'src/sync/settle-created.ts';
const DOUBT = 'src/sync/doubt.ts';
const FIND = 'src/sync/find-partner.ts';
const PAIR = 'src/sync/pair-up.ts';
const PAIRS = 'src/state/pairs.ts';
const CREATES = { schedules: 'creates', depth: 'thin' } as const;

export const CREATE_BUGS: readonly Bug[] = [
  {
    id: 'create/no-intent',
    what: 'Nothing is on disk before a create is sent: after a crash it is sent again.',
    file: CREATE,
    at: "await store.moveIntent(key, 'sent', clock.now(), { before, values });",
    wrong: '',
    hunt: { cases: 'test/scenario/crash.test.ts' },
  },
  {
    id: 'create/sent-again-without-looking',
    what: 'A create whose answer never came is simply sent again.',
    file: CREATE,
    at: 'if («sent && isAmbiguous(error)») {',
    wrong: 'false',
    hunt: CREATES,
  },
  {
    id: 'create/no-mark',
    what: 'The create goes without its mark.',
    file: CREATE,
    at: 'const marker = { key: «syncKey(side, source.ref.entity, source.ref.id)», tenant',
    wrong: "''",
  },
  {
    id: 'create/looked-once',
    what: 'What is not found at the first look counts as never created, though it may still come.',
    file: DOUBT,
    at: 'if («!look.certain») return inDoubt',
    wrong: 'false',
    hunt: CREATES,
  },
  {
    id: 'create/doubt-forgotten',
    what: 'An intent in doubt counts as one that was never sent.',
    file: DOUBT,
    at: "if («intent === null || intent.state === 'planned'») return { kind: 'clear' };",
    wrong: "intent === null || intent.state !== 'done'",
    also: [{ file: CREATE, at: "if («intent.state !== 'planned'») return { ...inDoubt", wrong: 'false' }],
    hunt: CREATES,
  },
  {
    id: 'create/intent-closed-too-early',
    what: 'The intent is done as soon as it is sent, so nobody asks what became of it.',
    file: PAIRS,
    at: "«to»,\n          to === 'sent' ? attempt + 1 : attempt,",
    wrong: "to === 'sent' ? 'done' : to",
    hunt: CREATES,
  },
  {
    id: 'create/without-a-last-look',
    what: 'The other side is not read before a create: a partner made by hand a moment ago is doubled.',
    file: PAIR,
    at: 'if («await context.seeAllSince(otherSide(row.side), { moved: record.updatedAt, marked: row.since })») {',
    wrong: 'false',
    hunt: { cases: 'test/scenario/made-by-hand.test.ts' },
  },
  {
    id: 'create/too-early',
    what: '`create.when` is not looked at.',
    file: CREATE,
    at: 'if («policy.when !== null && !policy.when.evaluate(expressions)») {',
    wrong: 'false',
  },
  {
    id: 'create/deferred-forgotten',
    what: 'What a product takes only once the record exists (a status) is never written.',
    file: 'src/sync/create-patch.ts',
    at: "else if (field.on === 'always') «deferred.push(field.name)»;",
    wrong: 'null',
    hunt: { cases: 'test/scenario/creates.test.ts' },
  },
  {
    id: 'create/edit-before-adoption-lost',
    what: 'What people changed on a record while the answer to its create was lost counts as settled.',
    file: SETTLED,
    at: 'if (settled !== null) base[field.name] = «settled»;',
    wrong: 'both',
    hunt: { cases: 'test/scenario/found-later.test.ts' },
  },
  {
    id: 'pair/guessed',
    what: 'Of several records that fit the first one is taken.',
    file: FIND,
    at: 'if («hits.length > 1 || rivals.length > 0») {',
    wrong: 'false',
    hunt: { cases: 'test/scenario/first-match.test.ts' },
  },
  {
    id: 'pair/foreign-mark-adopted',
    what: 'A label that anybody can type counts as our mark.',
    file: FIND,
    at: 'if («index === MARKER_RULE && candidate.marker?.tenant !== tenants[side]») continue;',
    wrong: 'false',
    hunt: { cases: 'test/scenario/unproven-mark.test.ts' },
  },
  {
    id: 'pair/linked-partner-taken',
    what: 'A record that has a partner is paired with another one.',
    file: FIND,
    at: 'if («(await store.linkOf(at)) !== null || (await store.isApart(at))») continue;',
    wrong: 'false',
    hunt: { cases: 'test/scenario/first-match.test.ts' },
  },
  {
    id: 'pair/clone-takes-the-partner',
    what: 'A cloned issue, which copies the mark, is taken for its original.',
    file: FIND,
    at: 'if (named !== null && «!(await isCopiedMark(record, named, lane, context))») {',
    wrong: 'true',
    hunt: { cases: 'test/scenario/merged-and-cloned.test.ts' },
  },
  {
    id: 'pair/lost-state-doubles',
    what: 'After the loss of the state nobody looks for partners outside of the lists.',
    file: DOUBT,
    at: 'if («rebuiltAt === null || source.createdAt > rebuiltAt + SLACK_MS») return',
    wrong: 'true',
    hunt: { cases: 'test/scenario/lost-partner.test.ts' },
  },
  {
    id: 'pair/stamp-never-written',
    what: 'A pair that was found is not stamped: the loss of the state forgets it.',
    file: 'src/sync/stamp-pair.ts',
    at: 'if («SIDES.some((side) => namesPartner(records, side))») return null;',
    wrong: 'true',
    hunt: { cases: 'test/scenario/audit.test.ts' },
  },
  {
    id: 'create/before-the-match-pass',
    what: 'Records get partners before the first pass has seen what is there.',
    file: 'src/work/carry.ts',
    at: 'if («claim.link === null && !(await sweeper.hasMatched(profile.name))») {',
    wrong: 'false',
    hunt: { cases: 'test/scenario/lost-partner.test.ts' },
  },
  {
    id: 'create/never-doubted',
    what: 'Creates that an earlier run has left without an answer are told to nobody.',
    file: PAIRS,
    at: "return «db.write(() => run(`${doubt} WHERE state = 'sent'`, now))»;",
    wrong: '0',
    hunt: { cases: 'test/contract/sqlite-store.test.ts' },
  },
  {
    id: 'pair/heir-keeps-the-base',
    what: 'What settled with a record that is gone counts as settled with the one that took its place.',
    file: 'src/sync/heir.ts',
    at: 'base: «{}»,',
    wrong: 'link.base',
    hunt: { cases: 'test/scenario/merged-and-cloned.test.ts' },
  },
];
