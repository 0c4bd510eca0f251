// What a person decides about many records at once, beside a daemon that runs: each shows first what it would do.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlayground, type Daemon, until } from '../support/real-processes.ts';
import { type Control, createControl } from '../support/sandbox-control.ts';

const playground = createPlayground();
let env: Readonly<Record<string, string>>;
let control: Control;
let daemon: Daemon;

beforeAll(async () => {
  const ready = await playground.sandbox(6, 6);
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

const dealOf = async (key: string) =>
  String((await control.issues()).find((one) => one.key === key)?.fields.customfield_10033);
const titleOf = async (id: string) => (await control.deals()).find((one) => String(one.id) === id)?.title;
const rename = (key: string, summary: string) =>
  control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields: { summary } });

it('decides all open conflicts of a field for one side, after it has shown them', async () => {
  const keys = ['BUY-1', 'BUY-2', 'BUY-3'];
  await Promise.all([control.webhooks('jira', 'paused'), control.webhooks('crm', 'paused')]);
  for (const key of keys) {
    await rename(key, `${key} in Jira`);
    const title = `${key} in Bitrix24`;
    await control.edit('crm', {
      op: 'update',
      user: 'Anna Weber',
      in: 'deal',
      id: await dealOf(key),
      fields: { title },
    });
  }
  await Promise.all([control.webhooks('jira', 'normal'), control.webhooks('crm', 'normal')]);
  const open = async () => JSON.parse((await playground.run(env, 'conflicts', 'list', '--json')).out) as unknown[];
  await until('the conflicts', async () => (await open()).length === keys.length);

  const all = ['conflicts', 'resolve-all', 'procurement', '--take', 'crm'] as const;
  const plan = await playground.run(env, ...all);
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('3 would be settled for crm') });
  expect(plan.out).toContain('jira BUY-2 in Jira -> BUY-2 in Bitrix24');
  expect(await open()).toHaveLength(3);
  expect((await playground.run(env, ...all, '--field', 'nothing')).out).toContain('No conflict is open there.');

  const done = await playground.run(env, ...all, '--apply');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('3 of 3 conflicts are settled for crm.') });
  expect(await open()).toEqual([]);
  for (const key of keys) {
    const issue = (await control.issues()).find((one) => one.key === key);
    expect(issue?.fields.summary).toBe(`${key} in Bitrix24`);
  }
}, 60_000);

it('takes back what was written, after it has shown it, and goes on when the person says so', async () => {
  const id = await dealOf('BUY-4');
  const before = await titleOf(id);
  const since = new Date().toISOString();
  await rename('BUY-4', 'Wrong pump');
  await until('it is written', async () => (await titleOf(id)) === 'Wrong pump');

  const plan = await playground.run(env, 'undo', 'procurement', '--since', since);
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('1 value would be set back') });
  expect(await titleOf(id)).toBe('Wrong pump');
  const done = await playground.run(env, 'undo', 'procurement', '--since', since, '--apply');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('1 value set back') });
  expect(await titleOf(id)).toBe(before);

  const look = await playground.run(env, 'parked', 'retry', 'procurement', '--kind', 'undone', '--plan');
  expect(look.out).toContain('1 row would be tried again');
  expect((await playground.run(env, 'parked', 'retry', 'procurement', '--kind', 'coercion')).out).toContain('Nothing');
  await playground.run(env, 'parked', 'retry', 'procurement', '--kind', 'undone');
  await until('it is written again', async () => (await titleOf(id)) === 'Wrong pump');
}, 60_000);

it('says what undo needs to know', async () => {
  const neither = await playground.run(env, 'undo', 'procurement');
  expect(neither).toMatchObject({ code: 64, err: expect.stringContaining('--run <id> or --since <when>') });
  const unknown = await playground.run(env, 'undo', 'procurement', '--run', 'nothing');
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('has no run nothing') });
}, 30_000);

it('forgets a pair for good', async () => {
  const id = await dealOf('BUY-5');
  const done = await playground.run(env, 'forget', 'procurement', 'BUY-5');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('is forgotten') });
  await rename('BUY-5', 'Not of our business');
  const explained = await playground.run(env, 'explain', 'procurement', `crm:${id}`);
  expect(explained.out).toContain('Kept apart by a person');
  expect(await titleOf(id)).not.toBe('Not of our business');
}, 30_000);
