// Creates in every kind of trouble: the whole product in virtual time, with a fault at the create and what follows it.
import { StaleError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import { company, office } from '../support/office.ts';
import { createWorld, type World, type WorldOptions } from '../support/world.ts';

const HOUR = 3_600_000;

async function coverVerbs(): Promise<void> {
  const store = openSqliteStore(':memory:');
  const plan = { key: 'a', profile: 'p', side: 'crm', sourceId: '1' } as const;
  await store.planIntent(plan, 1);
  await store.planIntent(plan, 2);
  await store.moveIntent('a', 'sent', 3, { before: null, values: {} });
  await store.doubtSentIntents(4, ['p', 'q']);
  await store.moveIntent('a', 'planned', 5);
  await store.moveIntent('a', 'sent', 6);
  await store.doubtSentIntents(7);
  await expectStale(store.moveIntent('a', 'sent', 8));
  await expectStale(store.moveIntent('none', 'sent', 9));
  await store.intent('a');
  await store.intent('none');
  await store.linkOf({ profile: 'p', side: 'jira', id: '1' });
  await store.links('p', 0, 1);
  await store.matches('p', 'jira', 0, 'x');
  await store.standing('p', { jira: '1', crm: '2' }, 1, 0);
  await store.close();
}

async function expectStale(work: Promise<unknown>): Promise<void> {
  const error = await work.catch((reason: unknown) => reason);
  if (!(error instanceof StaleError)) throw new Error('an intent went where none may go');
}

/** One request without a partner; `trouble` comes before anything is created. */
async function life(trouble: (world: World) => Promise<void> | void, more: Partial<WorldOptions> = {}): Promise<void> {
  const world = await createWorld({ company: company([{ summary: 'Pump 1' }], []), ...more });
  await trouble(world);
  await world.stop();
}

const CREATE = { command: 'crm.item.add' };

export async function coverIntents(): Promise<void> {
  await coverVerbs();
  await life((world) => world.settle());
  await life((world) => world.settle(), { company: company([{}], [{}]) });
  await life((world) => world.settle(), { company: company([], [{ title: 'x'.repeat(300) }]) });
  for (const kind of ['drop-after', 'drop-before', 'html', 'status'] as const) {
    await life(async (world) => {
      const fault =
        kind === 'status' ? { match: CREATE, kind, status: 500, times: 1 } : { match: CREATE, kind, times: 1 };
      world.sandbox.bitrix24.faults.replace([fault] as never);
      await world.settle();
      await world.run(HOUR);
      office(world);
    });
  }
}
