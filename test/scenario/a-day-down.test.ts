// The daemon was down for a day while people worked. Afterwards everything is in step, the vendors' limits are kept, and
// what people edit meanwhile does not wait for the backlog.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { linkPairs, pairedCompany } from '../support/linked-pairs.ts';
import { differences, office } from '../support/office.ts';
import { fewer, patience } from '../support/patience.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

const PAIRS = fewer(1_500, 10);
const HOUR = 3_600_000;

const folder = temporaryFolders();
let world: World;
afterEach(() => world.stop());

it('catches up with three thousand edits of a day, and live edits overtake them', {
  timeout: patience(120_000),
}, async () => {
  world = await createWorld({
    company: pairedCompany(PAIRS + 20),
    limits: 'real',
    stateFile: join(folder(), 'state.db'),
  });
  await linkPairs(world, PAIRS + 20, PROCUREMENT);
  world.kill();
  const desk = office(world);
  const [issues, deals] = [desk.issues(), desk.deals()];
  for (let at = 0; at < PAIRS; at += 1) {
    desk.editIssue(issues[at]?.id ?? '', { 'Customer note': `note ${at}` });
    // One field of more than half of the pairs would be a case for the brake.
    desk.editDeal(deals[at]?.id ?? '', at % 2 === 0 ? { opportunity: 1_000 + at } : { title: `Lot ${at}, revised` });
    if (at % 100 === 0) await world.clock.advance(HOUR);
  }
  await world.clock.advance(HOUR);
  world.requests();

  world.listen();
  await world.restart();
  const latencies: number[] = [];
  for (let edit = 0; edit < 10; edit += 1) {
    await world.clock.runFor(3_000);
    const issue = issues[PAIRS + edit];
    if (issue === undefined) throw new Error('there are too few pairs');
    const at = world.clock.now();
    desk.editIssue(issue.id, { duedate: '2027-09-09' });
    const arrived = () => desk.deal(issue.dealNumber ?? '').due === '2027-09-09';
    while (!arrived() && world.clock.now() - at < 60_000) await world.clock.runFor(500);
    latencies.push(world.clock.now() - at);
  }
  expect(Math.max(...latencies)).toBeLessThanOrEqual(5_000);

  await world.run(10 * 60_000);
  const now = {
    issues: office(world).issues(),
    deals: new Map(
      office(world)
        .deals()
        .map((deal) => [deal.id, deal]),
    ),
  };
  const wrong = now.issues.flatMap((issue) => {
    const deal = now.deals.get(issue.dealNumber ?? '');
    return deal === undefined ? [`${issue.key} has no deal`] : differences(issue, deal);
  });
  expect(wrong).toEqual([]);
  const { jira, crm } = world.requests();
  const limited = [...jira, ...crm].filter((request) => request.status === 429 || request.status === 503);
  expect(limited.length).toBeLessThanOrEqual((jira.length + crm.length) / 1_000);
});
