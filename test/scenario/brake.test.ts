// A profile that overwrites far more than people usually change is halted; a person may also hold one.
import { afterEach, expect, it } from 'vitest';
import { createPairs, type Pairs } from '../support/many-pairs.ts';
import { fewer } from '../support/patience.ts';

let office: Pairs;
afterEach(() => office.world.stop());

const MINUTE = 60_000;
/** The brake is about profiles of more than a hundred pairs. */
const PAIRS = fewer(120, 2, 102);

/** How many deals show what their issue says. */
function carried(): number {
  return office.pairs.filter(({ jira, crm }) => office.issue(jira).summary === office.deal(crm).title).length;
}

it('halts when one field is about to be overwritten in more than half of the pairs, and goes on when that is accepted', async () => {
  office = await createPairs(PAIRS);
  const { world } = office;
  for (const [at, { jira }] of office.pairs.entries()) {
    if (at < 100) office.editIssue(jira, { summary: `Renamed by a script ${at}` });
    if (at % 10 === 0) await world.run(20_000);
  }
  await world.run(10 * MINUTE);
  expect(await office.halted()).toContain(
    `"Название" is about to be overwritten in ${PAIRS / 2 + 1} of ${PAIRS} pairs`,
  );
  expect(carried()).toBeGreaterThanOrEqual(PAIRS / 2);
  expect(carried()).toBeLessThan(PAIRS);
  expect(await world.store.parked({})).toEqual([]);

  await office.resume(true);
  await world.run(10 * MINUTE);
  expect(await office.halted()).toBeNull();
  expect(carried()).toBe(PAIRS);
});

it('lets half of the pairs change in an hour, and the other half in the next', async () => {
  office = await createPairs(PAIRS);
  const { world } = office;
  for (const { jira } of office.pairs.slice(0, PAIRS / 2)) office.editIssue(jira, { summary: `First half ${jira}` });
  await world.idle(65 * MINUTE);
  for (const { jira } of office.pairs.slice(PAIRS / 2)) office.editIssue(jira, { summary: `Second half ${jira}` });
  await world.run(5 * MINUTE);
  expect(await office.halted()).toBeNull();
  expect(carried()).toBe(PAIRS);
});

it('does not mind a first value, a new pair, or a few pairs', async () => {
  office = await createPairs(PAIRS);
  const { world } = office;
  for (const { jira } of office.pairs) office.editIssue(jira, { 'Customer note': `note ${jira}` });
  for (let at = 0; at < 30; at += 1) office.newDeal({ title: `Neu ${at}`, stage: 'В работе', opportunity: at });
  await world.run(5 * MINUTE);
  expect(await office.halted()).toBeNull();
  for (const { jira, crm } of office.pairs) expect(office.deal(crm).note).toBe(`note ${jira}`);
  expect(office.issues()).toHaveLength(PAIRS + 30);
});

it('a paused profile does nothing until it is resumed, and has lost nothing then', async () => {
  office = await createPairs(3);
  const { world } = office;
  await world.store.holdProfile('procurement', 'paused', 'the pipeline is being rebuilt');
  office.editIssue(office.at(0).jira, { summary: 'Waits' });
  office.newDeal({ title: 'Фильтры', stage: 'Новая' });
  await world.idle(60 * MINUTE);
  expect(world.writes()).toEqual([]);
  expect(office.issues()).toHaveLength(3);
  const reasons = world.reports.map((report) => report.why);
  expect(reasons.at(-1)).toContain('the profile is paused: the pipeline is being rebuilt');

  await office.resume(false);
  await world.run(10 * MINUTE);
  expect(carried()).toBe(3);
  expect(office.issues()).toHaveLength(4);
});
