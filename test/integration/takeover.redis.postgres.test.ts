// Three daemons on one PostgreSQL and one Redis, each with a CRM connection of its own, while people edit everywhere: one
// is killed, one is stopped for a minute and continued. Nothing is lost, nothing is doubled, and the connections of both
// are taken over within 30 seconds.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import type { Store } from '../../src/state/store.ts';
import { BEAT_MS } from '../../src/work/lease-keeper.ts';
import { reportGoal } from '../support/cases.ts';
import { createPlayground, type Daemon, until } from '../support/real-processes.ts';
import { startPostgres, startRedis, type TestServer } from '../support/servers.ts';
import { type Office, openOffices } from '../support/three-offices.ts';

/** Of those who live, while they take over: one at least every BEAT_MS, so these are thirty seconds of theirs. */
const TAKEOVER_BEATS = 30_000 / BEAT_MS;
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
});

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

async function beats(): Promise<ReadonlyMap<string, number>> {
  const { members } = await store.leaseTable();
  return new Map(members.map(({ id, beat }) => [id, beat]));
}

type Takeover = { readonly ms: number; readonly beats: number };

/**
 * How long it takes until nobody of these holds anything and somebody else does: for people in ms, and by the clock of
 * those who take over, which is all that a process can promise on a machine that stands still now and then.
 */
async function takenFrom(gone: readonly string[]): Promise<Takeover> {
  const since = performance.now();
  const before = await beats();
  await until('others have taken over', async () => {
    const now = [...(await holders()).values()];
    return now.length === offices.length && now.every((holder) => holder !== null && !gone.includes(holder));
  });
  const ms = performance.now() - since;
  const living = [...(await beats())].filter(([id]) => before.has(id) && !gone.includes(id));
  return { ms, beats: Math.max(...living.map(([id, beat]) => beat - (before.get(id) ?? 0))) };
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
  await until('each has one connection', async () => new Set((await holders()).values()).size === 3);
  for (const { name } of offices) {
    await until(`${name} is matched`, async () => (await store.profileState(name))?.matchedAt.crm != null);
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
  await until('it has a share again', async () => [...(await holders()).values()].includes(stopped));
  await systemClock.sleep(5_000);
  await stopWork();

  const told = [afterKill, afterStop].map(({ ms, beats }) => `${(ms / 1_000).toFixed(1)} s, ${beats} beats`);
  for (const { beats } of [afterKill, afterStop]) expect(beats, told.join(' and ')).toBeLessThan(TAKEOVER_BEATS);
  const settled = async () => (await Promise.all(offices.map((office) => office.unsettled(store)))).flat();
  await until('everything has arrived', async () => (await settled()).length === 0).catch(() => {});
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
      reached: () => `0; after ${told.join(' and ')}`,
    },
    { cases: 1, ms: performance.now() - began, reached: null },
  );
});
