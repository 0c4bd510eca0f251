// `sync-when`: what the gate holds back waits, says so, and goes over at once when the gate opens.
import { afterEach, expect, it } from 'vitest';
import { company, differences, office } from '../support/office.ts';
import { createPair, type Pair } from '../support/one-pair.ts';
import { createWorld, type World } from '../support/world.ts';

let running: World | Pair;
afterEach(() => running.stop());

const KEY = { profile: 'procurement', side: 'crm' } as const;

it('holds a new deal back below the wanted stage and creates its issue once, with everything, at the stage', async () => {
  const world = await createWorld({ company: company([], [{ stage: 'Черновик', amount: 10_000 }]) });
  running = world;
  await world.settle();
  const desk = office(world);
  desk.editDeal('7001', { opportunity: 25_000 });
  desk.editDeal('7001', { closedate: '2027-04-01', Примечание: 'wartet' });
  await world.run(10_000);
  expect(desk.issues()).toEqual([]);
  expect(world.writes()).toEqual([]);
  const counts = await world.store.counts('procurement');
  expect(counts.parkedByKind).toEqual({ waiting: 1 });
  const [parked] = await world.store.parked({ profile: 'procurement', side: 'crm', id: '7001' });
  expect(parked).toMatchObject({ kind: 'waiting', field: '' });
  expect(parked?.reason).toContain('crm.stage != "Черновик"');
  expect(parked?.cure).not.toBe('');

  desk.editDeal('7001', { stage: 'Новая' });
  await world.run(5_000);
  const [issue, ...others] = desk.issues();
  expect(others).toEqual([]);
  expect(issue).toMatchObject({ budget: 25_000, due: '2027-04-01', note: 'wartet', dealNumber: '7001' });
  expect(differences(issue as never, desk.deal('7001'))).toEqual([]);
  const toJira = world.writes().filter((write) => write.side === 'jira');
  expect(toJira.map((write) => write.what)).toEqual(['create']);
  expect(await world.store.parked({})).toEqual([]);
});

it('waits by create.when too, and names it', async () => {
  const world = await createWorld({ company: company([], [{ stage: 'Выиграна' }]) });
  running = world;
  await world.settle();
  const [parked] = await world.store.parked({});
  expect(parked).toMatchObject({ kind: 'waiting', side: 'crm', id: '7001' });
  expect(parked?.reason).toContain('create.when');
  expect(world.writes()).toEqual([]);
});

it('lets a pair that falls back wait, and carries over at once what piled up on both sides', async () => {
  const pair = await createPair();
  running = pair;
  const { store } = pair.world;
  pair.editDeal(pair.dealId, { stage: 'Черновик' });
  await pair.world.run(3_000);
  expect(await store.linkOf({ ...KEY, id: pair.dealId })).toMatchObject({ state: 'waiting' });
  expect((await store.linkOf({ ...KEY, id: pair.dealId }))?.reason).toContain('sync-when');

  pair.editDeal(pair.dealId, { opportunity: 1_000 });
  await pair.world.run(60_000);
  pair.editIssue(pair.issueId, { duedate: '2027-05-05' });
  pair.editIssue(pair.issueId, { 'Customer note': 'eilt' });
  pair.editDeal(pair.dealId, { opportunity: 2_000, title: '12 seals' });
  await pair.resync();
  await pair.world.run(60_000);
  expect(pair.world.writes()).toEqual([]);
  expect((await store.counts('procurement')).links).toMatchObject({ active: 0, waiting: 1 });

  pair.editDeal(pair.dealId, { stage: 'Новая' });
  await pair.world.run(3_000);
  const { issue, deal } = pair.now();
  expect(issue).toMatchObject({ budget: 2_000, summary: '12 seals', due: '2027-05-05' });
  expect(differences(issue, deal)).toEqual([]);
  expect(pair.world.writes()).toMatchObject([
    { side: 'jira', what: 'update', fields: ['customfield_10031', 'summary'] },
    { side: 'crm', what: 'update', fields: ['closedate', 'ufCrm_1747309878'] },
  ]);
  expect(await store.linkOf({ ...KEY, id: pair.dealId })).toMatchObject({ state: 'active', reason: null });

  pair.editDeal(pair.dealId, { stage: 'Черновик' });
  pair.editIssue(pair.issueId, { 'Customer note': 'später' });
  await pair.world.run(3_000);
  expect(await store.linkOf({ ...KEY, id: pair.dealId })).toMatchObject({ state: 'waiting' });
  expect(pair.now().deal.note).toBe('eilt');
  expect(pair.world.writes()).toEqual([]);
});
