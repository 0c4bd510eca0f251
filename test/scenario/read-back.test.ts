// A product answers "done" and keeps something else. That is said at once, never taken for agreement, and never flows
// back to where the value came from.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

async function parkedFields() {
  const rows = await pair.world.store.parked({ profile: 'procurement' });
  return rows.map(({ kind, field, side }) => ({ kind, field, side }));
}

async function baseOf(field: string) {
  const link = await pair.world.store.linkOf({ profile: 'procurement', side: 'crm', id: pair.dealId });
  return link?.base[field];
}

async function staysAsItIs(): Promise<void> {
  const before = JSON.stringify(pair.now());
  pair.world.writes();
  await pair.resync();
  await pair.world.idle(60 * 60 * 1000);
  expect(pair.world.writes()).toEqual([]);
  expect(JSON.stringify(pair.now())).toBe(before);
}

it('reports an option that Bitrix24 dropped without a word', async () => {
  const { sandbox, store } = pair.world;
  const settled = await baseOf('Дистрибьютор по сделке');
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Дистрибьютор по сделке', dropOption: 'Rotor Trade' }] });
  pair.editIssue(pair.issueId, { Distributor: 'Rotor Trade', 'Customer note': 'neu' });
  await pair.world.run(3_000);

  expect(pair.now()).toMatchObject({ issue: { distributor: 'Rotor Trade' }, deal: { distributor: null, note: 'neu' } });
  const [row, ...others] = await store.parked({ profile: 'procurement' });
  expect(others).toEqual([]);
  expect(row).toMatchObject({ side: 'crm', id: pair.dealId, field: 'Дистрибьютор по сделке', kind: 'coercion' });
  expect(row?.reason).toContain('Rotor Trade');
  expect(row?.reason).toContain('nothing');
  expect(Object.keys(row?.values ?? {}).sort()).toEqual(['crm', 'jira']);
  // What Jira last showed when it settled stands: the difference is not converged.
  expect((await baseOf('Дистрибьютор по сделке'))?.jira).toEqual(settled?.jira);
  const link = await store.linkOf({ profile: 'procurement', side: 'crm', id: pair.dealId });
  expect(link?.reason).toContain('Дистрибьютор по сделке');
  await staysAsItIs();

  pair.editIssue(pair.issueId, { Distributor: 'Уралнасос' });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { distributor: 'Уралнасос' }, deal: { distributor: 'Уралнасос' } });
  expect(await parkedFields()).toEqual([]);
});

it('reports a text that Bitrix24 cut; a correction of what came out of it is a conflict, not a loss', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { note: 'please call before noon' }, deal: { note: 'please cal' } });
  expect(await parkedFields()).toEqual([{ kind: 'coercion', field: 'Примечание', side: 'crm' }]);
  await staysAsItIs();

  pair.editDeal(pair.dealId, { Примечание: 'call at 11' });
  await pair.world.run(3_000);
  expect(await store.conflicts({ status: 'open' })).toHaveLength(1);
  expect(pair.now().issue.note).toBe('please call before noon');
});

it('carries the old value over when a person takes back what was cut', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(3_000);
  expect(pair.now().deal.note).toBe('please cal');
  sandbox.bitrix24.faults.replace([{ match: { command: 'crm.item.update' }, kind: 'status', status: 503, times: 1 }]);
  pair.editIssue(pair.issueId, { 'Customer note': null });
  await pair.world.run(30_000);
  expect(pair.now()).toMatchObject({ issue: { note: null }, deal: { note: null } });
  expect(await parkedFields()).toEqual([]);
  expect(await store.conflicts({})).toEqual([]);
});

it('carries the old value over when it is taken back right before somebody has it tried again', async () => {
  const { sandbox, store, clock, engine } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(3_000);
  expect(pair.now().deal.note).toBe('please cal');
  pair.editIssue(pair.issueId, { 'Customer note': null });
  expect(await store.retryParked({ profile: 'procurement' }, clock.now())).toBe(1);
  engine.ring();
  await pair.world.run(30_000);
  expect(pair.now()).toMatchObject({ issue: { note: null }, deal: { note: null } });
  expect(await parkedFields()).toEqual([]);
  expect(await store.conflicts({})).toEqual([]);
});

it('asks people where what was cut was taken back on one side and corrected on the other', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(3_000);
  pair.editIssue(pair.issueId, { 'Customer note': null });
  pair.editDeal(pair.dealId, { Примечание: 'call at 11' });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { note: null }, deal: { note: 'call at 11' } });
  expect(await store.conflicts({ status: 'open' })).toHaveLength(1);
});

it('tries again after the limit was lifted and a person asked for it', async () => {
  const { sandbox, store, clock, engine } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call before noon' });
  await pair.world.run(3_000);
  sandbox.bitrix24.product.configure({ coerce: null });
  await staysAsItIs();
  expect(await store.retryParked({ profile: 'procurement' }, clock.now())).toBe(1);
  engine.ring();
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({
    issue: { note: 'please call before noon' },
    deal: { note: 'please call before noon' },
  });
  expect(await parkedFields()).toEqual([]);
  expect(await store.conflicts({})).toEqual([]);
  expect(pair.world.writes().map((write) => write.side)).toEqual(['crm']);
});

it('reports what Jira dropped or cut just the same', async () => {
  const { sandbox } = pair.world;
  sandbox.jira.product.configure({
    coerce: [
      { field: 'customfield_10032', drop: true },
      { field: 'customfield_10038', cut: 5 },
    ],
  });
  pair.editDeal(pair.dealId, {
    'Дистрибьютор по сделке': 'Nordwind Supply',
    Примечание: 'перезвонить',
    opportunity: 7_000,
  });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({
    issue: { distributor: 'Hydrotech', note: 'перез', budget: 7_000 },
    deal: { distributor: 'Nordwind Supply', note: 'перезвонить' },
  });
  expect(await parkedFields()).toEqual([
    { kind: 'coercion', field: 'Дистрибьютор по сделке', side: 'jira' },
    { kind: 'coercion', field: 'Примечание', side: 'jira' },
  ]);
  await staysAsItIs();

  sandbox.jira.product.configure({ coerce: [] });
  pair.editDeal(pair.dealId, { 'Дистрибьютор по сделке': 'Rotor Trade', Примечание: 'не звонить' });
  await pair.world.run(3_000);
  expect(pair.now()).toMatchObject({ issue: { distributor: 'Rotor Trade', note: 'не звонить' } });
  expect(await parkedFields()).toEqual([]);
});

it('reports a coercion in a create, and does not let the cut value flow back', async () => {
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 4 }] });
  const id = pair.newIssue({ summary: 'Gaskets', 'Customer note': 'urgent please' });
  await pair.world.run(3_000);
  const issue = pair.issue(id);
  expect(pair.deal(issue.dealNumber ?? '')).toMatchObject({ title: 'Gaskets', note: 'urge' });
  expect(issue.note).toBe('urgent please');
  expect(await parkedFields()).toEqual([{ kind: 'coercion', field: 'Примечание', side: 'crm' }]);
  await staysAsItIs();
  expect(pair.issue(id).note).toBe('urgent please');

  pair.editIssue(id, { 'Customer note': 'ok' });
  await pair.world.run(3_000);
  expect(pair.deal(issue.dealNumber ?? '').note).toBe('ok');
  expect(await store.parked({})).toEqual([]);
});
