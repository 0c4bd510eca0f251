// A create whose answer was lost is found a while later. What was empty when it left and was filled in meanwhile, on
// either side, is an edit like any other.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FaultRule } from '../../src/sandbox/fault-rule.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
  pair.webhooks('lost');
});
afterEach(() => pair.stop());

const SWEEP = 5 * 60_000;

/** Ends when the deal has come to be and nobody has heard of it. */
async function issueInDoubt(): Promise<string> {
  pair.world.sandbox.bitrix24.faults.replace([{ match: { command: 'crm.item.add' }, kind: 'drop-after', times: 1 }]);
  const id = pair.newIssue({ summary: 'Gaskets' });
  const parked = () => pair.world.store.parked({ kind: 'doubtful-create' });
  for (let rounds = 0; rounds < 4_000 && (await parked()).length === 0; rounds += 1) await pair.world.run(100);
  expect(pair.issue(id).dealNumber).toBeNull();
  expect(created()).toMatchObject({ amount: 0, tags: [] });
  // Bitrix24 counts whole seconds.
  await pair.world.run(1_000);
  return id;
}

function created() {
  const [deal, ...others] = pair.deals().filter(({ title }) => title === 'Gaskets');
  expect(others).toEqual([]);
  if (deal === undefined) throw new Error('no deal was created');
  return deal;
}

it('carries over what was filled in on the record that the create was for', async () => {
  const id = await issueInDoubt();
  pair.editIssue(id, { Budget: 710, labels: ['seals'] });
  await pair.world.run(SWEEP + 10_000);
  expect(created()).toMatchObject({ amount: 710, tags: ['seals'] });
  expect(pair.issue(id)).toMatchObject({ budget: 710, labels: ['seals'] });
  expect(await pair.world.store.conflicts({})).toEqual([]);
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('carries over what was filled in on the record that was created', async () => {
  const id = await issueInDoubt();
  pair.editDeal(created().id, { Примечание: 'zwanzig', Метки: ['seals'] });
  await pair.world.run(SWEEP + 10_000);
  expect(pair.issue(id)).toMatchObject({ note: 'zwanzig', labels: ['seals'] });
  expect(created()).toMatchObject({ note: 'zwanzig', tags: ['seals'] });
});

it('does not carry back what the product filled in where nothing was sent', async () => {
  const id = await issueInDoubt();
  const before = pair.issue(id);
  await pair.world.run(SWEEP + 10_000);
  expect(pair.issue(id)).toEqual({ ...before, dealNumber: created().id });
});

const SECOND = 1_000;
const DIRECTIONS = [
  ['a deal', 'bitrix24', { command: 'crm.item.add' }],
  ['an issue', 'jira', { method: 'POST', path: '/\\/issue(\\/bulk)?$/' }],
] as const;

/** What the first create for a new record meets; answers how many of that title the other side has. */
function cutOff(product: 'jira' | 'bitrix24', match: FaultRule['match'], rule: Omit<FaultRule, 'match' | 'times'>) {
  pair.world.sandbox[product].faults.replace([{ match, times: 1, ...rule }]);
  if (product === 'bitrix24') {
    pair.newIssue({ summary: 'Couplings' });
    return () => pair.deals().filter(({ title }) => title === 'Couplings').length;
  }
  pair.newDeal({ title: 'Couplings', categoryId: 9, stageId: 'Новая' });
  return () => pair.issues().filter(({ summary }) => summary === 'Couplings').length;
}

/** How long it takes, in steps of a second. */
async function until(what: () => boolean | Promise<boolean>, atMost: number): Promise<number> {
  for (let ms = 0; ms < atMost; ms += SECOND) {
    if (await what()) return ms;
    await pair.world.run(SECOND);
  }
  throw new Error(`not within ${atMost} ms`);
}

it.each(DIRECTIONS)('makes %s anew a good minute after a reset, if it never arrived', async (_what, product, match) => {
  const made = cutOff(product, match, { kind: 'drop-before' });
  const inDoubt = async () => (await pair.world.store.parked({ kind: 'doubtful-create' })).length > 0;
  await until(inDoubt, 6 * 60 * SECOND);
  const waited = await until(() => made() > 0, 80 * SECOND);
  expect(waited).toBeGreaterThanOrEqual(60 * SECOND);
  await pair.world.run(SWEEP);
  expect(made()).toBe(1);
  expect(await pair.world.store.parked({})).toEqual([]);
});

it.each(DIRECTIONS)('finds %s soon that came into being when nobody waited any more', async (_what, product, match) => {
  const made = cutOff(product, match, { kind: 'delay', ms: 50 * SECOND + (product === 'bitrix24' ? 45 * SECOND : 0) });
  await until(() => made() > 0, 8 * 60 * SECOND);
  expect(await pair.world.store.parked({})).toMatchObject([{ kind: 'doubtful-create' }]);
  const settled = async () => (await pair.world.store.parked({})).length === 0;
  expect(await until(settled, 60 * SECOND)).toBeLessThanOrEqual(60 * SECOND);
  await pair.world.run(SWEEP);
  expect(made()).toBe(1);
});
