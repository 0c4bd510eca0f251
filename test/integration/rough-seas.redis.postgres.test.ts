// Two built daemons, PostgreSQL, Redis and both products, and everything that may happen to them between one second and
// the next: kill -9, SIGSTOP, SIGTERM, FLUSHALL, killed and cut off servers, connections that are reset. People work all the
// time. Afterwards nobody has restarted or repaired anything: nothing is lost, nothing is doubled.
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, systemClock } from '../../src/ports.ts';
import { byDepth, caseRange, chanceOf, reportGoal } from '../support/cases.ts';
import { until } from '../support/real-processes.ts';
import { type Line, openSharedOffice, type SharedOffice } from '../support/shared-office.ts';

const EDIT_EVERY_MS = 80;
const FAULTS = [28, 600] as const;
const ISSUES = 30;

let shared: SharedOffice;
beforeAll(async () => {
  shared = await openSharedOffice(0, ISSUES);
  await Promise.all([shared.startDaemon(0), shared.startDaemon(1)]);
});
afterAll(() => shared?.close());

const pause = systemClock.sleep;

/** Each ends with everything as it was, but for what the daemons make of it. */
const TROUBLE: Readonly<Record<string, (chance: Random) => Promise<void>>> = {
  async 'kill -9 of a daemon'(chance) {
    const at = chance.next() < 0.5 ? 0 : 1;
    const daemon = shared.daemons[at];
    daemon?.child.kill('SIGKILL');
    await daemon?.ended;
    await pause(chance.next() * 1_000);
    await shared.startDaemon(at);
  },
  async 'SIGSTOP of a daemon'(chance) {
    const daemon = shared.daemons[chance.next() < 0.5 ? 0 : 1];
    daemon?.child.kill('SIGSTOP');
    await pause(1_000 + chance.next() * 3_000);
    daemon?.child.kill('SIGCONT');
  },
  async 'SIGTERM of a daemon'(chance) {
    const at = chance.next() < 0.5 ? 0 : 1;
    const daemon = shared.daemons[at];
    daemon?.child.kill('SIGTERM');
    expect((await daemon?.ended)?.code).toBe(0);
    await shared.startDaemon(at);
  },
  async FLUSHALL() {
    const admin = new Redis(shared.redis.port);
    await admin.flushall();
    admin.disconnect();
  },
  async 'kill -9 of Redis'(chance) {
    await shared.redis.kill();
    await pause(chance.next() * 1_500);
    await shared.redis.restart();
  },
  async 'kill -9 of PostgreSQL'(chance) {
    await shared.postgres.kill();
    await pause(chance.next() * 1_500);
    await shared.postgres.restart();
  },
  'Redis cut off': (chance) => cutOff('redis', chance),
  'PostgreSQL cut off': (chance) => cutOff('postgres', chance),
  'Jira cut off': (chance) => cutOff('jira', chance),
  'Bitrix24 cut off': (chance) => cutOff('bitrix24', chance),
  'connections to Redis reset': () => reset('redis'),
  'connections to PostgreSQL reset': () => reset('postgres'),
  'connections to Jira reset': () => reset('jira'),
  'connections to Bitrix24 reset': () => reset('bitrix24'),
};

async function cutOff(line: Line, chance: Random): Promise<void> {
  shared.lines[line].cut();
  await pause(500 + chance.next() * 2_000);
  shared.lines[line].heal();
}

async function reset(line: Line): Promise<void> {
  for (let times = 0; times < 5; times += 1) {
    shared.lines[line].reset();
    await pause(40);
  }
}

it('comes through it without a loss or a duplicate, and without anybody’s help', async () => {
  const { office, store, daemons } = shared;
  await until('all pairs are there', async () => (await office.wrong(store)).problems.length === 0);
  const began = performance.now();
  const { first, end } = caseRange(byDepth(...FAULTS));
  const kinds = Object.keys(TROUBLE);
  const people = office.work(EDIT_EVERY_MS);
  for (let at = first; at < end; at += 1) {
    const chance = chanceOf(at);
    const kind = kinds[at % kinds.length] as string;
    await TROUBLE[kind]?.(chance);
    await pause(chance.next() * 800);
    expect([kind, ...daemons.map(({ child, output }) => [child.exitCode, output.err])]).toEqual([
      kind,
      ...daemons.map(() => [null, '']),
    ]);
    expect(await office.doubled()).toEqual([]);
  }
  await people.stop();
  const idle = async () => {
    const { live, bulk } = (await store.counts('procurement')).dirty;
    return live + bulk === 0;
  };
  const { problems, told } = await office.settles(store, { also: idle });
  reportGoal(
    {
      goal: 'G12',
      what: 'two built daemons while processes, servers and lines die around them: lost, doubled',
      file: import.meta.url,
      reached: (cases) => `0 in ${cases} faults and ${office.edits()} edits (${told} told as conflicts or doubtful)`,
    },
    {
      cases: end - first,
      ms: performance.now() - began,
      reached: problems.length === 0 ? null : `${problems.length}: ${problems[0]}`,
    },
  );
  expect(problems).toEqual([]);
  expect(told).toBeLessThan(office.edits() / 20);
  for (const daemon of daemons) {
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  }
}, 7_200_000);
