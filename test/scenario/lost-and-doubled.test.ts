// Webhooks are only hints. Without any of them the sweep finds everything; with far too many, in any order, the same
// comes out and nothing is written twice.
import { afterEach, expect, it } from 'vitest';
import { ask } from '../support/ask-world.ts';
import { company, differences } from '../support/office.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

const pairs: Pair[] = [];
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.stop();
});

const SWEEP = 5 * 60_000;

type Outcome = { readonly issues: unknown; readonly deals: unknown; readonly writes: readonly string[] };

/** Always the same working day, hint by hint as `deliver` has it. */
async function workingDay(prepare: (pair: Pair) => void, pause: number, end: number): Promise<Outcome> {
  const pair = await createPair({
    company: company(
      [{}, { summary: 'Bearings for the test bench', status: 'In Progress' }],
      [{}, { title: 'Насос ЦНС', stage: 'В работе' }],
    ),
  });
  pairs.push(pair);
  const { world } = pair;
  prepare(pair);
  const bearings = pair.issues().find((issue) => issue.summary.startsWith('Bearings')) as {
    id: string;
    dealNumber: string;
  };
  const pumps = pair.deals().find((deal) => deal.title.startsWith('Насос')) as { id: string };
  const steps: (() => void)[] = [
    () => pair.editDeal(pair.dealId, { opportunity: 135_000 }),
    () => pair.editIssue(pair.issueId, { duedate: '2027-01-20', labels: ['seals', 'a'] }),
    () => pair.editDeal(pair.dealId, { opportunity: 136_000, Примечание: 'нет на складе' }),
    () => pair.editDeal(pair.dealId, { Метки: ['seals', 'b'] }),
    () => pair.editIssue(bearings.id, { status: 'Done' }),
    () => pair.editIssue(bearings.id, { Budget: 5 }),
    () => pair.editDeal(pumps.id, { assignedById: 'Irina Ivanova' }),
    () => pair.editDeal(bearings.dealNumber, { Срочно: 'Y' }),
    () => pair.editDeal(pumps.id, { title: 'Насос ЦНС 60', stage: 'Выиграна' }),
    () => void pair.newIssue({ summary: 'Gaskets', Budget: 77 }),
    () => void pair.newDeal({ title: 'Фильтры', stage: 'Согласование', opportunity: 88 }),
  ];
  for (const step of steps) {
    step();
    await world.run(pause);
  }
  await world.run(end);
  const withoutId = ({ id: _id, ...rest }: { id: string }) => rest;
  const writes = world.writes().map((write) => `${write.side} ${write.what} ${write.fields.join(' ')}`);
  return { issues: pair.issues().map(withoutId), deals: pair.deals(), writes };
}

it('finds every change by sweeping when no webhook arrives at all', async () => {
  const outcome = await workingDay((pair) => pair.webhooks('lost'), 10_000, SWEEP + 30_000);
  const [pair] = pairs as [Pair];
  expect(pair.deals()).toHaveLength(5);
  for (const deal of pair.deals()) {
    const issue = pair.issues().find((candidate) => candidate.dealNumber === deal.id);
    expect(issue && differences(issue, deal)).toEqual([]);
  }
  expect(outcome.writes.filter((write) => write.includes('create'))).toHaveLength(2);
  const { parkedByKind, openConflicts } = await pair.world.store.counts('procurement');
  expect({ parkedByKind, openConflicts }).toEqual({ parkedByKind: {}, openConflicts: 0 });
  pair.world.writes();
  await pair.world.run(2 * SWEEP);
  expect(pair.world.writes()).toEqual([]);
});

it('sees a single change within the sweep interval when its webhook is lost', async () => {
  const pair = await createPair();
  pairs.push(pair);
  pair.webhooks('lost');
  await pair.world.run(SWEEP);
  pair.editDeal(pair.dealId, { opportunity: 1 });
  pair.editIssue(pair.issueId, { 'Customer note': 'swept' });
  await pair.world.run(SWEEP + 5_000);
  expect(differences(pair.now().issue, pair.now().deal)).toEqual([]);
  expect(pair.now()).toMatchObject({ issue: { budget: 1 }, deal: { note: 'swept' } });
  expect(
    pair.world
      .writes()
      .map((write) => write.side)
      .sort(),
  ).toEqual(['crm', 'jira']);
});

it('ends the same, with the same writes, when every webhook comes five times and in any order', async () => {
  const clean = await workingDay(() => {}, 20_000, 2 * SWEEP);
  const noisy = await workingDay(
    ({ world }) => {
      // Each delivery is sent on five times with delays of its own, the copies bearing the same delivery id.
      world.disturb({ copies: 5, withinMs: 15_000, seed: 7 });
    },
    20_000,
    2 * SWEEP,
  );
  expect(noisy.issues).toEqual(clean.issues);
  expect(noisy.deals).toEqual(clean.deals);
  expect([...noisy.writes].sort()).toEqual([...clean.writes].sort());
});

// Found by real processes on a busy machine: deliveries leave on connections of their own, and the edit waited for the sweep.
it('hears of an edit whose delivery overtook the one of our own write', async () => {
  const pair = await createPair();
  pairs.push(pair);
  const { world } = pair;
  pair.webhooks('lost');
  pair.editDeal(pair.dealId, { opportunity: 1 });
  await ask(world, 'sync', { profile: 'procurement', key: { profile: 'procurement', side: 'crm', id: pair.dealId } });
  const ours = await settledVersion(pair);
  await world.run(1_000);
  pair.editIssue(pair.issueId, { 'Customer note': 'overtaken' });
  const theirs = new Date(world.clock.now()).toISOString();
  for (const version of [theirs, ours]) {
    const key = { profile: 'procurement', side: 'jira', id: pair.issueId } as const;
    await world.store.acceptDelivery(
      `about ${version}`,
      [{ ...key, lane: 'live', cause: 'webhook', version }],
      world.clock.now(),
    );
  }
  world.engine.ring();
  await world.run(2_000);
  expect(pair.now()).toMatchObject({ issue: { budget: 1 }, deal: { note: 'overtaken' } });
});

async function settledVersion({ world, issueId }: Pair): Promise<string> {
  const link = await world.store.linkOf({ profile: 'procurement', side: 'jira', id: issueId });
  return link?.versions.jira ?? '';
}

// Fault index, sync-now: it said that nothing was new, and looked at the one record alone that it was asked for by.
it('syncs the pair that a person asks for by one of its records, though nobody told of the edit of the other', async () => {
  const pair = await createPair();
  pairs.push(pair);
  pair.webhooks('lost');
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  const key = { profile: 'procurement', side: 'jira', id: pair.issueId };
  expect(await ask(pair.world, 'sync', { profile: 'procurement', key })).toMatchObject({ state: 'done' });
  expect(pair.now().issue.budget).toBe(7_000);
});
