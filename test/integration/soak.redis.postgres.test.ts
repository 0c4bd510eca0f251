// G24: two built daemons on PostgreSQL and Redis, people who edit at an even pace, and two of a hundred requests that fail,
// for an hour at night and a moment in every run: nothing grows but the journal. Files, keys and bytes are counts, and
// looked at again when all work is done: what is open then, nobody closes. Memory is a figure, and a goal for an hour alone:
// how much garbage lies about in a minute is for the collector and the machine to say.
import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { byDepth, reportGoal } from '../support/cases.ts';
import { until } from '../support/real-processes.ts';
import { openSharedOffice, type SharedOffice } from '../support/shared-office.ts';

const MINUTES = Number(process.env.SOAK_MINUTES ?? byDepth(0.4, 60));
/** Of these memory is judged; until the heap, which is small after a start, has the size that this work needs. */
const MANY_MINUTES = 30;
/** Enough in a moment to meet each of the faults. */
const EDIT_EVERY_MS = MINUTES < MANY_MINUTES ? 50 : 150;
const WARM_UP_MS = MINUTES < MANY_MINUTES ? 0 : 30_000;
const ISSUES = 40;
const LOOKS = 24;
/** Of the journal, settled conflicts and ids of deliveries, which have limits in days. */
const BYTES_PER_EDIT = 6_000;
const EMPTY_BYTES = 2_000_000;
const MOST_KEYS = 500;
/** Than before anybody worked: connections to PostgreSQL that wait for the next time. */
const MORE_FDS = 15;
const MORE_MEGABYTES = 24;

/** Two of a hundred: refused, cut off before or after the work, slow, unreadable. */
const FAULTS = [
  { match: {}, kind: 'status', status: 503, every: 250 },
  { match: {}, kind: 'drop-before', every: 250, skip: 50 },
  { match: {}, kind: 'drop-after', every: 250, skip: 100 },
  { match: {}, kind: 'delay', ms: 3_000, every: 250, skip: 150 },
  { match: {}, kind: 'truncate', every: 250, skip: 200 },
] as const;

type Look = { readonly megabytes: number; readonly fds: number; readonly keys: number; readonly bytes: number };

let shared: SharedOffice;
beforeAll(async () => {
  shared = await openSharedOffice(1, ISSUES);
  await Promise.all([shared.startDaemon(0), shared.startDaemon(1)]);
});
afterAll(() => shared?.close());

async function look(admin: Redis): Promise<Look> {
  const pids = shared.daemons.map(({ child }) => child.pid);
  const resident = pids.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
  return {
    megabytes: Math.max(...resident) / 1_024,
    fds: Math.max(...pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length)),
    keys: await admin.dbsize(),
    bytes: (await shared.store.figures()).bytes,
  };
}

/** The middle of what a part of the looks shows: one look falls before a garbage collection, another one after it. */
function middle(looks: readonly Look[], of: keyof Look): number {
  const values = looks.map((one) => one[of]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}

it('does not grow', async () => {
  const { office, store, daemons } = shared;
  await until('all pairs are there', async () => (await office.wrong(store)).problems.length === 0);
  const began = performance.now();
  const admin = new Redis(shared.redis.port);
  const before = await look(admin);
  await office.control.faults('jira', FAULTS);
  await office.control.faults('crm', FAULTS);
  const people = office.work(EDIT_EVERY_MS);
  const looks: Look[] = [];
  await systemClock.sleep(WARM_UP_MS);
  for (let at = 0; at < LOOKS; at += 1) {
    await systemClock.sleep((MINUTES * 60_000) / LOOKS);
    looks.push(await look(admin));
    expect(daemons.map(({ child, output }) => [child.exitCode, output.err])).toEqual(daemons.map(() => [null, '']));
  }
  await people.stop();
  const hits = (await office.control.faultHits('jira')) + (await office.control.faultHits('crm'));
  await office.control.faults('jira', []);
  await office.control.faults('crm', []);

  const [second, last] = [looks.slice(LOOKS / 4, LOOKS / 2), looks.slice((3 * LOOKS) / 4)];
  const grown = (of: keyof Look) => middle(last, of) - middle(second, of);
  const most = Math.max(...looks.map(({ keys }) => keys));
  const bytes = Math.max(...looks.map((one) => one.bytes));
  const reached =
    `${MINUTES} min, ${office.edits()} edits, ${hits} faults: memory ${Math.round(middle(last, 'megabytes'))} MB ` +
    `(${grown('megabytes').toFixed(1)} in the second half), fds ${middle(last, 'fds')}, keys up to ${most}, ` +
    `store ${(bytes / 1e6).toFixed(1)} MB`;
  const grew = [
    ...(MINUTES >= MANY_MINUTES && grown('megabytes') >= MORE_MEGABYTES ? ['memory'] : []),
    ...(most < MOST_KEYS ? [] : ['keys']),
    ...(bytes < EMPTY_BYTES + office.edits() * BYTES_PER_EDIT ? [] : ['bytes']),
  ];
  reportGoal(
    {
      goal: 'G24',
      what: 'soak of two built daemons with 2 % faults: growth',
      file: import.meta.url,
      reached: () => reached,
    },
    { cases: office.edits(), ms: performance.now() - began, reached: grew.length === 0 ? null : `${grew}: ${reached}` },
  );
  expect([grew, reached]).toEqual([[], reached]);
  expect((await office.settles(store)).problems).toEqual([]);
  const open = async () => (await look(admin)).fds;
  await until('files are closed', async () => (await open()) < before.fds + MORE_FDS).catch(() => {});
  expect(await open()).toBeLessThan(before.fds + MORE_FDS);
  admin.disconnect();
  for (const daemon of daemons) {
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
  }
}, 7_200_000);
