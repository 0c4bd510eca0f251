// A profile is edited while the daemon works: a piece of work ends under the version it began with, everything is looked
// at again under the new one, and a mistake leaves the last good version running.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const NOTE = '  - { jira: "Customer note", crm: "Примечание" }\n';
const versionNow = () => pair.world.profiles.current().get('procurement')?.version ?? '';
const linkNow = () => pair.world.store.linkOf({ profile: 'procurement', side: 'crm', id: pair.dealId });

it('looks at every pair again under the new version, and a field that was added is filled', async () => {
  pair.editIssue(pair.issueId, { 'Delivery date': '2027-08-08' });
  await pair.world.run(3_000);
  expect(pair.world.writes()).toEqual([]);
  const before = versionNow();
  const result = await pair.world.load(
    profileWith([[NOTE, `${NOTE}  - { jira: "Delivery date", crm: "Плановая дата оплаты", as: date }\n`]]),
  );
  expect(result).toMatchObject({ problems: [], changed: ['procurement'] });
  await pair.world.run(10_000);
  expect(versionNow()).not.toBe(before);
  expect(await linkNow()).toMatchObject({ profileVersion: versionNow(), state: 'active', reason: null });
  expect(pair.world.writes()).toMatchObject([{ side: 'crm', id: pair.dealId, fields: ['ufCrm_1747309874'] }]);
  expect((await linkNow())?.base).toHaveProperty('Плановая дата оплаты');
});

it('writes no longer what was taken out of the profile', async () => {
  await pair.world.load(profileWith([[NOTE, '']]));
  await pair.world.run(10_000);
  pair.editIssue(pair.issueId, { 'Customer note': 'for us only', Budget: 3 });
  await pair.world.run(3_000);
  expect(pair.now().deal).toMatchObject({ note: null, amount: 3 });
  expect(await linkNow()).toMatchObject({ profileVersion: versionNow(), reason: null });
});

it('ends a piece of work under the version it began with', async () => {
  const before = versionNow();
  pair.world.sandbox.bitrix24.faults.replace([
    { match: { command: 'crm.item.update' }, kind: 'delay', ms: 5_000, times: 1 },
  ]);
  pair.editIssue(pair.issueId, { 'Customer note': 'under way', Budget: 3 });
  await pair.world.clock.runFor(1_000);
  await pair.world.load(profileWith([[NOTE, '']]));
  const after = versionNow();
  await pair.world.run(30_000);
  expect(pair.now().deal).toMatchObject({ note: 'under way', amount: 3 });
  const journal = await pair.world.store.journal({ profile: 'procurement', limit: 2 });
  expect(journal.map((entry) => entry.profileVersion)).toEqual([before, before]);
  expect(new Set(journal.map((entry) => entry.run)).size).toBe(1);
  expect(await linkNow()).toMatchObject({ profileVersion: after });
});

it('keeps the last good version when the new text has mistakes, and says all of them', async () => {
  const before = versionNow();
  const result = await pair.world.load(
    profileWith([
      ['crm: title', 'crm: tittle'],
      ['conflict: newest, tie: crm', 'conflict: newst'],
    ]),
  );
  expect(result.problems).toHaveLength(2);
  for (const problem of result.problems) {
    expect(problem).toMatchObject({ file: 'profiles/procurement.yaml' });
    expect(problem.line).toBeGreaterThan(1);
    expect(problem.cure).not.toBe('');
  }
  expect(versionNow()).toBe(before);
  pair.editIssue(pair.issueId, { Budget: 9 });
  await pair.world.run(3_000);
  expect(pair.now().deal.amount).toBe(9);
});

it('takes a new policy to heart: a held conflict is settled by it', async () => {
  const held = profileWith([['currency: RUB, conflict: crm', 'currency: RUB']]);
  await pair.world.load(held);
  await pair.world.run(10_000);
  pair.webhooks('paused');
  pair.editIssue(pair.issueId, { Budget: 1 });
  pair.editDeal(pair.dealId, { opportunity: 2 });
  pair.webhooks('normal');
  await pair.world.run(3_000);
  expect(await pair.world.store.conflicts({ status: 'open' })).toHaveLength(1);

  await pair.world.load(profileWith([['currency: RUB, conflict: crm', 'currency: RUB, conflict: jira']]));
  await pair.world.run(10_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 1 }, deal: { amount: 1 } });
  expect(await pair.world.store.conflicts({})).toMatchObject([{ status: 'settled', outcome: 'jira' }]);
});

it('looks at both records of every pair, also where the two sides are listed one after the other', async () => {
  const note = NOTE.replace(' }', ', direction: to-crm }');
  await pair.world.load(profileWith([[NOTE, note]]));
  await pair.world.run(10_000);
  pair.editDeal(pair.dealId, { Примечание: 'said in the CRM alone' });
  await pair.world.run(10_000);
  expect(pair.now().issue.note).toBeNull();
  pair.world.sandbox.bitrix24.faults.replace([
    { match: { command: 'crm.item.list' }, kind: 'delay', ms: 20_000, times: 1 },
  ]);
  await pair.world.load(profileWith([]));
  await pair.world.run(60_000);
  expect(await linkNow()).toMatchObject({ profileVersion: versionNow(), reason: null });
  expect(pair.now().issue.note).toBe('said in the CRM alone');
});

it('tries again what the old version could not translate', async () => {
  const line = "      Won't do: Проиграна\n";
  await pair.world.load(profileWith([[line, '']]));
  await pair.world.run(10_000);
  pair.editDeal(pair.dealId, { stage: 'Проиграна' });
  await pair.world.run(10_000);
  expect(await pair.world.store.parked({})).toMatchObject([{ kind: 'MappingError' }]);
  await pair.world.load(profileWith([]));
  await pair.world.run(60_000);
  expect(pair.now().issue.status).toBe("Won't do");
  expect(await pair.world.store.parked({})).toEqual([]);
});
