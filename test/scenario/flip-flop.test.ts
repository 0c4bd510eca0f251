// A robot in the CRM puts its own value into a mapped field whenever that field changes. We do not play along for ever.
import { afterEach, expect, it } from 'vitest';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';

let pair: Pair;
afterEach(() => pair.stop());

const NOTE = '{ jira: "Customer note", crm: "Примечание" }';

it('stops after at most six writes when a robot and a person in Jira undo each other', async () => {
  pair = await createPair({
    profile: profileWith([[NOTE, '{ jira: "Customer note", crm: "Примечание", conflict: jira }']]),
  });
  const { sandbox, store } = pair.world;
  sandbox.bitrix24.product.configure({
    robots: [{ on: 'Примечание', rewrite: { field: 'Примечание', prefix: '>' }, afterMs: 500 }],
  });
  // Jira's own automation takes the robot's sign away again.
  for (let round = 0; round < 12; round += 1) {
    pair.editIssue(pair.issueId, { 'Customer note': `call ${round % 2}` });
    await pair.world.run(20_000);
  }
  const writes = pair.world.writes().filter(({ fields }) => fields.some((id) => /1747309878|10038/.test(id)));
  expect(writes.length).toBeGreaterThan(2);
  expect(writes.length).toBeLessThanOrEqual(6);
  const [row, ...others] = await store.parked({});
  expect(others).toEqual([]);
  expect(row).toMatchObject({ field: 'Примечание', kind: 'flip-flop' });
  expect(row?.cure).toContain('robot');
  expect(await store.counts('procurement')).toMatchObject({ parkedByKind: { 'flip-flop': 1 } });

  pair.editDeal(pair.dealId, { opportunity: 3_000 });
  await pair.world.run(3_000);
  expect(pair.now().issue.budget).toBe(3_000);
});

it('takes a robot that answers once for what it is: one more edit', async () => {
  pair = await createPair();
  pair.world.sandbox.bitrix24.product.configure({
    robots: [{ on: 'opportunity', set: { Примечание: 'проверить сумму' }, afterMs: 300 }],
  });
  pair.editIssue(pair.issueId, { Budget: 44_000 });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ deal: { amount: 44_000 }, issue: { note: 'проверить сумму' } });
  expect(pair.world.writes()).toHaveLength(2);
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('does not take a busy person for a robot', async () => {
  pair = await createPair();
  for (let edit = 1; edit <= 12; edit += 1) {
    pair.editDeal(pair.dealId, { opportunity: edit * 1_000 });
    await pair.world.run(5_000);
  }
  expect(pair.now().issue.budget).toBe(12_000);
  expect(pair.world.writes()).toHaveLength(12);
  expect(await pair.world.store.parked({})).toEqual([]);
});
