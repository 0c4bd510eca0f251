// Several processes on one state, and settlements that meet each other.
import type { Bug } from '../bug.ts';

const STORE = { cases: 'test/contract/sqlite-store.test.ts' } as const;
const KEEPER = { cases: 'test/unit/work/lease-keeper.test.ts' } as const;

export const LEASE_BUGS: readonly Bug[] = [
  {
    id: 'lease/old-epoch-writes',
    what: 'Whoever held the lease before may still write.',
    file: 'src/state/bounds.ts',
    at: 'if («(yield* get(sql, lease.name, lease.holder, lease.epoch)) !== undefined») return;',
    wrong: 'true',
    hunt: STORE,
  },
  {
    id: 'lease/taken-by-two',
    what: 'A lease that has moved since it was looked at is taken all the same.',
    file: 'src/state/leases.ts',
    at: 'if («row?.epoch !== seen?.epoch || row?.beat !== seen?.beat») return null;',
    wrong: 'false',
    hunt: STORE,
  },
  {
    id: 'lease/epoch-stays',
    what: 'The epoch is not raised when a lease changes hands.',
    file: 'src/state/leases.ts',
    at: 'const epoch = «(row?.epoch ?? 0) + 1»;',
    wrong: 'row?.epoch ?? 1',
    hunt: STORE,
  },
  {
    id: 'lease/counted-from-the-answer',
    what: 'A lease counts from when the answer to its renewal came: whoever waited long believes in it too long.',
    file: 'src/work/lease-keeper.ts',
    at: 'renewedAt = «began»;',
    wrong: 'clock.steady()',
    hunt: KEEPER,
  },
  {
    id: 'lease/never-expires',
    what: 'A process that could not renew its leases goes on working.',
    file: 'src/work/lease-keeper.ts',
    at: 'const expired = () => «!alone && clock.steady() - renewedAt >= TTL_MS - MARGIN_MS»;',
    wrong: 'false',
    hunt: KEEPER,
  },
  {
    id: 'lease/taken-at-once',
    what: 'A lease whose holder is only slow is taken from it.',
    file: 'src/work/lease-keeper.ts',
    at: 'holder: «still < TTL_MS ? row.holder : null»,',
    wrong: 'null',
    hunt: KEEPER,
  },
  {
    id: 'settle/old-revision-wins',
    what: 'Of two that settle one pair the later one overwrites what the first has stored.',
    file: 'src/state/link-rows.ts',
    at: 'if («(yield* run(sql, ...values, id, revision)) === 0») throw moved(before);',
    wrong: "(yield* run(sql.replace('AND revision = ?', 'AND ? > 0'), ...values, id, revision)) === 0",
    hunt: STORE,
  },
  {
    id: 'settle/not-atomic',
    what: 'An intent is not closed in the transaction that stores its link.',
    file: 'src/state/settle.ts',
    at: 'if («settlement.intentDone !== null») {',
    wrong: 'false',
    hunt: STORE,
  },
  {
    id: 'state/intent-goes-back',
    what: 'An intent that is done may be sent again.',
    file: 'src/state/pairs.ts',
    at: 'if («!COMES_FROM[to].includes(state)») {',
    wrong: 'false',
    hunt: STORE,
  },
  {
    id: 'lease/creates-not-doubted',
    what: 'Whoever takes a connection over does not doubt what the last holder was about to send.',
    file: 'src/work/engine.ts',
    at: 'const doubtful = «await store.doubtSentIntents(clock.now(), names)»;',
    wrong: '0',
    hunt: { cases: 'test/unit/work/two-processes.test.ts' },
  },
];
