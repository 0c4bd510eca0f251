// A profile went wrong for an hour: what it wrote is taken back, nobody's later edit is, and nothing is written again
// before somebody says so.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { UndoResult } from '../../src/work/undo.ts';
import { ask } from '../support/ask-world.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const DAY = 24 * 3_600_000;

async function undo(carryOut: boolean, since: number): Promise<UndoResult> {
  const { result } = await ask(pair.world, 'undo', { profile: 'procurement', since, carryOut });
  return result as UndoResult;
}

/** Jira's summary is written to the deal; answers when, and what the deal was called before. */
async function written(summary: string): Promise<{ since: number; before: unknown }> {
  const { world } = pair;
  const before = pair.now().deal.title;
  const since = world.clock.now();
  pair.editIssue(pair.issueId, { summary });
  await world.run(5_000);
  expect(pair.now().deal.title).toBe(summary);
  world.writes();
  return { since, before };
}

it('shows what it would set back and writes nothing', async () => {
  const { since, before } = await written('Wrong pump');
  const plan = await undo(false, since);
  expect(plan.pairs).toMatchObject([{ fields: [{ side: 'crm', what: 'can', before, after: 'Wrong pump' }] }]);
  await pair.world.run(5_000);
  expect(pair.world.writes()).toEqual([]);
  expect(pair.now().deal.title).toBe('Wrong pump');
});

it('sets the value back, tells it in the journal, and does not write the same again in a day of sweeps', async () => {
  const { since, before } = await written('Wrong pump');
  const { world } = pair;
  expect((await undo(true, since)).pairs).toMatchObject([{ fields: [{ what: 'undone' }] }]);
  expect(pair.now().deal.title).toBe(before);
  expect(pair.now().issue.summary).toBe('Wrong pump');
  expect(await world.store.journal({ limit: 1 })).toMatchObject([{ action: 'undo', after: before, cause: 'command' }]);
  expect(world.writes()).toHaveLength(1);
  await pair.resync();
  await world.idle(DAY);
  expect(world.writes()).toEqual([]);
  expect(await world.store.parked({})).toMatchObject([{ kind: 'undone' }]);
});

it('goes on with the value of the other side once the person lets it', async () => {
  const { since } = await written('Right pump after all');
  const { world } = pair;
  await undo(true, since);
  await world.store.retryParked({ profile: 'procurement' }, world.clock.now());
  world.engine.ring();
  await world.run(5_000);
  expect(pair.now().deal.title).toBe('Right pump after all');
  expect(await world.store.parked({})).toEqual([]);
});

it('asks a person when the side that was set back is edited: the other side has a value that was not carried over', async () => {
  const { since } = await written('Wrong pump');
  await undo(true, since);
  pair.editDeal(pair.dealId, { title: 'Pump by hand' });
  await pair.world.run(5_000);
  expect(pair.now()).toMatchObject({ issue: { summary: 'Wrong pump' }, deal: { title: 'Pump by hand' } });
  expect(await pair.world.store.conflicts({ status: 'open' })).toMatchObject([
    { values: { jira: 'Wrong pump', crm: 'Pump by hand' } },
  ]);
});

it('carries over the next edit of the side that was not written', async () => {
  const { since } = await written('Wrong pump');
  await undo(true, since);
  pair.editIssue(pair.issueId, { summary: 'Third pump' });
  await pair.world.run(5_000);
  expect(pair.now().deal.title).toBe('Third pump');
});

it('leaves alone what somebody changed since', async () => {
  const { since } = await written('Wrong pump');
  pair.webhooks('lost');
  pair.editDeal(pair.dealId, { title: 'Corrected by hand' });
  const result = await undo(true, since);
  expect(result.pairs).toMatchObject([{ fields: [{ what: 'changed' }] }]);
  expect(pair.now().deal.title).toBe('Corrected by hand');
  expect(await pair.world.store.parked({})).toEqual([]);
});

it('goes back over several writes to what stood there before the first', async () => {
  const first = await written('Wrong pump');
  await written('Still wrong pump');
  const result = await undo(true, first.since);
  expect(result.pairs).toMatchObject([
    { fields: [{ before: first.before, after: 'Still wrong pump', what: 'undone' }] },
  ]);
  expect(pair.now().deal.title).toBe(first.before);
});

it('knows one piece of work by its run, and says so where there is none', async () => {
  const { before } = await written('Wrong pump');
  const [entry] = await pair.world.store.journal({ limit: 1 });
  const undoRun = (run: string) => ask(pair.world, 'undo', { profile: 'procurement', run, carryOut: true });
  expect(await undoRun('nonsense')).toMatchObject({
    state: 'failed',
    result: { message: expect.stringContaining('no run nonsense') },
  });
  await undoRun(entry?.run ?? '');
  expect(pair.now().deal.title).toBe(before);
});

// Fault index, undo:7:time-out_after: the value that was set back passed for a person's edit and went over to Jira.
it('does not take its own write for an edit whose answer was lost, and sets back what did not arrive when asked again', async () => {
  const { since, before } = await written('Wrong pump');
  const { world } = pair;
  const lost = (kind: string) => [{ kind, match: { command: 'crm.item.update' }, times: 1 }];
  world.sandbox.bitrix24.faults.replace(lost('drop-before'));
  expect((await undo(true, since)).pairs).toMatchObject([{ fields: [{ what: 'left' }] }]);
  await world.run(5 * 60_000);
  expect([pair.now().issue.summary, pair.now().deal.title]).toEqual(['Wrong pump', 'Wrong pump']);
  expect(await world.store.parked({})).toEqual([]);

  world.sandbox.bitrix24.faults.replace(lost('drop-after'));
  await undo(true, since);
  await world.run(5 * 60_000);
  await pair.resync();
  expect([pair.now().issue.summary, pair.now().deal.title]).toEqual(['Wrong pump', before]);
  expect(await world.store.parked({})).toMatchObject([{ kind: 'undone' }]);
});
