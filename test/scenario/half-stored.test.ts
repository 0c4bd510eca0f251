// The daemon dies, or hears no answer, after a write has arrived and before it is settled. What it wrote is not taken for
// a person's edit, so that what people took back meanwhile does not come again.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import type { Step } from '../support/daemon-life.ts';
import { createPair, type Pair, profileWith } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folder = temporaryFolders();
let pair: Pair;
afterEach(() => pair.stop());

const SWEEP = 5 * 60_000;

async function begin(profile?: string): Promise<Pair> {
  pair = await createPair({ stateFile: join(folder(), 'state.db'), ...(profile === undefined ? {} : { profile }) });
  return pair;
}

const STATUS = `  - jira: status
    crm: stage
    conflict: crm
    values:
      To Do: [Новая, Согласование]
      In Progress: В работе
      Done: Выиграна
      Won't do: Проиграна
`;
/** Nothing is left to be written once a record has been created. */
const AT_ONCE = profileWith([
  [STATUS, ''],
  ['  - { crm: "Ссылка на задачу", from: jira.url }\n', ''],
]);

/** The daemon dies at the first step like this one, which still happens. */
async function dieAt(isIt: (step: Step) => boolean): Promise<void> {
  let died = false;
  pair.world.watch((step) => {
    if (!isIt(step)) return;
    pair.world.watch(null);
    died = true;
    pair.world.kill();
  });
  await pair.world.run(5_000);
  expect(died).toBe(true);
}

/** Starts again, and dies with its n-th settlement, if there are so many. */
async function dieAsItStores(nth: number): Promise<void> {
  const { world } = pair;
  let left = nth;
  world.watch((step) => {
    if (step.kind !== 'stored' || step.verb !== 'settle') return;
    left -= 1;
    if (left > 0) return;
    world.watch(null);
    world.kill();
  });
  await world.restart();
  await world.run(2 * SWEEP);
  world.watch(null);
}

async function liveOn(): Promise<void> {
  await pair.world.restart();
  await pair.world.settle();
  await pair.world.run(2 * SWEEP);
  expect(await pair.world.store.conflicts({ status: 'open' })).toEqual([]);
  pair.world.writes();
  await pair.resync();
  expect(pair.world.writes()).toEqual([]);
}

function isIssueWritten(step: Step): boolean {
  return step.kind === 'answer' && step.side === 'jira' && step.request.method === 'PUT';
}

function isDealWritten(step: Step): boolean {
  if (step.kind !== 'answer' || step.side !== 'crm') return false;
  const { path, body } = step.request;
  return path.includes('crm.item.update') || new TextDecoder().decode(body).includes('crm.item.update');
}

function isIssueCreated(step: Step): boolean {
  return step.kind === 'answer' && step.side === 'jira' && /\/issue(\/bulk)?$/.test(step.request.path);
}

function isAnnounced(step: Step): boolean {
  return step.kind === 'stored' && step.verb === 'announce';
}

it('lets what was taken back at its source while it was dead stay taken back', async () => {
  await begin();
  const { budget } = pair.now().issue;
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  await dieAt(isIssueWritten);
  expect(pair.now().issue.budget).toBe(7_000);
  pair.editDeal(pair.dealId, { opportunity: budget });
  await liveOn();
  expect(pair.now()).toMatchObject({ issue: { budget }, deal: { amount: budget } });
});

it.each([1, 2, 3])('lets it stay so too, though it dies again as it stores what has arrived: %i', async (nth) => {
  await begin();
  const { budget } = pair.now().issue;
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  await dieAt(isIssueWritten);
  pair.editDeal(pair.dealId, { opportunity: budget });
  await dieAsItStores(nth);
  await liveOn();
  expect(pair.now()).toMatchObject({ issue: { budget }, deal: { amount: budget } });
});

it('knows its own label among those that people added meanwhile', async () => {
  await begin();
  const { tags } = pair.now().deal;
  pair.editDeal(pair.dealId, { Метки: [...tags, 'spare'] });
  await dieAt(isIssueWritten);
  pair.editIssue(pair.issueId, { labels: [...pair.now().issue.labels, 'gate-4'] });
  pair.editDeal(pair.dealId, { Метки: tags });
  await liveOn();
  const all = [...tags, 'gate-4'].sort();
  expect([...pair.now().deal.tags].sort()).toEqual(all);
  expect([...pair.now().issue.labels].sort()).toEqual(expect.arrayContaining(all));
  expect(pair.now().issue.labels).not.toContain('spare');
});

it('does the same the other way round', async () => {
  await begin();
  const { note } = pair.now().issue;
  pair.editIssue(pair.issueId, { 'Customer note': 'deliver to gate 4' });
  await dieAt(isDealWritten);
  pair.editIssue(pair.issueId, { 'Customer note': note });
  await liveOn();
  expect(pair.now()).toMatchObject({ issue: { note }, deal: { note } });
});

it('writes what was announced and never left', async () => {
  await begin();
  const { budget } = pair.now().issue;
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  await dieAt(isAnnounced);
  expect(pair.now().issue.budget).toBe(budget);
  await liveOn();
  expect(pair.now()).toMatchObject({ issue: { budget: 7_000 }, deal: { amount: 7_000 } });
});

it('takes what a person came to as well for an edit, where the rest of what it announced never arrived', async () => {
  await begin();
  pair.editDeal(pair.dealId, { opportunity: 7_000, Примечание: 'deliver to gate 4' });
  await dieAt(isAnnounced);
  pair.editDeal(pair.dealId, { Примечание: 'deliver to gate 5' });
  pair.editIssue(pair.issueId, { 'Customer note': 'deliver to gate 4' });
  await pair.world.restart();
  await pair.world.settle();
  await pair.world.run(2 * SWEEP);
  expect(pair.now().issue.budget).toBe(7_000);
  expect((await pair.world.store.conflicts({})).map(({ values }) => values)).toEqual([
    { jira: 'deliver to gate 4', crm: 'deliver to gate 5' },
  ]);
});

it.each([
  ['was written', isDealWritten],
  ['was to be written', isAnnounced],
] as const)('holds what was set back over an edit of what %s, as it holds that edit', async (_what, isIt) => {
  await begin();
  const { note } = pair.now().deal;
  pair.editIssue(pair.issueId, { 'Customer note': 'deliver to gate 4' });
  await dieAt(isIt);
  pair.editDeal(pair.dealId, { Примечание: 'deliver to gate 5' });
  await pair.world.restart();
  await pair.world.settle();
  await pair.world.run(2 * SWEEP);
  const open = async () => (await pair.world.store.conflicts({ status: 'open' })).map(({ values }) => values);
  expect(await open()).toEqual([{ jira: 'deliver to gate 4', crm: 'deliver to gate 5' }]);
  pair.editDeal(pair.dealId, { Примечание: note });
  await pair.world.run(2 * SWEEP);
  expect(await open()).toEqual([{ jira: 'deliver to gate 4', crm: note }]);
  expect(pair.now()).toMatchObject({ issue: { note: 'deliver to gate 4' }, deal: { note } });
});

it('holds what was taken back at its source, where somebody has answered what was written', async () => {
  await begin();
  const { note } = pair.now().issue;
  pair.editDeal(pair.dealId, { Примечание: 'deliver to gate 4' });
  await dieAt(isIssueWritten);
  pair.editIssue(pair.issueId, { 'Customer note': 'deliver to gate 5' });
  pair.editDeal(pair.dealId, { Примечание: note });
  await pair.world.restart();
  await pair.world.settle();
  await pair.world.run(2 * SWEEP);
  const [conflict, ...others] = await pair.world.store.conflicts({ status: 'open' });
  expect(others).toEqual([]);
  expect(conflict?.values).toEqual({ jira: 'deliver to gate 5', crm: note });
  expect(pair.now()).toMatchObject({ issue: { note: 'deliver to gate 5' }, deal: { note } });
});

it.each([1, 2, 3, 4])(
  'carries over what was edited since a create of which it had not heard, though it dies again as it stores what it finds: %i',
  async (nth) => {
    await begin(AT_ONCE);
    const id = pair.newDeal({ title: 'Gaskets', stage: 'Новая', opportunity: 500 });
    await dieAt(isIssueCreated);
    pair.editDeal(id, { opportunity: 700 });
    await dieAsItStores(nth);
    await liveOn();
    expect(pair.issues().filter(({ summary }) => summary === 'Gaskets')).toMatchObject([
      { budget: 700, dealNumber: id },
    ]);
  },
);

it('tells in the journal of a write that it finds only afterwards', async () => {
  await begin();
  const began = pair.world.clock.now();
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  await dieAt(isIssueWritten);
  await liveOn();
  const journal = await pair.world.store.journal({ limit: 10 });
  const own = journal.filter(({ field, at }) => field === 'Сумма' && at > began);
  expect(own.map(({ side, action, after }) => [side, action, after])).toEqual([['jira', 'update', '7000']]);
});

it('lets what was taken back at its source stay so where only the answer was lost', async () => {
  await begin();
  const { note } = pair.now().deal;
  pair.world.sandbox.jira.faults.replace([{ kind: 'drop-after', times: 1, match: { method: 'PUT' } }]);
  pair.world.watch((step) => {
    if (!isIssueWritten(step)) return;
    pair.world.watch(null);
    pair.editDeal(pair.dealId, { Примечание: note });
  });
  pair.editDeal(pair.dealId, { Примечание: 'deliver to gate 4' });
  await pair.world.run(2 * SWEEP);
  expect(pair.now()).toMatchObject({ issue: { note }, deal: { note } });
  expect(await pair.world.store.conflicts({ status: 'open' })).toEqual([]);
});

it('writes nothing while it cannot announce it, and everything once it can', async () => {
  await begin();
  pair.world.refuse(['announce'], new UnavailableError('the disk is full', 'Make room', { ambiguous: false }));
  pair.editDeal(pair.dealId, { opportunity: 7_000 });
  await pair.world.run(3_000);
  expect(pair.world.writes()).toEqual([]);
  pair.world.refuse([], new Error('nothing'));
  await pair.world.run(60_000);
  expect(pair.now().issue.budget).toBe(7_000);
});
