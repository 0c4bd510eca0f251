// Three daemons on one PostgreSQL and one Redis, each with a CRM connection of its own, while people edit everywhere: one
// is killed, one is stopped for a minute and continued. Nothing is lost, nothing is doubled, and the connections of both
// are taken over within 30 seconds.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import type { Store } from '../../src/state/store.ts';
import { reportGoal } from '../support/cases.ts';
import { createPlayground, type Daemon, until } from '../support/real-processes.ts';
import { startPostgres, startRedis, type TestServer } from '../support/servers.ts';
import { type Office, openOffices } from '../support/three-offices.ts';

const TAKEOVER_MS = 30_000;
const STOPPED_MS = 60_000;
const EDIT_EVERY_MS = 300;

const playground = createPlayground();
let servers: readonly TestServer[] = [];
let store: Store;
let offices: readonly Office[] = [];
let daemons: readonly Daemon[] = [];

beforeAll(async () => {
  servers = await Promise.all([startRedis(), startPostgres()]);
  const [queue, state] = servers.map(({ url }) => url) as [string, string];
  const opened = await openOffices(playground, 3, { state, queue });
  offices = opened.offices;
  daemons = await Promise.all([0, 1, 2].map(() => playground.daemon(opened.env)));
  store = await openPostgresStore(state, { clock: systemClock });
  // Each hears of another's office: whoever accepts a webhook need not be the one who works on it.
  await Promise.all(offices.map((office, at) => office.listen(daemons[(at + 1) % 3]?.webhooks ?? '')));
}, 300_000);

afterAll(async () => {
  await store?.close();
  playground.close();
  for (const server of servers) await server.stop();
});

async function holders(): Promise<ReadonlyMap<string, string | null>> {
  const { leases } = await store.leaseTable();
  return new Map(leases.map(({ name, holder }) => [name, holder]));
}

/** The member that a process appears as. */
async function memberOf({ child }: Daemon): Promise<string> {
  const { members } = await store.leaseTable();
  const member = members.find(({ about }) => about.pid === child.pid);
  if (member === undefined) throw new Error(`no member has the process id ${child.pid}`);
  return member.id;
}

/** How long it takes until nobody of these holds anything and somebody else does. */
async function takenFrom(gone: readonly string[]): Promise<number> {
  const since = performance.now();
  await until(
    'others have taken over',
    async () => {
      const now = [...(await holders()).values()];
      return now.length === offices.length && now.every((holder) => holder !== null && !gone.includes(holder));
    },
    TAKEOVER_MS + 15_000,
  );
  return Math.round(performance.now() - since);
}

/** People at work in all offices, until they are told to stop. */
function work(): () => Promise<void> {
  let going = true;
  const days = offices.map(async (office) => {
    for (let step = 0; going; step += 1) {
      await office.edit(step);
      await systemClock.sleep(EDIT_EVERY_MS);
    }
  });
  return async () => {
    going = false;
    await Promise.all(days);
  };
}

it('loses nothing and doubles nothing when one of three dies and one stands still for a minute', async () => {
  const began = performance.now();
  const [first, second, third] = daemons as readonly [Daemon, Daemon, Daemon];
  await until('each has one connection', async () => new Set((await holders()).values()).size === 3, 120_000);
  for (const { name } of offices) {
    await until(`${name} is matched`, async () => (await store.profileState(name))?.matchedAt.crm != null, 120_000);
  }
  const stopWork = work();
  await systemClock.sleep(5_000);

  const killed = await memberOf(second);
  second.child.kill('SIGKILL');
  const afterKill = await takenFrom([killed]);

  const stopped = await memberOf(third);
  third.child.kill('SIGSTOP');
  const stoppedAt = performance.now();
  const afterStop = await takenFrom([killed, stopped]);
  await systemClock.sleep(STOPPED_MS - (performance.now() - stoppedAt));
  third.child.kill('SIGCONT');
  const awake = () => [...third.output.out.matchAll(/"message":"connection lost to another process"/g)].length;
  await until('the one that stood still knows that it has lost', () => awake() > 0);
  await until('it has a share again', async () => [...(await holders()).values()].includes(stopped), 120_000);
  await systemClock.sleep(5_000);
  await stopWork();

  expect(afterKill).toBeLessThan(TAKEOVER_MS);
  expect(afterStop).toBeLessThan(TAKEOVER_MS);
  const settled = async () => (await Promise.all(offices.map((office) => office.unsettled(store)))).flat();
  await until('everything has arrived', async () => (await settled()).length === 0, 180_000).catch(() => {});
  expect(await settled()).toEqual([]);
  for (const daemon of [first, third]) {
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  }
  // Whoever ends gives back what it has, at once.
  expect([...new Set((await holders()).values())]).toEqual([null]);
  reportGoal(
    {
      goal: 'G14',
      what: 'three daemons as processes, one killed, one stopped for 60 s: lost, doubled; taken over within 30 s',
      file: import.meta.url,
      reached: () => `0; after ${(afterKill / 1_000).toFixed(1)} s and ${(afterStop / 1_000).toFixed(1)} s`,
    },
    { cases: 1, ms: performance.now() - began, reached: null },
  );
}, 600_000);
