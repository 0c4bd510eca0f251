// Flows that begin in the daemon: its start, its sweeps, its profiles, what a product keeps for it, its tokens.
import { keepBeforeLoss } from '../simulation/check/collect.ts';
import { MINUTE } from '../simulation/script/chance.ts';
import { PROFILE_FILE, profileText } from '../simulation/stage/profile-text.ts';
import { beginPass, type FaultWorld } from './fault-world.ts';
import type { Flow } from './flow.ts';
import { allFields, idIn, pairMade, plain } from './flows-records.ts';

const APPLICATION = { application: true } as const;

function editBoth({ stage }: FaultWorld, round: number): void {
  stage.edit('jira', idIn('jira', 0), allFields(round), 'person');
  stage.edit('crm', idIn('crm', 1), plain(round), 'person');
}

/** Only the product's own queue and the sweeps tell of a change. */
function expireTokens({ stage }: FaultWorld): void {
  stage.sandbox.bitrix24.product.configure({ appTokens: 'expire' });
}

async function reload({ daemon, stage, script }: FaultWorld): Promise<void> {
  const { life } = daemon;
  if (life === null) return;
  const text = profileText(script.setup);
  const loading = life.profiles.load([{ file: PROFILE_FILE, text }]).then(async ({ changed }) => {
    for (const name of changed) await life.engine.store.ringProfile(name, stage.clock.now());
    life.engine.ring();
  });
  // What does not load leaves the last good version running.
  loading.catch(() => {});
}

async function startAgain(world: FaultWorld, meanwhile: () => void): Promise<void> {
  world.daemon.kill();
  meanwhile();
  await world.daemon.start();
}

export const DAEMON_FLOWS: readonly Flow[] = [
  {
    name: 'sweep',
    everyRun: 10,
    setup: { webhooks: 'lost' },
    async act(world, round) {
      editBoth(world, round);
      await world.run(6 * MINUTE);
    },
  },
  {
    name: 'pass-over-everything',
    everyRun: 10,
    setup: { webhooks: 'lost' },
    prepare: editBoth,
    act: beginPass,
  },
  { name: 'start', everyRun: 15, act: (world, round) => startAgain(world, () => editBoth(world, round)) },
  {
    name: 'start-on-a-lost-state',
    everyRun: 40,
    act: async (world, round) => {
      await keepBeforeLoss(world.stage, world.daemon.store, world.kept);
      await startAgain(world, () => {
        world.daemon.loseState();
        world.stage.create('jira', plain(10_000 + round));
      });
    },
  },
  {
    name: 'profiles-are-read-again',
    everyRun: 10,
    async act(world, round) {
      await reload(world);
      editBoth(world, round);
    },
  },
  {
    name: 'queue-of-the-application',
    setup: { ...APPLICATION, webhooks: 'lost' },
    async act(world, round) {
      world.stage.edit('crm', idIn('crm', 0), allFields(round), 'person');
      await world.run(2 * MINUTE);
    },
  },
  {
    name: 'event-of-the-application',
    everyRun: 9,
    setup: APPLICATION,
    act: ({ stage }, round) => void stage.edit('crm', idIn('crm', 0), plain(round), 'person'),
  },
  {
    name: 'token-is-renewed-for-an-update',
    everyRun: 9,
    setup: APPLICATION,
    act(world, round) {
      expireTokens(world);
      world.stage.edit('jira', idIn('jira', 0), allFields(round), 'person');
    },
  },
  {
    name: 'token-is-renewed-for-a-create',
    everyRun: 9,
    setup: APPLICATION,
    act(world, round) {
      expireTokens(world);
      world.stage.create('jira', plain(round));
    },
  },
  {
    name: 'start-of-the-application',
    everyRun: 20,
    setup: APPLICATION,
    act: (world, round) => startAgain(world, () => editBoth(world, round)),
  },
  {
    name: 'deals-are-merged',
    everyRun: 10,
    async prepare(world, round) {
      await pairMade(world, 'crm', 2 * round);
      await pairMade(world, 'crm', 2 * round + 1);
    },
    act({ stage }) {
      const ids = [...stage.seen('crm').keys()].map(Number).sort((a, b) => a - b);
      const [winner, loser] = ids.slice(-2);
      stage.sandbox.bitrix24.product.configure({ merge: { entity: 'deal', winner, losers: [loser] } });
      // The screens are looked at again whenever somebody does something.
      stage.remove('crm', '0');
    },
  },
];
