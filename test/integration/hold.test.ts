// `pause` and `resume` beside a daemon that runs, each a process of its own.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/real-processes.ts';
import { createSettledOffice, type SettledOffice } from '../support/settled-office.ts';

const settled = createSettledOffice(4);
let office: SettledOffice;

beforeAll(async () => {
  office = await settled.open();
});
afterAll(() => settled.close());

it('holds a profile, says so, and lets it go on with what was edited meanwhile', async () => {
  const id = await office.dealOf('BUY-1');
  const paused = await office.run('pause', 'procurement', '--reason', 'new pipeline');
  expect(paused).toMatchObject({ code: 0, out: expect.stringContaining('procurement is paused') });

  await office.rename('BUY-1', 'While it is paused');
  const status = await office.run('status');
  expect(status.code).toBe(1);
  expect(status.out).toContain('procurement is paused: new pipeline.');
  expect(status.out).toContain('jira-crm-sync resume procurement');
  const sync = await office.run('sync', 'procurement', 'BUY-1');
  expect(sync).toMatchObject({ code: 1, out: expect.stringContaining('the profile is paused: new pipeline') });
  expect(await office.titleOf(id)).not.toBe('While it is paused');

  const resumed = await office.run('resume', 'procurement', '--json');
  expect(JSON.parse(resumed.out)).toMatchObject({ paused: null, halted: null });
  await until('the edit arrives', async () => (await office.titleOf(id)) === 'While it is paused');
  expect((await office.run('status')).code).toBe(0);
  expect((await office.run('resume', 'procurement')).out).toContain('neither paused nor halted');
});

it('shows what a paused profile would write', async () => {
  await office.run('pause', 'procurement');
  await office.rename('BUY-1', 'Shown by plan');
  const plan = await office.run('plan', 'procurement', 'BUY-1');
  expect(plan).toMatchObject({ code: 2, out: expect.stringContaining('Shown by plan') });
  await office.run('resume', 'procurement');
});

it('refuses a profile that there is not', async () => {
  const { code, err } = await office.run('pause', 'procurment');
  expect(code).toBe(1);
  expect(err).toContain('There is no profile "procurment"');
});
