// F14: answers that cannot be read. One that a proxy cut short heals by itself; what lasts is set aside with its reason,
// after as many tries as where no answer came.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FaultRule } from '../../src/sandbox/fault-rule.ts';
import { cursorName } from '../../src/sync/sweep.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const MINUTE = 60_000;
const SWEEP = 5 * MINUTE;
const LOGIN_PAGE = { kind: 'html', status: 200 } as const;
const READ_JIRA = { path: 'search/jql' };
const READ_CRM = { command: 'crm.item.get' };
const WRITE_JIRA = { method: 'PUT', path: '/rest/api/3/issue/' };
const WRITE_CRM = { command: 'crm.item.update' };

const parked = () => pair.world.store.parked({});

async function asPeopleDo(): Promise<void> {
  await pair.world.store.retryParked({ profile: 'procurement' }, pair.world.clock.now());
  pair.world.engine.ring();
  await pair.world.run(5_000);
}

it.each<[string, FaultRule]>([
  ['half of what Jira says', { match: READ_JIRA, kind: 'truncate', times: 1 }],
  ['half of what Bitrix24 says', { match: READ_CRM, kind: 'truncate', times: 1 }],
  ['a page instead of Jira', { match: READ_JIRA, ...LOGIN_PAGE, times: 2 }],
  ['a page instead of Bitrix24', { match: READ_CRM, ...LOGIN_PAGE, times: 2 }],
])('carries an edit over by itself that a webhook told of, when the read brings %s', async (_, fault) => {
  const { sandbox, reports } = pair.world;
  const side = fault.match === READ_JIRA ? sandbox.jira : sandbox.bitrix24;
  side.faults.replace([fault]);
  if (side === sandbox.jira) pair.editIssue(pair.issueId, { Budget: 9_000 });
  else pair.editDeal(pair.dealId, { opportunity: 9_000 });
  await pair.world.run(30_000);
  expect(side.faults.list()[0]?.hit).toBe(fault.times);
  expect(reports.filter(({ outcome }) => outcome === 'retry')).toHaveLength(fault.times ?? 0);
  expect([pair.now().issue.budget, pair.now().deal.amount]).toEqual([9_000, 9_000]);
  expect(pair.world.writes()).toHaveLength(1);
  expect(await parked()).toEqual([]);
});

it('carries over by itself what only a sweep finds, when the read after it is cut', async () => {
  const { sandbox } = pair.world;
  pair.webhooks('lost');
  pair.editDeal(pair.dealId, { opportunity: 9_000 });
  sandbox.bitrix24.faults.replace([{ match: READ_CRM, kind: 'truncate', times: 1 }]);
  await pair.world.run(SWEEP + MINUTE);
  expect(sandbox.bitrix24.faults.list()[0]?.hit).toBe(1);
  expect(pair.now().issue.budget).toBe(9_000);
  expect(await parked()).toEqual([]);
});

it('creates one partner for a new record whose first reads are cut', async () => {
  const { sandbox } = pair.world;
  sandbox.jira.faults.replace([{ match: READ_JIRA, kind: 'truncate', times: 3 }]);
  const id = pair.newIssue({ summary: 'Gaskets', Budget: 700 });
  await pair.world.run(2 * MINUTE);
  expect(sandbox.jira.faults.list()[0]?.hit).toBe(3);
  expect(pair.deals().filter(({ title }) => title === 'Gaskets')).toMatchObject([{ id: pair.issue(id).dealNumber }]);
  expect(await parked()).toEqual([]);
});

it('does not take the cursor past a page of a sweep that cannot be read', async () => {
  const { sandbox, store } = pair.world;
  pair.webhooks('lost');
  const before = await store.cursor(cursorName('procurement', 'crm'));
  sandbox.bitrix24.faults.replace([{ match: { command: 'crm.item.list' }, kind: 'truncate' }]);
  pair.editDeal(pair.dealId, { opportunity: 9_000 });
  await pair.world.run(3 * SWEEP);
  expect(await store.cursor(cursorName('procurement', 'crm'))).toBe(before);
  expect((await store.notes())['sweep/procurement']).toMatchObject({ problem: expect.stringContaining('not JSON') });
  expect(pair.now().issue.budget).not.toBe(9_000);

  sandbox.bitrix24.faults.replace([]);
  await pair.world.run(2 * MINUTE);
  expect(pair.now().issue.budget).toBe(9_000);
  expect(await store.cursor(cursorName('procurement', 'crm'))).not.toBe(before);
});

it('sets aside what can still not be read after eight tries, says so, and goes on when people ask', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.faults.replace([{ match: READ_CRM, ...LOGIN_PAGE }]);
  pair.editDeal(pair.dealId, { opportunity: 9_000 });
  await pair.world.run(4 * MINUTE);
  expect(await parked()).toEqual([]);
  const row = await store.dirtyRow({ profile: 'procurement', side: 'crm', id: pair.dealId });
  expect(row?.reason).toContain('is not JSON');
  await pair.world.run(16 * MINUTE);
  expect(sandbox.bitrix24.faults.list()[0]?.hit).toBe(8);
  const [row1, ...others] = await parked();
  expect(others).toEqual([]);
  expect(row1).toMatchObject({ side: 'crm', id: pair.dealId, field: '', kind: 'BadResponseError' });
  expect(row1?.reason).toMatch(/^8 attempts failed; the last: The answer to .* is not JSON/);

  sandbox.bitrix24.faults.replace([]);
  await asPeopleDo();
  expect(pair.now().issue.budget).toBe(9_000);
  expect(await parked()).toEqual([]);
});

it.each<[string, FaultRule['match']]>([
  ['Jira', WRITE_JIRA],
  ['Bitrix24', WRITE_CRM],
])('does not write again what %s took with an answer that is cut', async (_, match) => {
  const { sandbox } = pair.world;
  const side = match === WRITE_JIRA ? sandbox.jira : sandbox.bitrix24;
  side.faults.replace([{ match, kind: 'truncate', times: 1 }]);
  if (side === sandbox.jira) pair.editDeal(pair.dealId, { opportunity: 9_000 });
  else pair.editIssue(pair.issueId, { Budget: 9_000 });
  await pair.world.run(30_000);
  expect(side.faults.list()[0]?.hit).toBe(1);
  expect([pair.now().issue.budget, pair.now().deal.amount]).toEqual([9_000, 9_000]);
  expect(pair.world.writes()).toHaveLength(1);
  expect(await parked()).toEqual([]);
});

// Such a write was sent again at once, 2,698 times in half an hour.
it.each<[string, FaultRule, string]>([
  ['fails', { match: WRITE_JIRA, kind: 'status', status: 500 }, 'gave-up'],
  ['ends on a login page', { match: WRITE_JIRA, ...LOGIN_PAGE }, 'BadResponseError'],
])('sets a pair aside whose write %s eight times, and writes it when people ask', async (_, fault, kind) => {
  const { sandbox } = pair.world;
  sandbox.jira.faults.replace([fault]);
  pair.editDeal(pair.dealId, { opportunity: 9_000 });
  await pair.world.run(20 * MINUTE);
  expect(sandbox.jira.faults.list()[0]?.hit).toBe(8);
  const [row, ...others] = await parked();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ side: 'jira', id: pair.issueId, field: '', kind });
  expect(row?.reason).toContain('8 attempts failed');
  expect(row?.cure).toContain('parked retry');

  // A later edit is tried as often, and it stays on the list meanwhile.
  pair.editDeal(pair.dealId, { opportunity: 9_500 });
  await pair.world.run(MINUTE);
  expect(await parked()).toMatchObject([{ kind }]);
  sandbox.jira.faults.replace([]);
  await asPeopleDo();
  expect(pair.now().issue.budget).toBe(9_500);
  expect(await parked()).toEqual([]);
});
