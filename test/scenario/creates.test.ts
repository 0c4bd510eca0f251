// A record is created exactly once, whatever happens on the way. When nobody can know whether it was, nobody guesses.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { differences } from '../support/office.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const SWEEP = 5 * 60_000;
const creates = () => pair.world.writes().filter((write) => write.what === 'create');
const dealsNamed = (title: string) => pair.deals().filter((deal) => deal.title === title);
const issuesNamed = (summary: string) => pair.issues().filter((issue) => issue.summary === summary);
const TO_CRM = { match: { command: 'crm.item.add' } };
const TO_JIRA = { match: { method: 'POST', path: '/\\/issue(\\/bulk)?$/' } };

it('looks for a deal whose create went unanswered, and pairs it without sending again', async () => {
  const { sandbox, store } = pair.world;
  pair.webhooks('lost');
  sandbox.bitrix24.faults.replace([{ ...TO_CRM, kind: 'drop-after', times: 1 }]);
  const id = pair.newIssue({ summary: 'Gaskets', Budget: 700 });
  // What is edited between the create and its discovery is an edit like any other.
  await pair.world.run(3_000);
  await pair.resync();
  expect(pair.world.reports.map((report) => report.why)).toContainEqual(
    expect.stringContaining('its answer never came'),
  );
  pair.editIssue(id, { Budget: 710 });
  await pair.world.run(SWEEP + 10_000);
  expect(dealsNamed('Gaskets')).toMatchObject([{ amount: 710 }]);
  expect(creates()).toHaveLength(1);
  const [deal] = dealsNamed('Gaskets');
  expect(pair.issue(id).dealNumber).toBe(deal?.id);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
  expect(await store.conflicts({})).toEqual([]);
  expect(await store.linkOf({ profile: 'procurement', side: 'jira', id })).toMatchObject({ ids: { crm: deal?.id } });
});

it('pairs it within seconds when its event arrives', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.faults.replace([{ ...TO_CRM, kind: 'drop-after', times: 1 }]);
  const id = pair.newIssue({ summary: 'Gaskets', Budget: 700, duedate: '2027-01-01' });
  await pair.world.run(10_000);
  const [deal, ...others] = dealsNamed('Gaskets');
  expect(others).toEqual([]);
  expect(pair.issue(id).dealNumber).toBe(deal?.id);
  expect(creates()).toHaveLength(1);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
  expect(differences(pair.issue(id), deal as never)).toEqual([]);
});

it.each([
  ['drop-after', {}],
  ['truncate', {}],
  ['hang', { ms: 90_000 }],
] as const)('does not double an issue when the answer to its create is lost: %s', async (kind, more) => {
  const { sandbox, store } = pair.world;
  sandbox.jira.faults.replace([{ ...TO_JIRA, kind, times: 1, ...more }]);
  const id = pair.newDeal({ title: 'Фильтры', stage: 'В работе', opportunity: 900 });
  await pair.world.run(3 * SWEEP);
  const status = 'In Progress';
  expect(issuesNamed('Фильтры')).toMatchObject([{ dealNumber: id, mark: `crm-deal-${id}`, budget: 900, status }]);
  // The first status of a new issue is nobody's edit.
  expect(await store.conflicts({})).toEqual([]);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
  // A create that never arrived is sent again, but only once that is proven.
  expect(creates()).toHaveLength(kind === 'hang' ? 2 : 1);
});

it('ends without a double when the connection broke before the create arrived', async () => {
  const { sandbox, store } = pair.world;
  sandbox.jira.faults.replace([{ ...TO_JIRA, kind: 'drop-before', times: 1 }]);
  const id = pair.newDeal({ title: 'Фильтры', stage: 'Новая' });
  await pair.world.run(3 * SWEEP);
  expect(issuesNamed('Фильтры')).toMatchObject([{ dealNumber: id }]);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
  expect(creates()).toHaveLength(2);
});

it('sends a create again that was refused before it was carried out', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.faults.replace([
    {
      ...TO_CRM,
      kind: 'status',
      status: 503,
      body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' },
      times: 2,
    },
  ]);
  pair.newIssue({ summary: 'Gaskets' });
  await pair.world.run(60_000);
  expect(dealsNamed('Gaskets')).toHaveLength(1);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
});

it('leaves a refused field out of a create, parks it, and writes it once it is corrected', async () => {
  const { sandbox, store } = pair.world;
  sandbox.jira.product.configure({
    removeOption: { field: 'customfield_10032', option: 'Rotor Trade' },
    readOnlyFields: ['customfield_10038'],
  });
  const id = pair.newDeal({
    title: 'Фильтры',
    stage: 'Новая',
    opportunity: 900,
    'Дистрибьютор по сделке': 'Rotor Trade',
    Примечание: 'осторожно',
  });
  await pair.world.run(10_000);
  expect(issuesNamed('Фильтры')).toMatchObject([{ dealNumber: id, budget: 900, distributor: null, note: null }]);
  const parked = await store.parked({ profile: 'procurement' });
  expect(parked.map(({ field, kind }) => [field, kind]).sort()).toEqual([
    ['Дистрибьютор по сделке', 'RejectedError'],
    ['Примечание', 'RejectedError'],
  ]);

  sandbox.jira.product.configure({ readOnlyFields: [] });
  pair.editDeal(id, { 'Дистрибьютор по сделке': 'Hydrotech', Примечание: 'спокойно' });
  await pair.world.run(10_000);
  expect(issuesNamed('Фильтры')).toMatchObject([{ distributor: 'Hydrotech', note: 'спокойно' }]);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
  expect(await store.conflicts({})).toEqual([]);
});

it('parks a record whose create is refused as a whole, and creates it when that is cured', async () => {
  const { sandbox, store, clock, engine } = pair.world;
  sandbox.jira.product.configure({ deny: ['create'] });
  const id = pair.newDeal({ title: 'Фильтры', stage: 'Новая' });
  await pair.world.run(10_000);
  const [parked] = await store.parked({ profile: 'procurement' });
  expect(parked).toMatchObject({ side: 'crm', id, field: '', kind: 'RejectedError' });
  expect(parked?.cure).toContain('permission');

  sandbox.jira.product.configure({ deny: [] });
  await store.retryParked({ profile: 'procurement' }, clock.now());
  engine.ring();
  await pair.world.run(10_000);
  expect(issuesNamed('Фильтры')).toHaveLength(1);
  expect(await store.parked({ profile: 'procurement' })).toEqual([]);
});

it('does not pair or create twice when one deal is edited while its issue is being created', async () => {
  const { sandbox } = pair.world;
  sandbox.jira.faults.replace([{ ...TO_JIRA, kind: 'delay', ms: 8_000, times: 1 }]);
  const id = pair.newDeal({ title: 'Фильтры', stage: 'Новая', opportunity: 1 });
  for (let edit = 2; edit <= 6; edit += 1) {
    await pair.world.run(2_000);
    pair.editDeal(id, { opportunity: edit });
  }
  await pair.world.run(20_000);
  expect(issuesNamed('Фильтры')).toMatchObject([{ budget: 6, dealNumber: id }]);
  expect(creates()).toHaveLength(1);
});
