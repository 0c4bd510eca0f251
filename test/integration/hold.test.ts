// `pause` and `resume` beside a daemon that runs, each a process of its own.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlayground, type Daemon, until } from '../support/real-processes.ts';
import { type Control, createControl } from '../support/sandbox-control.ts';

const playground = createPlayground();
let env: Readonly<Record<string, string>>;
let control: Control;
let daemon: Daemon;

beforeAll(async () => {
  const ready = await playground.sandbox(4, 4);
  control = createControl(ready);
  env = playground.configure(ready);
  daemon = await playground.daemon(env);
  await control.sendWebhooksTo(daemon.webhooks);
  await until('both sides are in step', async () => {
    const { profiles } = (await (await fetch(`${daemon.admin}/status`)).json()) as Status;
    return profiles[0]?.matched === true && profiles[0].counts.dirty.live + profiles[0].counts.dirty.bulk === 0;
  });
}, 60_000);
afterAll(() => playground.close());

type Status = { profiles: { matched: boolean; counts: { dirty: { live: number; bulk: number } } }[] };

const issue = async (key: string) => (await control.issues()).find((one) => one.key === key);
const titleOf = async (id: string) => (await control.deals()).find((one) => String(one.id) === id)?.title;

async function rename(summary: string): Promise<void> {
  await control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: 'BUY-1', fields: { summary } });
}

it('holds a profile, says so, and lets it go on with what was edited meanwhile', async () => {
  const id = String((await issue('BUY-1'))?.fields.customfield_10033);
  const paused = await playground.run(env, 'pause', 'procurement', '--reason', 'new pipeline');
  expect(paused).toMatchObject({ code: 0, out: expect.stringContaining('procurement is paused') });

  await rename('While it is paused');
  const status = await playground.run(env, 'status');
  expect(status.code).toBe(1);
  expect(status.out).toContain('procurement is paused: new pipeline.');
  expect(status.out).toContain('jira-crm-sync resume procurement');
  const sync = await playground.run(env, 'sync', 'procurement', 'BUY-1');
  expect(sync).toMatchObject({ code: 1, out: expect.stringContaining('the profile is paused: new pipeline') });
  expect(await titleOf(id)).not.toBe('While it is paused');

  const resumed = await playground.run(env, 'resume', 'procurement', '--json');
  expect(JSON.parse(resumed.out)).toMatchObject({ paused: null, halted: null });
  await until('the edit arrives', async () => (await titleOf(id)) === 'While it is paused', 10_000);
  expect((await playground.run(env, 'status')).code).toBe(0);
  expect((await playground.run(env, 'resume', 'procurement')).out).toContain('neither paused nor halted');
}, 60_000);

it('shows what a paused profile would write', async () => {
  await playground.run(env, 'pause', 'procurement');
  await rename('Shown by plan');
  const plan = await playground.run(env, 'plan', 'procurement', 'BUY-1');
  expect(plan).toMatchObject({ code: 2, out: expect.stringContaining('Shown by plan') });
  await playground.run(env, 'resume', 'procurement');
}, 60_000);

it('refuses a profile that there is not', async () => {
  const { code, err } = await playground.run(env, 'pause', 'procurment');
  expect(code).toBe(1);
  expect(err).toContain('There is no profile "procurment"');
}, 30_000);
