// Records that are gone or hidden, lost access, brakes, and what is taken back.
import type { Bug } from '../bug.ts';

const GONE = 'src/sync/gone.ts';
const SURVIVOR = 'src/sync/survivor.ts';
const UNDO = 'src/sync/undo.ts';
const DELETION = { cases: 'test/scenario/deletion.test.ts' } as const;
const BRAKE = { cases: 'test/unit/sync/brake.test.ts' } as const;
const TAKEN_BACK = { cases: 'test/scenario/undo.test.ts' } as const;

export const GONE_BUGS: readonly Bug[] = [
  {
    id: 'gone/missing-is-deleted',
    what: 'A record that is not found counts as deleted, though no product told of that.',
    file: SURVIVOR,
    at: "if («policy.kind !== 'delete' || !isToldOf(pair)») return 'unlink';",
    wrong: "policy.kind !== 'delete'",
    hunt: DELETION,
  },
  {
    id: 'gone/one-miss-suffices',
    what: 'A record that is missed once is given up.',
    file: GONE,
    at: 'if («clock.now() - missedAt < SECOND_LOOK_MS») {',
    wrong: 'false',
    hunt: DELETION,
  },
  {
    id: 'gone/edited-and-deleted',
    what: 'A record that somebody edited is deleted along with its partner.',
    file: SURVIVOR,
    at: "return «isEditedSince(pair.link, survivor, profile)» ? 'keep' : 'delete';",
    wrong: 'false',
    hunt: DELETION,
  },
  {
    id: 'gone/policy-not-asked',
    what: 'A record is deleted along though the profile says unlink.',
    file: SURVIVOR,
    at: "if («policy.kind !== 'delete' || !isToldOf(pair)») return 'unlink';",
    wrong: 'false',
  },
  {
    id: 'gone/pair-goes-on',
    what: 'A pair of which one record is gone stays active.',
    file: GONE,
    at: "link: { ...link, state: «'gone'», reason: why, profileVersion: profile.version },",
    wrong: "'active'",
  },
  {
    id: 'gone/leaving-the-scope-ends-it',
    what: 'A pair that left the scope once does not come back.',
    file: 'src/sync/load.ts',
    at: "if (first?.inScope && «shows(first, link, context.profile)») return 'unchanged';",
    wrong: 'true',
  },
  {
    id: 'brake/never',
    what: 'However many pairs are about to be given up, nobody is asked.',
    file: 'src/sync/brake.ts',
    at: 'if («candidates <= mostGone(links)») return null;',
    wrong: 'true',
    hunt: BRAKE,
  },
  {
    id: 'brake/overwrites-not-counted',
    what: 'However many values of a field are about to be overwritten, nobody is asked.',
    file: 'src/sync/brake.ts',
    at: 'if («links <= FEWEST_LINKS || overwritten <= links * OVERWRITTEN_SHARE») return null;',
    wrong: 'true',
    hunt: BRAKE,
  },
  {
    id: 'undo/not-ours-any-more',
    what: 'What somebody changed since is taken back along.',
    file: UNDO,
    at: 'if («!sameValue(now, one.after)») return',
    wrong: 'false',
    hunt: TAKEN_BACK,
  },
  {
    id: 'undo/written-again',
    what: 'What was taken back is written again by the next look.',
    file: UNDO,
    at: 'park: «undone.map((one) => parkedRow(one, records, profile))»,',
    wrong: '[]',
    also: [{ file: UNDO, at: 'park: «planned.map((one) => parkedRow(one, pair, profile))», next', wrong: '[]' }],
    hunt: TAKEN_BACK,
  },
  {
    id: 'undo/to-the-last-value-but-one',
    what: 'Of several writes only the last is taken back.',
    file: UNDO,
    at: 'before: «found.get(key)?.before ?? before», after });',
    wrong: 'before',
    hunt: TAKEN_BACK,
  },
  {
    id: 'undo/of-the-whole-record',
    what: 'The journal says what was planned, not what the product kept: nothing of it can be taken back.',
    file: 'src/sync/settlement.ts',
    at: 'before: write.from,\n    after: «write.returned»,',
    wrong: 'null',
    hunt: TAKEN_BACK,
  },
  {
    id: 'gone/no-last-look',
    what: 'The record that is left is not read again before it is deleted: the edit of the last seconds goes with it.',
    file: GONE,
    at: 'survivor: «await readSide(side, pair.link.ids[side], laneOf(held.claim), context)» };',
    wrong: 'pair.survivor',
    hunt: DELETION,
  },
  {
    id: 'scope/written-outside',
    what: 'A pair of which one record has left the scope is written on.',
    file: 'src/sync/sync-record.ts',
    at: 'if («!jira.inScope || !crm.inScope») {',
    wrong: 'false',
  },
];
