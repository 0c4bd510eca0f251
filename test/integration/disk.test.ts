// F30: the disk of the state takes nothing more: while the daemon is idle, in the middle of its work, at its start; or the
// folder may not be written at all. It says so with what to do, acknowledges nothing that it cannot keep, and loses nothing.
// A limit on the size of files stands for the full disk: it needs no rights, and it can be lifted while the daemon runs.
import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { openStore } from '../../src/state/open-store.ts';
import { type BusyDaemon, openBusyDaemon } from '../support/busy-daemon.ts';
import { reportGoal } from '../support/cases.ts';
import { type Daemon, type Ended, logged, until } from '../support/real-processes.ts';
import { partners } from '../support/sandbox-control.ts';

const ROUNDS = 5;
const NOBODY = 65_534;
const IDLE_LOOKS = 10;
const IDLE_LOOK_MS = 150;

let busy: BusyDaemon;
let playground: BusyDaemon['playground'];
let office: BusyDaemon['office'];
let port: BusyDaemon['port'];
let built: BusyDaemon['built'];
beforeAll(async () => {
  busy = await openBusyDaemon({ issues: 12, sweep: '10s' });
  ({ playground, office, port, built } = busy);
}, 120_000);
afterAll(() => busy?.close());

const inFolder = (path: string) => join(playground.folder, path);

/** How far a file may grow from now on; `unlimited` takes the limit away. */
function limit({ child }: Daemon, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', `${child.pid}`, `--fsize=${bytes}:`]);
}

/** The status that a delivery about an issue gets, null where nobody listens. */
async function tell(issue: string): Promise<number | null> {
  const body = JSON.stringify({ webhookEvent: 'jira:issue_updated', timestamp: Date.now(), issue: { id: issue } });
  const headers = {
    'content-type': 'application/json',
    'x-atlassian-webhook-identifier': randomUUID(),
    'x-hub-signature': `sha256=${createHmac('sha256', office.env.JIRA_WEBHOOK_SECRET ?? '')
      .update(body)
      .digest('hex')}`,
  };
  const sent = fetch(`http://127.0.0.1:${port}/webhooks/jira`, { method: 'POST', body, headers });
  return sent.then(({ status }) => status).catch(() => null);
}

async function inStep(): Promise<void> {
  const store = await openStore('sqlite:data/state.db', playground.folder, { clock: systemClock });
  try {
    expect((await office.settles(store)).problems).toEqual([]);
    expect(await store.faults()).toEqual([]);
  } finally {
    await store.close();
  }
}

/** All pairs have been looked at under the new version of the profile, and nothing has come since. */
async function idle(daemon: Daemon): Promise<void> {
  let quietLooks = 0;
  await until('it is idle', async () => {
    const { profiles } = (await (await fetch(`${daemon.admin}/status`)).json()) as Status;
    const { live, bulk } = profiles[0]?.counts.dirty ?? { live: 1, bulk: 1 };
    quietLooks = live + bulk === 0 ? quietLooks + 1 : 0;
    await systemClock.sleep(IDLE_LOOK_MS);
    return quietLooks > IDLE_LOOKS;
  });
}

type Status = { readonly profiles: readonly { readonly counts: { readonly dirty: { live: number; bulk: number } } }[] };

const FAILED = /The state \S+state\.db cannot be used: disk I\/O error\n {4}Look at the disk/;

it('acknowledges nothing while nothing can be kept, and goes on by itself', async () => {
  const daemon = await playground.daemon(office.env);
  await inStep();
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).code).toBe(0);

  // Nobody tells of anything but us, and no sweep is due: what is to be stored are our deliveries alone.
  await office.control.settings('jira', { webhookMode: 'lost' });
  office.sweepEvery('6h');
  const quiet = await playground.daemon(office.env);
  await idle(quiet);
  const [[deal, [key]]] = [...partners(await office.control.issues())] as unknown as [[string, [string]]];
  const id = (await office.control.issues()).find((issue) => issue.key === key)?.id ?? '';
  limit(quiet, 0);
  await office.control.edit('jira', {
    op: 'update',
    user: 'Oleg Petrov',
    in: 'BUY',
    id: key,
    fields: { customfield_10031: 4_711 },
  });
  for (let told = 0; told < 20; told += 1) expect(await tell(id)).toBe(503);
  expect(logged(quiet, 'webhook could not be stored')).toMatchObject({
    level: 'error',
    connection: 'jira',
    error: { class: 'UnavailableError', cure: expect.stringContaining('Look at the disk') },
  });
  const figures = await (await fetch(`${quiet.admin}/metrics`)).text();
  expect(figures).toMatch(/^webhook_received_total\{connection="jira",verdict="failed"\} 20$/m);

  limit(quiet, 'unlimited');
  expect(await tell(id)).toBe(200);
  const amount = async () => (await office.control.deals()).find((one) => String(one.id) === deal)?.opportunity;
  await until('the edit arrives', async () => Number(await amount()) === 4_711);
  quiet.child.kill('SIGTERM');
  expect((await quiet.ended).code).toBe(0);
  await office.control.settings('jira', { webhookMode: 'normal' });
});

it('ends with the reason when its work cannot be recorded, and goes on where it was', async () => {
  const began = performance.now();
  office.sweepEvery('10s');
  const people = office.work(30);
  for (let round = 0; round < ROUNDS; round += 1) {
    const daemon = await playground.daemon(office.env);
    await systemClock.sleep(300);
    const size = existsSync(inFolder('data/state.db-wal')) ? statSync(inFolder('data/state.db-wal')).size : 0;
    // A few commits fit in, then one does not, or only its first pages do.
    limit(daemon, size + round * 9_000);
    const statuses: (number | null)[] = [];
    while (daemon.child.exitCode === null) statuses.push(await tell('10001'));
    const ended = await daemon.ended;
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(FAILED);
    expect(logged(daemon, 'the daemon cannot go on')).toMatchObject({ error: { class: 'UnavailableError' } });
    expect(new Set(statuses)).not.toContain(500);
  }
  await people.stop();
  const refused = await playground.start(['run'], office.env, { through: ['prlimit', '--fsize=0:'] }).ended;
  expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/cannot be used|cannot be taken/)]);

  const last = await playground.daemon(office.env);
  await inStep();
  last.child.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);
  reportGoal(
    {
      goal: 'F30',
      what: 'the disk of the state fills in the middle of work: lost, doubled, damaged',
      file: import.meta.url,
    },
    { cases: ROUNDS, ms: performance.now() - began, reached: null },
  );
});

it('says at the start that its folder may not be written', async () => {
  const { code, err }: Ended = await asStranger(() => playground.start(['run'], office.env, stranger()).ended);
  expect(code).toBe(1);
  expect(err).toMatch(/cannot be (taken|used)[\s\S]*writable/);
  expect(err).not.toMatch(/\n +at /);
  const daemon = await playground.daemon(office.env);
  await inStep();
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).code).toBe(0);
});

/** Root may write everything: there it runs as somebody to whom the folder does not belong. */
function stranger(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

async function asStranger<T>(work: () => Promise<T>): Promise<T> {
  const data = inFolder('data');
  for (const folder of [playground.folder, inFolder('config'), dirname(built.main)]) chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) chownSync(data, 0, 0);
  for (const file of readdirSync(data)) chmodSync(join(data, file), 0o444);
  chmodSync(data, 0o555);
  try {
    return await work();
  } finally {
    chmodSync(data, 0o755);
    for (const file of readdirSync(data)) chmodSync(join(data, file), 0o644);
  }
}
