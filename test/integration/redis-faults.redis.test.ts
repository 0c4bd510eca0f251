// Redis comes to harm at random instants while work is pending: whatever it loses or refuses, every row is worked on, none
// twice, and Redis is used again afterwards. In real time, with a real Redis behind a proxy of our own.
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, silentLog, systemClock, systemRandom } from '../../src/ports.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import { overRedis } from '../../src/work/bullmq/dispatcher.ts';
import { createRedisLink } from '../../src/work/bullmq/redis-link.ts';
import { chanceOf, prove } from '../support/cases.ts';
import { addressOf } from '../support/redis-address.ts';
import { startRedis, type TestServer } from '../support/servers.ts';
import { issue, marked, PROFILE, settlement } from '../support/store-samples.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const INSTALLATION = 'faults';
const ROWS = 300;
const BEAT_MS = 40;
const CALM_BEAT_MS = 5_000;
const AWAY_MS = 250;
const WORK_MS = 4;
const PATIENCE_MS = 300_000;

let redis: TestServer;
let proxy: TcpProxy;
let admin: Redis;

beforeAll(async () => {
  redis = await startRedis(['--appendfsync', 'no']);
  proxy = await startTcpProxy(redis.port);
  admin = new Redis(redis.port, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on('error', () => {});
});

afterAll(async () => {
  admin.disconnect();
  await proxy.close();
  await redis.stop();
});

const pause = (ms: number) => systemClock.sleep(ms);

/** Each leaves Redis as it was. */
const FAULTS: Readonly<Record<string, () => Promise<unknown>>> = {
  flushed: () => admin.flushall(),
  async killed() {
    await redis.kill();
    await pause(AWAY_MS);
    await redis.restart();
  },
  async 'cut off'() {
    proxy.cut();
    await pause(AWAY_MS);
    proxy.heal();
  },
  async reset() {
    proxy.reset();
  },
  async full() {
    await admin.config('SET', 'maxmemory', '1');
    await pause(AWAY_MS);
    await admin.config('SET', 'maxmemory', '0');
  },
  async 'read-only'() {
    await admin.replicaof('127.0.0.1', 1);
    await pause(AWAY_MS);
    await admin.replicaof('NO', 'ONE');
  },
  async frozen() {
    process.kill(redis.pid(), 'SIGSTOP');
    await pause(AWAY_MS);
    process.kill(redis.pid(), 'SIGCONT');
  },
};
const KINDS = Object.keys(FAULTS);

async function runThrough(chance: Random, kind: string, beatMs: number): Promise<void> {
  const store = openSqliteStore(':memory:');
  const worked = new Map<string, number>();
  const fatal: unknown[] = [];
  const link = createRedisLink({
    address: addressOf(redis.url, proxy.port),
    installation: INSTALLATION,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    beatMs,
  });
  await link.start();
  const dispatcher = overRedis(
    link,
    () => true,
  )({
    store,
    clock: systemClock,
    log: silentLog,
    concurrency: 20,
    lookAgainMs: 500,
    connectionOf: () => 'bitrix24',
    onFatal: (error) => fatal.push(error),
    async work(claim) {
      for (const { id } of claim.rows) worked.set(id, (worked.get(id) ?? 0) + 1);
      await pause(WORK_MS);
      await store.settle(claim, settlement({ next: 'clean' }), systemClock.now());
    },
  });
  dispatcher.start();
  const rows = Array.from({ length: ROWS }, (_, id) => {
    const due = chance.next() < 0.3 ? systemClock.now() + Math.floor(chance.next() * 600) : systemClock.now();
    return marked(issue(`${id}`), { lane: chance.next() < 0.5 ? 'live' : 'bulk', due });
  });
  await store.markDirty(rows, systemClock.now());
  dispatcher.ring();
  await pause(chance.next() * 150);
  await FAULTS[kind]?.();

  const end = systemClock.steady() + PATIENCE_MS;
  const left = async () => Object.values((await store.counts(PROFILE)).dirty).reduce((sum, count) => sum + count, 0);
  while ((await left()) > 0 && systemClock.steady() < end) await pause(10);
  expect({ kind, left: await left(), worked: worked.size }).toEqual({ kind, left: 0, worked: ROWS });
  const twice = [...worked].filter(([, times]) => times > 1);
  expect({ kind, twice }).toEqual({ kind, twice: [] });

  while (link.session() === null && systemClock.steady() < end) await pause(10);
  const before = worked.size;
  await store.markDirty([marked(issue('afterwards'))], systemClock.now());
  dispatcher.ring();
  while (worked.size === before && systemClock.steady() < end) await pause(5);
  // With beats as short as these a busy machine misses one now and then.
  while (link.session() === null && systemClock.steady() < end) await pause(beatMs);
  expect({ kind, health: link.health(), worked: worked.size }).toMatchObject({
    kind,
    health: { up: true, reason: null },
    worked: ROWS + 1,
  });
  await dispatcher.stop();
  await link.stop();
  await store.close();
  expect(fatal).toEqual([]);
}

it('loses nothing and does nothing twice, whatever becomes of Redis and when', async () => {
  const proof = {
    goal: 'G12',
    what: `FLUSHALL, kill -9, partition, reset, full, read-only, frozen Redis with ${ROWS} rows pending: lost or doubled work`,
    cases: [50, 1_000],
    file: import.meta.url,
    reached: (cases: number) => `0 in ${cases}`,
  } as const;
  await prove(proof, (chance, at) => runThrough(chance, KINDS[at % KINDS.length] ?? 'flushed', BEAT_MS));
}, 1800_000);

it('leaves nothing in Redis, not even what sessions left that Redis cut short', async () => {
  // A session that begins after the last work takes nothing away: none may end because a beat of 40 ms was missed.
  await runThrough(chanceOf(0), 'none', CALM_BEAT_MS);
  expect(await admin.keys('*')).toEqual([]);
});
