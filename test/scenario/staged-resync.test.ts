// Going live in steps: pairs first, then a few writes, then all of it; and a resync that is cut off goes on where it was.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ResyncProgress } from '../../src/work/commands.ts';
import { ask } from '../support/ask-world.ts';
import { pairedCompany } from '../support/linked-pairs.ts';
import { company, differences, office } from '../support/office.ts';
import { createPair } from '../support/one-pair.ts';
import { fewer } from '../support/patience.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { createWorld, type World } from '../support/world.ts';

const folder = temporaryFolders();
let world: World;
afterEach(() => world.stop());

const HOUR = 3_600_000;
const PAGE = 100;
/** More than one page of them. */
const PAIRS = fewer(240, 2);
/** Where both of a pair were begun with at once, the one that has to wait comes back after some seconds. */
const BUSY_MS = 30_000;
const stateFile = () => join(folder(), 'state.db');

async function resync(args: Readonly<Record<string, unknown>>): Promise<ResyncProgress> {
  const { state, result } = await ask(world, 'resync', { profile: 'procurement', ...args });
  expect(state).toBe('done');
  return result as ResyncProgress;
}

/** Six pairs whose budgets are missing on one side, and three records on each side that belong to nobody. */
function unevenCompany() {
  const lots = Array.from({ length: 6 }, (_, at) => `Lot ${at}`);
  const alone = Array.from({ length: 3 }, (_, at) => at);
  return company(
    [...lots, ...alone.map((at) => `Only in Jira ${at}`)].map((summary) => ({ summary })),
    [...lots, ...alone.map((at) => `Only in the CRM ${at}`)].map((title) => ({ title, distributor: null })),
  );
}

it('pairs everything and writes nothing with --match-only, then writes as much as --limit says, then the rest', async () => {
  world = await createWorld({ company: unevenCompany(), staged: true, stateFile: stateFile() });
  await world.settle();
  const { issues, deals } = office(world);
  const matched = await resync({ limit: 0 });
  expect(world.writes()).toEqual([]);
  const links = await world.store.links('procurement', 0, 100);
  expect(links).toHaveLength(6);
  expect(matched).toMatchObject({ phase: 'done', staged: { writes: 0, heldBack: 12 }, left: 18 });
  expect(await world.store.dirtyRow({ profile: 'procurement', side: 'jira', id: issues()[8]?.id ?? '' })).toMatchObject(
    {
      reason: expect.stringContaining('held back'),
      attempts: 0,
    },
  );

  // A day of sweeps later nothing has moved.
  await world.idle(24 * HOUR);
  expect(world.writes()).toEqual([]);

  const some = await resync({ limit: 5 });
  const written = world.writes();
  expect(written.length).toBeGreaterThan(0);
  expect(some.staged?.writes).toBeLessThanOrEqual(5);
  expect(some.staged?.heldBack).toBeGreaterThan(0);
  const touched = new Set(written.map(({ side, id }) => `${side} ${id}`));
  expect(touched.size).toBeLessThanOrEqual(5);

  // The daemon goes live with what is left.
  await world.restart();
  await world.settle();
  expect(issues()).toHaveLength(12);
  expect(deals()).toHaveLength(12);
  for (const issue of issues()) {
    const deal = deals().find(({ id }) => id === issue.dealNumber);
    if (deal === undefined) throw new Error(`${issue.key} has no deal`);
    expect(differences(issue, deal)).toEqual([]);
  }
});

it('syncs a record that a person names, or links, and nothing besides', async () => {
  world = await createWorld({ company: unevenCompany(), staged: true });
  await world.settle();
  await resync({ limit: 0 });
  const { issues, deals } = office(world);
  const [lot] = issues();
  const alone = issues()[6];
  const key = { profile: 'procurement', side: 'jira', id: lot?.id ?? '' } as const;
  expect(await ask(world, 'sync', { profile: 'procurement', key })).toMatchObject({ result: { outcome: 'linked' } });
  const ids = { jira: alone?.id, crm: deals()[6]?.id };
  expect(await ask(world, 'link', { profile: 'procurement', ids })).toMatchObject({ result: { outcome: 'linked' } });
  await world.run(15 * 60_000);
  const touched = new Set(world.writes().map(({ side, id }) => `${side} ${id}`));
  expect([...touched].sort()).toEqual(
    [`crm ${deals()[0]?.id}`, `crm ${ids.crm}`, `jira ${lot?.id}`, `jira ${ids.jira}`].sort(),
  );
});

it('limits the resync, not the edits of people, when the daemon runs', async () => {
  world = await createWorld({ company: pairedCompany(12) });
  await world.settle();
  world.writes();
  const { issues, deals, editIssue, webhooks } = office(world);
  webhooks('lost');
  for (const { id } of issues()) editIssue(id, { 'Customer note': 'from the resync' });
  webhooks('normal');
  // Until search shows them, and before the next sweep does.
  await world.clock.advance(30_000);
  const args = { profile: 'procurement', limit: 4 };
  const { result } = await ask(world, 'resync', args);
  expect(result).toMatchObject({ staged: { writes: 4, heldBack: 8 }, left: 8 });
  expect(world.writes()).toHaveLength(4);

  const waiting = issues().filter(({ dealNumber }) => deals().find(({ id }) => id === dealNumber)?.note === null);
  expect(waiting).toHaveLength(8);
  editIssue(waiting[0]?.id ?? '', { Budget: 9 });
  await world.run(15 * 60_000);
  expect(deals().filter(({ note }) => note === 'from the resync')).toHaveLength(5);
  expect(await resync({})).toMatchObject({ staged: null, left: 0 });
  expect(deals().filter(({ note }) => note === 'from the resync')).toHaveLength(12);
});

it('looks only at what was changed since the time that --since names', async () => {
  const pair = await createPair({ company: pairedCompany(10) });
  world = pair.world;
  const [first, second] = pair.issues();
  await world.clock.advance(5 * HOUR);
  const since = world.clock.now() - HOUR;
  pair.webhooks('lost');
  pair.editIssue(first?.id ?? '', { 'Customer note': 'new' });
  pair.editDeal(second?.dealNumber ?? '', { Примечание: 'new too' });
  await world.clock.advance(30_000);
  const done = await resync({ since });
  expect(done.marked).toBe(2);
  expect(done.seen.jira + done.seen.crm).toBe(2);
  expect(pair.deal(first?.dealNumber ?? '').note).toBe('new');
  expect(pair.issue(second?.id ?? '').note).toBe('new too');
});

/** Counts the pages of Jira's list that are asked for; `killAt`: that one is the daemon's last request. */
function watchPages(killAt: number): { pages: number } {
  const seen = { pages: 0 };
  world.watch((step) => {
    if (step.kind !== 'request' || step.side !== 'jira' || !step.request.path.endsWith('/search/jql')) return;
    const { jql } = JSON.parse(Buffer.from(step.request.body).toString()) as { jql: string };
    if (!jql.endsWith('ORDER BY id ASC') || jql.includes(' in (')) return;
    seen.pages += 1;
    if (seen.pages === killAt) world.kill();
  });
  return seen;
}

it('goes on where it was when the first match pass is cut off', async () => {
  world = await createWorld({ company: pairedCompany(PAIRS), stateFile: stateFile() });
  const first = watchPages(2);
  await world.settle();
  expect(first.pages).toBe(2);
  expect((await world.store.counts('procurement')).links.active).toBe(0);

  const second = watchPages(0);
  await world.restart();
  await world.settle();
  await world.run(BUSY_MS);
  // One page was kept.
  expect(second.pages).toBe(Math.ceil(PAIRS / PAGE) - 1);
  expect((await world.store.counts('procurement')).links.active).toBe(PAIRS);
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
});

it('goes on where it was when a resync is cut off and asked for again', async () => {
  world = await createWorld({ company: pairedCompany(PAIRS), stateFile: stateFile() });
  await world.settle();
  await world.run(BUSY_MS);
  const { issues, editIssue, webhooks } = office(world);
  webhooks('lost');
  for (const { id } of issues()) editIssue(id, { 'Customer note': 'seen by the resync' });
  await world.clock.advance(60_000);
  const first = watchPages(2);
  ask(world, 'resync', { profile: 'procurement' }).catch(() => {});
  for (let rounds = 0; rounds < 200 && first.pages < 2; rounds += 1) await world.clock.runFor(100);
  expect(first.pages).toBe(2);
  world.watch(null);

  await world.restart();
  const done = await resync({});
  expect(done.left).toBe(0);
  expect(done.seen.jira).toBe(PAIRS - PAGE);
  const notes = office(world)
    .deals()
    .map(({ note }) => note);
  expect(notes.filter((note) => note === 'seen by the resync')).toHaveLength(PAIRS);

  // A pass that has ended leaves nothing behind: the next one reads all again.
  expect((await resync({})).seen).toEqual({ jira: PAIRS, crm: PAIRS });
});
