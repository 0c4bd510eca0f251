// The state is deleted while people go on working: the next start pairs the same records again, makes none twice, and where
// the two sides differ now it overwrites neither, because nobody can know any more which of them is older.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ask } from '../support/ask-world.ts';
import { byDepth, reportGoal } from '../support/cases.ts';
import { linkPairs, pairedCompany } from '../support/linked-pairs.ts';
import { office } from '../support/office.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

const PAIRS = byDepth(1_000, 50_000);
const NEW = 10;
const folder = temporaryFolders();

let world: World;
afterEach(() => world.stop());

it('pairs again what belongs together, and overwrites nothing', { timeout: byDepth(120_000, 3_600_000) }, async () => {
  const began = performance.now();
  const stateFile = join(folder(), 'state.db');
  world = await createWorld({ company: pairedCompany(PAIRS), stateFile });
  const desk = office(world);
  const [issues, deals] = [desk.issues(), desk.deals()];
  const pairs = issues.map((issue, at) => ({ at, issue: issue.id, deal: deals[at]?.id ?? '' }));
  for (const { at, issue, deal } of pairs) {
    desk.editIssue(issue, { 'Customer note': `note ${at}` });
    desk.editDeal(deal, { Примечание: `note ${at}` });
  }
  await linkPairs(world, PAIRS, PROCUREMENT);
  world.listen();
  await world.begin();
  await world.run(60_000);

  world.kill();
  const edited = { jira: (at: number) => at % 4 === 1 || at % 4 === 3, crm: (at: number) => at % 4 >= 2 };
  const shown = { jira: new Map<string, string>(), crm: new Map<string, string>() };
  for (const { at, issue, deal } of pairs) {
    if (edited.jira(at)) desk.editIssue(issue, { 'Customer note': `of Jira ${at}` });
    if (edited.crm(at)) desk.editDeal(deal, { Примечание: `of the CRM ${at}` });
    shown.jira.set(issue, edited.jira(at) ? `of Jira ${at}` : `note ${at}`);
    shown.crm.set(deal, edited.crm(at) ? `of the CRM ${at}` : `note ${at}`);
  }
  for (let at = 0; at < NEW; at += 1) {
    desk.newIssue({ summary: `Only in Jira ${at}` });
    desk.newDeal({ title: `Only in the CRM ${at}`, stage: 'Новая' });
  }
  world.loseState();
  await world.restart();
  await world.settle();
  expect(await ask(world, 'resync', { profile: 'procurement', force: true })).toMatchObject({ state: 'done' });
  await world.run(60_000);

  const records = { jira: desk.issues().length, crm: desk.deals().length };
  const wanted = PAIRS + 2 * NEW;
  const overwritten = [
    ...desk.issues().filter(({ id, note }) => shown.jira.has(id) && shown.jira.get(id) !== note),
    ...desk.deals().filter(({ id, note }) => shown.crm.has(id) && shown.crm.get(id) !== note),
  ];
  const missed = records.jira !== wanted || records.crm !== wanted || overwritten.length > 0;
  reportGoal(
    {
      goal: 'G13',
      what: 'the state deleted, then a resync',
      file: import.meta.url,
      reached: (links) => `0 duplicates, 0 silent overwrites at ${links.toLocaleString('en')} links`,
    },
    {
      cases: PAIRS,
      ms: performance.now() - began,
      reached: missed
        ? `${records.jira} issues and ${records.crm} deals of ${wanted}, ${overwritten.length} overwritten`
        : null,
    },
  );
  expect(records).toEqual({ jira: wanted, crm: wanted });
  expect(overwritten).toEqual([]);
  for (const link of await world.store.links('procurement', 0, PAIRS + 100)) {
    const at = pairs.findIndex(({ issue }) => issue === link.ids.jira);
    if (at >= 0) expect(link.ids.crm).toBe(pairs[at]?.deal);
  }
  // Whoever looks finds both values of each difference side by side.
  const open = await world.store.conflicts({ profile: 'procurement', status: 'open' });
  expect(open).toHaveLength(pairs.filter(({ at }) => at % 4 !== 0).length);
});
