// P2: what an initial load costs, counted. Both products take their time to answer, as products do, so that what is asked
// meanwhile shares requests. Webhooks are off: their echoes are counted elsewhere.
import { afterEach, describe, expect, it } from 'vitest';
import { printFormula } from '../support/formula.ts';
import { company, office } from '../support/office.ts';
import { fewer, patience } from '../support/patience.ts';
import { createWorld, type World } from '../support/world.ts';

const N = fewer(1_000);
/** Which asks share a request is then a matter of microseconds, which a server between them moves. */
const COUNTS_EXACTLY = N === 1_000;
const ANSWER_MS = 80;
/** The budget against the least. */
const MOST = 1.1;
/** Bulk work begins in groups; on servers each may leave one request of each of four kinds less than full. */
const GROUP = 100;
const LEFT_OVER = COUNTS_EXACTLY ? 0 : 4 * Math.ceil(N / GROUP);

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
  expect(sent).toBeLessThanOrEqual(least * MOST + LEFT_OVER);
}

describe(`an initial load of ${N} records`, { timeout: patience(120_000) }, () => {
  it('into Bitrix24', async () => {
    const sent = await load(REQUESTS);
    if (COUNTS_EXACTLY) {
      expect(sent).toEqual({
        jira: { searches: 31, fetches: 2, creates: 0, edits: 1_000 },
        crm: { lists: 2, reads: 0, creates: 100, updates: 0 },
      });
    }
    expect(sent.jira.edits).toBe(N);
    const jira = `ceil(${N}/100) lists + ceil(${N}/50) reads + ${N} stamps`;
    expectWithin('P2 into Bitrix24, Jira', jira, Math.ceil(N / 100) + Math.ceil(N / 50) + N, sum(sent.jira));
    const crm = `2 lists (one is the look before the creates) + ceil(${N}/10) creates`;
    expectWithin('P2 into Bitrix24, Bitrix24', crm, 2 + Math.ceil(N / 10), sum(sent.crm));
  });

  it('into Jira', async () => {
    const sent = await load(DEALS);
    if (COUNTS_EXACTLY) {
      expect(sent).toEqual({
        jira: { searches: 5, fetches: 18, creates: 100, edits: 0 },
        crm: { lists: 1, reads: 20, creates: 0, updates: 100 },
      });
    }
    const jira = `1 list + 2 for the look before the creates + ceil(${N}/10) creates + ceil(${N}/100) read-backs`;
    expectWithin('P2 into Jira, Jira', jira, 3 + Math.ceil(N / 10) + Math.ceil(N / 100), sum(sent.jira));
    const crm = `ceil(${N}/2500) lists + ceil(${N}/50) reads + ceil(${N}/10) updates with the link to the issue`;
    const least = Math.ceil(N / 2_500) + Math.ceil(N / 50) + Math.ceil(N / 10);
    expectWithin('P2 into Jira, Bitrix24', crm, least, sum(sent.crm));
  });
});
