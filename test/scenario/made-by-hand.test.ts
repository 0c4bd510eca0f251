// People enter the same request in both systems at the same time, while Jira's search lags: it becomes one pair.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPair, type Pair } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folder = temporaryFolders();
let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
  pair.world.sandbox.jira.product.configure({ indexLagMs: 60_000 });
});
afterEach(() => pair.stop());

const SWEEP = 5 * 60_000;
const DEAL = { title: 'Gaskets', stage: 'Новая', opportunity: 700 };
const ISSUE = { summary: 'Gaskets', Budget: 700 };
const creates = () => pair.world.writes().filter((write) => write.what === 'create');
const counted = () => ({
  issues: pair.issues().filter(({ summary }) => summary === 'Gaskets').length,
  deals: pair.deals().filter(({ title }) => title === 'Gaskets').length,
});

/** With each other alone, and without a create. */
async function expectPaired(deal: string, issue: string): Promise<void> {
  expect(counted()).toEqual({ issues: 1, deals: 1 });
  expect(creates()).toEqual([]);
  const key = { profile: 'procurement', side: 'crm', id: deal } as const;
  expect(await pair.world.store.linkOf(key)).toMatchObject({ ids: { jira: issue, crm: deal }, origin: 'match' });
}

it.each([
  ['both systems tell of it', []],
  ['only Bitrix24 tells of it', ['jira']],
  ['only Jira tells of it', ['bitrix24']],
  ['neither system tells of it', ['jira', 'bitrix24']],
] as const)('pairs a deal and an issue that were made by hand within the lag: %s', async (_name, silent) => {
  for (const product of silent) pair.world.sandbox[product].product.configure({ webhookMode: 'lost' });
  const deal = pair.newDeal(DEAL);
  const issue = pair.newIssue(ISSUE);
  await pair.world.run(2 * SWEEP);
  await expectPaired(deal, issue);
});

it('pairs an issue that was made a minute before its deal and that nobody told of', async () => {
  pair.webhooks('lost');
  pair.newIssue(ISSUE);
  await pair.world.clock.advance(40_000);
  pair.webhooks('normal');
  pair.newDeal(DEAL);
  await pair.world.run(10_000);
  expect(counted()).toEqual({ issues: 1, deals: 1 });
  expect(creates()).toEqual([]);
});

// A record older than ten minutes was not compared with the other side once more before its create.
describe('a deal that has waited for long', () => {
  let deal: string;
  let issue: string;
  const draft = { ...DEAL, stage: 'Черновик' };

  async function madeByHand(): Promise<void> {
    pair.world.sandbox.jira.product.configure({ webhookMode: 'lost' });
    issue = pair.newIssue(ISSUE);
    await pair.world.clock.advance(1_000);
  }

  async function arePaired(): Promise<void> {
    await pair.world.run(2 * SWEEP);
    await expectPaired(deal, issue);
  }

  it('is paired with the issue that somebody made right before it was let go', async () => {
    deal = pair.newDeal(draft);
    await pair.world.run(4 * SWEEP);
    await madeByHand();
    pair.editDeal(deal, { stage: 'Новая' });
    await arePaired();
  });

  it('is paired with the issue that was made while the daemon was down', async () => {
    await pair.stop();
    pair = await createPair({ stateFile: join(folder(), 'state.sqlite') });
    deal = pair.newDeal(draft);
    await pair.world.run(4 * SWEEP);
    pair.world.kill();
    await madeByHand();
    await pair.world.clock.advance(30 * 60_000);
    await pair.world.restart();
    pair.editDeal(deal, { stage: 'Новая' });
    await arePaired();
  });

  it('is paired with the issue that people made in place of one that Jira refused, when they have it tried again', async () => {
    const { sandbox, store, clock, engine } = pair.world;
    const refused = { status: 400, body: { errorMessages: ['Not on Mondays'], errors: {} } };
    sandbox.jira.faults.replace([
      { match: { method: 'POST', path: '/\\/issue(\\/bulk)?$/' }, kind: 'status', ...refused },
    ]);
    deal = pair.newDeal(DEAL);
    await pair.world.run(4 * SWEEP);
    expect(await store.parked({})).toMatchObject([{ side: 'crm', id: deal, kind: 'RejectedError' }]);
    expect(creates()).toHaveLength(1);
    sandbox.jira.faults.replace([]);
    await madeByHand();
    await store.retryParked({}, clock.now());
    engine.ring();
    await arePaired();
    expect(await store.parked({})).toEqual([]);
  });
});

it('creates a new deal in Jira within two seconds when nothing else goes on', async () => {
  pair.newDeal(DEAL);
  await pair.world.clock.advance(2_000);
  expect(counted()).toEqual({ issues: 1, deals: 1 });
  pair.newIssue({ summary: 'Filters' });
  await pair.world.clock.advance(2_000);
  expect(pair.deals().filter(({ title }) => title === 'Filters')).toHaveLength(1);
});

it('looks at the other side a few times for sixty new deals, not sixty times', async () => {
  pair.world.requests();
  for (let at = 0; at < 60; at += 1) pair.newDeal({ title: `Gaskets ${at}`, stage: 'Новая' });
  await pair.world.run(30_000);
  expect(pair.issues().filter(({ summary }) => summary.startsWith('Gaskets '))).toHaveLength(60);
  const searches = pair.world.requests().jira.filter(({ path }) => path.endsWith('/search/jql'));
  // Two searches for each look (what has changed, which key is the highest), and reads of the new issues, fifty at a time.
  expect(searches.length).toBeLessThanOrEqual(8);
});

it('guesses nothing when an issue fits two deals that wait for their moment', async () => {
  const draft = { ...DEAL, stage: 'Черновик' };
  const deals = [pair.newDeal(draft), pair.newDeal(draft)];
  await pair.world.run(5_000);
  const issue = pair.newIssue(ISSUE);
  await pair.world.run(SWEEP);
  expect(counted()).toEqual({ issues: 1, deals: 2 });
  expect(creates()).toEqual([]);
  const parked = await pair.world.store.parked({ profile: 'procurement' });
  expect(parked.find(({ id }) => id === issue)).toMatchObject({ kind: 'two-matches', side: 'jira' });
  for (const id of deals) expect(parked.map((row) => row.id)).toContain(id);
});

it('gives each of two new deals of one name an issue of its own', async () => {
  const deals = [pair.newDeal(DEAL), pair.newDeal(DEAL)];
  await pair.world.run(SWEEP);
  expect(counted()).toEqual({ issues: 2, deals: 2 });
  const numbers = pair.issues().flatMap(({ summary, dealNumber }) => (summary === 'Gaskets' ? [dealNumber] : []));
  expect(numbers.sort()).toEqual(deals.sort());
});
