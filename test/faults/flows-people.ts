// Flows that begin with what a person asks of the daemon, or with two people who say different things.
import type { RecordKey } from '../../src/state/store.ts';
import { PROFILE } from '../simulation/stage/profile-text.ts';
import type { FaultWorld } from './fault-world.ts';
import type { Flow } from './flow.ts';
import { idIn, keep, kept, pairMade, plain } from './flows-records.ts';

const issueKey = (id: string): RecordKey => ({ profile: PROFILE, side: 'jira', id });

/** Both sides say something else about the same, and the daemon asks. */
async function disagree(world: FaultWorld, round: number): Promise<void> {
  world.stage.edit('jira', idIn('jira', 0), { title: `Theirs ${round}` }, 'person');
  world.stage.edit('crm', idIn('crm', 0), { title: `Ours ${round}` }, 'person');
  await world.settle();
}

async function decide(world: FaultWorld, side: 'jira' | 'crm'): Promise<void> {
  const { store } = world.daemon;
  for (const { id } of await store.conflicts({ status: 'open' })) {
    await store.decideConflict(id, { side }, world.stage.clock.now());
  }
  world.ring();
}

function resolution(side: 'jira' | 'crm'): Flow {
  return {
    name: `conflict-is-decided-for-${side}`,
    prepare: disagree,
    act: (world) => decide(world, side),
  };
}

export const PEOPLE_FLOWS: readonly Flow[] = [
  {
    name: 'both-edit-one-field',
    everyRun: 9,
    act({ stage }, round) {
      stage.edit('jira', idIn('jira', 0), { title: `Theirs ${round}` }, 'person');
      stage.edit('crm', idIn('crm', 0), { title: `Ours ${round}` }, 'person');
    },
  },
  {
    name: 'both-edit-and-a-policy-decides',
    everyRun: 10,
    act({ stage }, round) {
      const due = (month: number) => `2027-0${month}-${String(1 + (round % 28)).padStart(2, '0')}`;
      stage.edit('jira', idIn('jira', 0), { amount: 10_000 + round, due: due(2), labels: `j${round}` }, 'person');
      stage.edit('crm', idIn('crm', 0), { amount: 20_000 + round, due: due(3), labels: `c${round}` }, 'person');
    },
  },
  resolution('jira'),
  resolution('crm'),
  {
    name: 'parked-is-tried-again',
    everyRun: 10,
    coerces: true,
    async prepare(world, round) {
      const heal = world.stage.coerce('crm', 'note');
      world.stage.edit('jira', idIn('jira', 0), { note: `a note that is too long ${round}` }, 'person');
      await world.settle();
      heal();
    },
    async act(world) {
      await world.daemon.store.retryParked({}, world.stage.clock.now());
      world.ring();
    },
  },
  {
    name: 'undo',
    everyRun: 10,
    async prepare(world, round) {
      await world.run(60_000);
      keep(world, String(world.stage.clock.now()));
      world.stage.edit('jira', idIn('jira', 0), { ...plain(round), note: `wrong ${round}` }, 'person');
    },
    act: (world) => world.ask('undo', { profile: PROFILE, since: Number(kept(world)), carryOut: true }),
  },
  {
    name: 'link-by-hand',
    async prepare(world, round) {
      const issue = await pairMade(world, 'jira', round);
      await world.ask('unlink', { key: issueKey(issue) });
      await world.settle();
      world.stage.edit('jira', issue, { title: `Alone ${round}` }, 'person');
      keep(world, issue);
    },
    async act(world) {
      const deal = [...world.stage.seen('crm').values()].find(({ mark }) => mark === `issue-${kept(world)}`);
      await world.ask('link', { profile: PROFILE, ids: { jira: kept(world), crm: deal?.id ?? '' } });
    },
  },
  {
    name: 'unlink-by-hand',
    prepare: async (world, round) => keep(world, await pairMade(world, 'jira', round)),
    act: (world) => world.ask('unlink', { key: issueKey(kept(world)) }),
  },
  {
    name: 'forget',
    prepare: async (world, round) => keep(world, await pairMade(world, 'crm', round)),
    act: (world) => world.ask('forget', { key: { profile: PROFILE, side: 'crm', id: kept(world) } }),
  },
  {
    name: 'sync-now',
    everyRun: 10,
    setup: { webhooks: 'lost' },
    prepare: ({ stage }, round) => void stage.edit('crm', idIn('crm', 0), plain(round), 'person'),
    act: (world) => world.ask('sync', { profile: PROFILE, key: issueKey(idIn('jira', 0)) }),
  },
  {
    name: 'resync',
    everyRun: 10,
    setup: { webhooks: 'lost' },
    act(world, round) {
      world.stage.edit('crm', idIn('crm', 0), plain(round), 'person');
      world.stage.edit('jira', idIn('jira', 1), plain(round), 'person');
      return world.ask('resync', { profile: PROFILE, force: true });
    },
  },
];
