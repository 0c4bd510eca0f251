// Neither product can refuse a write because somebody was faster. An edit that falls between our read and our write is
// noticed from the write's own answer, kept on record, and decided by the profile like any other conflict.
import { afterEach, expect, it } from 'vitest';
import type { Step } from '../support/daemon-life.ts';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';
import { writesIn } from '../support/write-log.ts';

const AMOUNT = 'Budget, crm: opportunity, as: money, currency: RUB, conflict: crm';

let pair: Pair;
afterEach(() => pair.stop());

const withPolicy = (conflict: string) =>
  profileWith([[AMOUNT, AMOUNT.replace('conflict: crm', `conflict: ${conflict}`)]]);
const rub = (amount: string) => ({ amount, currency: 'RUB' });

const editIssue = (amount: number) => pair.editIssue(pair.issueId, { Budget: amount });
const editDeal = (amount: number) => pair.editDeal(pair.dealId, { opportunity: amount });

/** Somebody edits at the very moment when our next update of that side leaves. */
function justBeforeWrite(side: 'jira' | 'crm', edit: () => void): void {
  pair.world.watch((step: Step) => {
    if (step.kind !== 'request' || step.side !== side) return;
    if (!writesIn(side, step.request, 0).some((write) => write.what === 'update')) return;
    pair.world.watch(null);
    edit();
  });
}

it('keeps an edit of the deal that came just before our write, and holds both for a person', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  justBeforeWrite('crm', () => pair.editDeal(pair.dealId, { opportunity: 155_000 }));
  pair.editIssue(pair.issueId, { Budget: 130_000 });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 130_000 }, deal: { amount: 155_000 } });
  const conflicts = await pair.world.store.conflicts({});
  expect(conflicts).toMatchObject([
    {
      field: 'Сумма',
      base: { jira: '120000', crm: rub('120000') },
      values: { jira: '130000', crm: rub('155000') },
      status: 'open',
    },
  ]);
});

it('keeps an edit of the issue that came just before our write, and holds both for a person', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  justBeforeWrite('jira', () => pair.editIssue(pair.issueId, { Budget: 155_000 }));
  pair.editDeal(pair.dealId, { opportunity: 130_000 });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 155_000 }, deal: { amount: 130_000 } });
  expect(await pair.world.store.conflicts({})).toMatchObject([
    { values: { jira: '155000', crm: rub('130000') }, status: 'open' },
  ]);
});

it('lets our value stand where its side wins anyway, with what it replaced on record', async () => {
  pair = await createPair({ profile: withPolicy('crm') });
  justBeforeWrite('jira', () => pair.editIssue(pair.issueId, { Budget: 155_000 }));
  pair.editDeal(pair.dealId, { opportunity: 130_000 });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 130_000 }, deal: { amount: 130_000 } });
  const conflicts = await pair.world.store.conflicts({});
  expect(conflicts).toMatchObject([
    { base: { jira: '120000', crm: rub('120000') }, values: { jira: '155000', crm: rub('130000') }, status: 'settled' },
  ]);
  expect(conflicts[0]?.outcome).toContain('overwritten');
  expect(pair.world.writes()).toHaveLength(1);
});

it('gives the edit back and carries it over where the other side wins', async () => {
  pair = await createPair({ profile: withPolicy('crm') });
  justBeforeWrite('crm', () => pair.editDeal(pair.dealId, { opportunity: 155_000 }));
  pair.editIssue(pair.issueId, { Budget: 130_000 });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 155_000 }, deal: { amount: 155_000 } });
  const conflicts = await pair.world.store.conflicts({});
  expect(conflicts).toMatchObject([{ values: { jira: '130000', crm: rub('155000') }, status: 'settled' }]);
});

it('keeps on record what it could not give back', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  pair.world.sandbox.bitrix24.faults.replace([
    { match: { command: 'crm.item.update' }, kind: 'status', status: 503, skip: 1, times: 1 },
  ]);
  justBeforeWrite('crm', () => pair.editDeal(pair.dealId, { opportunity: 155_000 }));
  pair.editIssue(pair.issueId, { Budget: 130_000 });
  await pair.world.run(60_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 130_000 }, deal: { amount: 130_000 } });
  expect(await pair.world.store.conflicts({})).toMatchObject([
    { values: { jira: '130000', crm: rub('155000') }, outcome: 'overwritten, not given back' },
  ]);
});

it('keeps on record what the product did not keep when it was given back', async () => {
  pair = await createPair();
  justBeforeWrite('crm', () => {
    pair.editDeal(pair.dealId, { Примечание: 'please call at noon' });
    pair.world.sandbox.bitrix24.product.configure({ coerce: [{ field: 'Примечание', cut: 10 }] });
  });
  pair.editIssue(pair.issueId, { 'Customer note': 'please call in the evening' });
  await pair.world.run(30_000);
  expect(pair.now()).toMatchObject({ issue: { note: 'please call in the evening' }, deal: { note: 'please cal' } });
  expect(await pair.world.store.conflicts({})).toMatchObject([
    {
      values: { jira: 'please call in the evening', crm: 'please call at noon' },
      outcome: 'overwritten, not given back',
    },
  ]);
});

it('keeps a newer edit that came while another field of the record was given back', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  let updates = 0;
  pair.world.watch((step: Step) => {
    if (step.kind !== 'request' || step.side !== 'crm') return;
    if (!writesIn('crm', step.request, 0).some((write) => write.what === 'update')) return;
    updates += 1;
    if (updates === 1) pair.editDeal(pair.dealId, { title: 'Theirs', opportunity: 155_000 });
    // One of the two is being given back; the other one is next.
    if (updates === 2) pair.editDeal(pair.dealId, { title: 'Newer', opportunity: 166_000 });
  });
  pair.editIssue(pair.issueId, { summary: 'Ours', Budget: 130_000 });
  await pair.world.run(30_000);
  expect(updates).toBeGreaterThan(2);
  expect(pair.now()).toMatchObject({ deal: { title: 'Newer', amount: 166_000 } });
});

it.each(['jira', 'crm'] as const)(
  'carries over what was set back on the %s side by somebody who saw our write',
  async (side) => {
    pair = await createPair({ profile: withPolicy('hold') });
    const [own, other] = side === 'jira' ? ([editIssue, editDeal] as const) : ([editDeal, editIssue] as const);
    // The first of them we overwrite; the second comes while that is given back, and is what stood there at first.
    const left = [155_000, 120_000];
    pair.world.watch((step: Step) => {
      if (step.kind !== 'request' || step.side !== side) return;
      if (!writesIn(side, step.request, 0).some((write) => write.what === 'update')) return;
      const next = left.shift();
      if (next !== undefined) own(next);
    });
    other(130_000);
    await pair.world.run(30_000);
    expect(left).toEqual([]);
    expect(pair.now()).toMatchObject({ issue: { budget: 120_000 }, deal: { amount: 120_000 } });
    expect(await pair.world.store.conflicts({})).toEqual([]);
  },
);

it('keeps on record what somebody wrote who is faster than we, again and again', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  const edits = [151_000, 152_000, 153_000, 154_000];
  const left = [...edits];
  pair.world.watch((step: Step) => {
    if (step.kind !== 'request' || step.side !== 'jira') return;
    if (!writesIn('jira', step.request, 0).some((write) => write.what === 'update')) return;
    const next = left.shift();
    if (next !== undefined) pair.editIssue(pair.issueId, { Budget: next });
  });
  pair.editDeal(pair.dealId, { opportunity: 130_000 });
  await pair.world.run(30_000);
  expect(left).toEqual([]);
  // Each of them was given back and then replaced by the next one, but the last, which nobody saw any more.
  expect(pair.now()).toMatchObject({ issue: { budget: 153_000 }, deal: { amount: 130_000 } });
  const conflicts = await pair.world.store.conflicts({});
  expect(conflicts.map(({ values, status }) => [values.jira, status])).toEqual(
    expect.arrayContaining([
      ['153000', 'open'],
      ['154000', 'settled'],
    ]),
  );
  expect(conflicts).toHaveLength(2);
});

it.each([
  ['crm', () => pair.editIssue(pair.issueId, { labels: ['seals', 'mine'] })],
  ['jira', () => pair.editDeal(pair.dealId, { Метки: ['seals', 'mine'] })],
] as const)('merges a set that gained a member on the %s side just before our write', async (side, edit) => {
  pair = await createPair();
  justBeforeWrite(side, () => {
    if (side === 'crm') pair.editDeal(pair.dealId, { Метки: ['seals', 'theirs'] });
    else pair.editIssue(pair.issueId, { labels: ['seals', 'theirs'] });
  });
  edit();
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({
    issue: { labels: ['mine', 'seals', 'theirs'] },
    deal: { tags: ['mine', 'seals', 'theirs'] },
  });
  await pair.resync();
  expect(pair.now().issue.labels).toEqual(['mine', 'seals', 'theirs']);
});

it('takes what somebody added in Jira although they made our change as well', async () => {
  pair = await createPair();
  justBeforeWrite('jira', () => pair.editIssue(pair.issueId, { labels: ['mine', 'theirs'] }));
  pair.editDeal(pair.dealId, { Метки: ['mine'] });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { labels: ['mine', 'theirs'] }, deal: { tags: ['mine', 'theirs'] } });
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('carries over another field that was edited just before our write', async () => {
  pair = await createPair();
  justBeforeWrite('crm', () => pair.editDeal(pair.dealId, { title: '20 seals', Примечание: 'zwanzig' }));
  pair.editIssue(pair.issueId, { duedate: '2027-07-07' });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({
    issue: { summary: '20 seals', note: 'zwanzig', due: '2027-07-07' },
    deal: { title: '20 seals', note: 'zwanzig', due: '2027-07-07' },
  });
  expect(await pair.world.store.conflicts({})).toEqual([]);
});

it('needs no event to notice: the same holds when every webhook is lost', async () => {
  pair = await createPair({ profile: withPolicy('hold') });
  pair.webhooks('lost');
  justBeforeWrite('crm', () => pair.editDeal(pair.dealId, { opportunity: 155_000, title: '20 seals' }));
  pair.editIssue(pair.issueId, { Budget: 130_000 });
  await pair.world.run(6 * 60_000);
  expect(pair.now()).toMatchObject({
    issue: { budget: 130_000, summary: '20 seals' },
    deal: { amount: 155_000, title: '20 seals' },
  });
  expect(await pair.world.store.conflicts({ status: 'open' })).toHaveLength(1);
});
