// P2: what an initial load costs, counted. Both products take their time to answer, as products do, so that what is asked
// meanwhile shares requests. Webhooks are off: their echoes are counted elsewhere.
import { afterEach, describe, expect, it } from 'vitest';
import { printFormula } from '../support/formula.ts';
import { company, office } from '../support/office.ts';
import { patience } from '../support/patience.ts';
import { createWorld, type World } from '../support/world.ts';

const N = 1_000;
const ANSWER_MS = 80;
/** The budget against the least. */
const MOST = 1.1;

let world: World;
afterEach(() => world.stop());

const titles = Array.from({ length: N }, (_, at) => `Lot ${at + 1} of the spring order`);
const REQUESTS = company(
  titles.map((summary) => ({ summary })),
  [],
);
const DEALS = company(
  [],
  titles.map((title) => ({ title })),
);

/** Requests of the load, by what they are for; what is asked once at every start is left out. */
async function load(sample: typeof REQUESTS) {
  world = await createWorld({ company: sample });
  office(world).webhooks('lost');
  for (const side of [world.sandbox.jira, world.sandbox.bitrix24]) {
    side.faults.replace([{ match: {}, kind: 'delay', ms: ANSWER_MS }]);
  }
  await world.settle();
  expect([office(world).issues().length, office(world).deals().length]).toEqual([N, N]);
  const { jira, crm } = world.requests();
  const to = (method: string, path: RegExp) =>
    jira.filter((request) => request.method === method && path.test(request.path)).length;
  const about = (method: string) =>
    crm.filter(({ commands = [] }) => commands.some((one) => one.startsWith(method))).length;
  return {
    jira: {
      searches: to('POST', /search\/jql$/),
      fetches: to('POST', /bulkfetch$/),
      creates: to('POST', /issue(\/bulk)?$/),
      edits: to('PUT', /issue\/\d+$/),
    },
    crm: {
      lists: about('crm.item.list'),
      reads: about('crm.item.get') - about('crm.item.update'),
      creates: about('crm.item.add'),
      updates: about('crm.item.update'),
    },
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function expectWithin(what: string, formula: string, least: number, sent: number): void {
  printFormula(what, formula, least, sent);
  expect(sent).toBeLessThanOrEqual(least * MOST);
}

describe(`an initial load of ${N} records`, { timeout: patience(120_000) }, () => {
  it('into Bitrix24', async () => {
    const sent = await load(REQUESTS);
    expect(sent).toEqual({
      jira: { searches: 31, fetches: 2, creates: 0, edits: 1_000 },
      crm: { lists: 1, reads: 0, creates: 100, updates: 0 },
    });
    const jira = 'ceil(1000/100) lists + ceil(1000/50) reads + 1000 stamps';
    expectWithin('P2 into Bitrix24, Jira', jira, 10 + 20 + 1_000, sum(sent.jira));
    expectWithin('P2 into Bitrix24, Bitrix24', '1 list + ceil(1000/10) creates', 1 + 100, sum(sent.crm));
  });

  it('into Jira', async () => {
    const sent = await load(DEALS);
    expect(sent).toEqual({
      jira: { searches: 3, fetches: 18, creates: 100, edits: 0 },
      crm: { lists: 1, reads: 21, creates: 0, updates: 100 },
    });
    const jira = '1 list + ceil(1000/10) creates + ceil(1000/100) read-backs';
    expectWithin('P2 into Jira, Jira', jira, 1 + 100 + 10, sum(sent.jira));
    const crm = 'ceil(1000/2500) lists + ceil(1000/50) reads + ceil(1000/10) updates with the link to the issue';
    expectWithin('P2 into Jira, Bitrix24', crm, 1 + 20 + 100, sum(sent.crm));
  });
});
