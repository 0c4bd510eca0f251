// What a person decides about many records at once, beside a daemon that runs: each shows first what it would do.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/real-processes.ts';
import { createSettledOffice, type SettledOffice } from '../support/settled-office.ts';

const settled = createSettledOffice(6);
let office: SettledOffice;

beforeAll(async () => {
  office = await settled.open();
});
afterAll(() => settled.close());

it('decides all open conflicts of a field for one side, after it has shown them', async () => {
  const keys = ['BUY-1', 'BUY-2', 'BUY-3'];
  await Promise.all([office.control.webhooks('jira', 'paused'), office.control.webhooks('crm', 'paused')]);
  for (const key of keys) {
    await office.rename(key, `${key} in Jira`);
    await office.retitle(await office.dealOf(key), `${key} in Bitrix24`);
  }
  await Promise.all([office.control.webhooks('jira', 'normal'), office.control.webhooks('crm', 'normal')]);
  const open = async () => JSON.parse((await office.run('conflicts', 'list', '--json')).out) as unknown[];
  await until('the conflicts', async () => (await open()).length === keys.length);

  const all = ['conflicts', 'resolve-all', 'procurement', '--take', 'crm'] as const;
  const plan = await office.run(...all);
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('3 would be settled for crm') });
  expect(plan.out).toContain('jira BUY-2 in Jira -> BUY-2 in Bitrix24');
  expect(await open()).toHaveLength(3);
  expect((await office.run(...all, '--field', 'nothing')).out).toContain('No conflict is open there.');

  const done = await office.run(...all, '--apply');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('3 of 3 conflicts are settled for crm.') });
  expect(await open()).toEqual([]);
  for (const key of keys) {
    expect((await office.issue(key))?.fields.summary).toBe(`${key} in Bitrix24`);
  }
});

it('takes back what was written, after it has shown it, and goes on when the person says so', async () => {
  const id = await office.dealOf('BUY-4');
  const before = await office.titleOf(id);
  const since = new Date().toISOString();
  await office.rename('BUY-4', 'Wrong pump');
  await until('it is written', async () => (await office.titleOf(id)) === 'Wrong pump');

  const plan = await office.run('undo', 'procurement', '--since', since);
  expect(plan).toMatchObject({ code: 0, out: expect.stringContaining('1 value would be set back') });
  expect(await office.titleOf(id)).toBe('Wrong pump');
  const done = await office.run('undo', 'procurement', '--since', since, '--apply');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('1 value set back') });
  expect(await office.titleOf(id)).toBe(before);

  const look = await office.run('parked', 'retry', 'procurement', '--kind', 'undone', '--plan');
  expect(look.out).toContain('1 row would be tried again');
  expect((await office.run('parked', 'retry', 'procurement', '--kind', 'coercion')).out).toContain('Nothing');
  await office.run('parked', 'retry', 'procurement', '--kind', 'undone');
  await until('it is written again', async () => (await office.titleOf(id)) === 'Wrong pump');
});

it('says what undo needs to know', async () => {
  const neither = await office.run('undo', 'procurement');
  expect(neither).toMatchObject({ code: 64, err: expect.stringContaining('--run <id> or --since <when>') });
  const unknown = await office.run('undo', 'procurement', '--run', 'nothing');
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('has no run nothing') });
});

it('forgets a pair for good', async () => {
  const id = await office.dealOf('BUY-5');
  const done = await office.run('forget', 'procurement', 'BUY-5');
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('is forgotten') });
  await office.rename('BUY-5', 'Not of our business');
  const explained = await office.run('explain', 'procurement', `crm:${id}`);
  expect(explained.out).toContain('Kept apart by a person');
  expect(await office.titleOf(id)).not.toBe('Not of our business');
});
