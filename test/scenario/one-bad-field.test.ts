// One field that a product refuses is set aside with the reason; the others of the record, and all other records, go on.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const parkedFields = async () =>
  (await pair.world.store.parked({})).map(({ field, side, kind }) => [side, field, kind]);

it('parks a field that Jira does not let us write, and takes it up again when a person asks', async () => {
  const { sandbox, store, clock, engine } = pair.world;
  sandbox.jira.product.configure({ readOnlyFields: ['customfield_10031'] });
  pair.editDeal(pair.dealId, { opportunity: 9_000, title: '9 seals', Примечание: 'neun' });
  await pair.world.run(3_000);
  expect(pair.now().issue).toMatchObject({ budget: 120_000, summary: '9 seals', note: 'neun' });
  const [row, ...others] = await store.parked({});
  expect(others).toEqual([]);
  expect(row).toMatchObject({ side: 'jira', id: pair.issueId, field: 'Сумма', kind: 'RejectedError' });
  expect(row?.reason).toContain('customfield_10031');
  expect(row?.cure).not.toBe('');

  pair.world.writes();
  pair.editDeal(pair.dealId, { Примечание: 'zehn' });
  await pair.world.run(3_000);
  expect(pair.now().issue.note).toBe('zehn');
  // The parked field is not even tried while nothing about it has changed.
  expect(pair.world.writes()).toMatchObject([{ side: 'jira', fields: ['customfield_10038'] }]);

  sandbox.jira.product.configure({ readOnlyFields: [] });
  expect(await store.retryParked({ profile: 'procurement', side: 'jira', id: pair.issueId }, clock.now())).toBe(1);
  engine.ring();
  await pair.world.run(3_000);
  expect(pair.now().issue.budget).toBe(9_000);
  expect(await parkedFields()).toEqual([]);
});

it('parks a field for which Bitrix24 has no option any more, and heals when a person picks another', async () => {
  const { sandbox } = pair.world;
  sandbox.jira.product.configure({ removeOption: { field: 'customfield_10032', option: 'Rotor Trade' } });
  pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': 'Rotor Trade', opportunity: 8_000 });
  await pair.world.run(3_000);
  expect(pair.now().issue).toMatchObject({ distributor: 'Hydrotech', budget: 8_000 });
  expect(await parkedFields()).toEqual([['jira', 'Дистрибьютор по сделке', 'RejectedError']]);

  pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': 'Уралнасос' });
  await pair.world.run(3_000);
  expect(pair.now().issue.distributor).toBe('Уралнасос');
  expect(await parkedFields()).toEqual([]);
});

it('parks a text that is too long for Jira without tearing the rest of the record', async () => {
  const long = 'я'.repeat(300);
  const { sandbox } = pair.world;
  sandbox.jira.product.configure({ shortTextLimit: 100 });
  pair.editDeal(pair.dealId, { Примечание: long, closedate: '2027-06-01' });
  await pair.world.run(3_000);
  expect(pair.now().issue).toMatchObject({ note: null, due: '2027-06-01' });
  expect(await parkedFields()).toEqual([['jira', 'Примечание', 'RejectedError']]);
  expect(pair.now().deal.note).toBe(long);

  pair.editDeal(pair.dealId, { Примечание: 'kürzer' });
  await pair.world.run(3_000);
  expect(pair.now().issue.note).toBe('kürzer');
  expect(await parkedFields()).toEqual([]);
});

it('parks a stage that the account may not set, and the money goes on', async () => {
  const { sandbox } = pair.world;
  sandbox.bitrix24.product.configure({ denyStageChange: true });
  pair.editIssue(pair.issueId, { status: 'In Progress', Budget: 5_000 });
  await pair.world.run(3_000);
  expect(pair.now().deal).toMatchObject({ stage: 'Новая', amount: 5_000 });
  const parked = await pair.world.store.parked({});
  expect(parked).toHaveLength(1);
  expect(parked[0]).toMatchObject({ side: 'crm', kind: 'RejectedError' });

  sandbox.bitrix24.product.configure({ denyStageChange: false });
  pair.editIssue(pair.issueId, { status: 'Done' });
  await pair.world.run(3_000);
  expect(pair.now().deal.stage).toBe('Выиграна');
  expect(await parkedFields()).toEqual([]);
});

it('parks a status that no transition leads to, and the other fields arrive', async () => {
  // Done leads back to In Progress only.
  pair.editIssue(pair.issueId, { status: 'Done' });
  await pair.world.run(3_000);
  pair.editDeal(pair.dealId, { stage: 'Проиграна', opportunity: 4_000 });
  await pair.world.run(3_000);
  expect(pair.now().issue).toMatchObject({ status: 'Done', budget: 4_000 });
  expect((await pair.world.store.parked({})).map(({ side, kind }) => [side, kind])).toEqual([
    ['jira', 'RejectedError'],
  ]);

  pair.editIssue(pair.issueId, { status: "Won't do" });
  await pair.world.run(3_000);
  expect(await parkedFields()).toEqual([]);
  expect(pair.now()).toMatchObject({ issue: { status: "Won't do" }, deal: { stage: 'Проиграна' } });
});

it('parks an amount in a currency that the profile does not map, and every other field goes on', async () => {
  pair.editDeal(pair.dealId, { opportunity: 100, currencyId: 'EUR', title: 'in Euro' });
  await pair.world.run(3_000);
  expect(pair.now().issue).toMatchObject({ budget: 120_000, summary: 'in Euro' });
  expect(await parkedFields()).toEqual([['jira', 'Сумма', 'MappingError']]);
  pair.editDeal(pair.dealId, { opportunity: 9_800, currencyId: 'RUB' });
  await pair.world.run(3_000);
  expect(pair.now().issue.budget).toBe(9_800);
  expect(await parkedFields()).toEqual([]);
});

it('leaves all other records alone when one is refused as a whole', async () => {
  const { sandbox } = pair.world;
  const other = pair.newDeal({ title: 'Фильтры', stage: 'Новая', opportunity: 50 });
  await pair.world.run(3_000);
  sandbox.jira.faults.replace([
    {
      match: { method: 'PUT', path: `/issue/${pair.issueId}` },
      kind: 'status',
      status: 403,
      body: { errorMessages: ['No'] },
    },
  ]);
  pair.editDeal(pair.dealId, { opportunity: 1, title: 'one' });
  pair.editDeal(other, { opportunity: 2 });
  await pair.world.run(3_000);
  expect(pair.issues().find((issue) => issue.dealNumber === other)?.budget).toBe(2);
  const parked = await pair.world.store.parked({});
  expect(parked.length).toBeGreaterThan(0);
  expect(parked.every((row) => row.id === pair.issueId && row.side === 'jira')).toBe(true);
  expect(pair.world.engine.health()).toEqual({ jira: { state: 'up' }, bitrix24: { state: 'up' } });
  expect(pair.now().issue).toMatchObject({ budget: 120_000 });
});
