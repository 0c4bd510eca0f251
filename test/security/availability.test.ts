// T21 and T25: who shouts is heard once, and the others are heard all the same; a daemon that dies and starts again all day
// asks the products for little more than one that lives.
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reportGoal } from '../support/cases.ts';
import { company } from '../support/office.ts';
import { createPair, type Pair } from '../support/one-pair.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const folderOf = temporaryFolders();
const pairs: Pair[] = [];
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.stop();
});

async function twoPairs(more: Parameters<typeof createPair>[0] = {}) {
  const others = { summary: 'Bearings for the test bench', title: 'Bearings for the test bench' };
  const pair = await createPair({ company: company([{}, others], [{}, others]), ...more });
  pairs.push(pair);
  const other = pair.issues().find((issue) => issue.id !== pair.issueId);
  if (other?.dealNumber == null) throw new Error('there is no second pair');
  return { pair, world: pair.world, other: { issue: other.id, deal: other.dealNumber } };
}

describe('a record that changes without end (T21)', () => {
  it('costs a bounded number of requests, and its neighbour is as fast as ever', async () => {
    const began = performance.now();
    const { pair, world, other } = await twoPairs();
    // Five edits a second for a minute, each told five times over.
    world.disturb({ copies: 5, withinMs: 3_000, seed: 7 });
    const waits: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      for (let edit = 0; edit < 5; edit += 1) {
        pair.editIssue(pair.issueId, { summary: `Seals ${second}-${edit}` });
        await world.clock.advance(200);
      }
      if (second % 10 !== 5) continue;
      const title = `Bearings ${second}`;
      pair.editIssue(other.issue, { summary: title });
      const from = world.clock.now();
      while (pair.deal(other.deal).title !== title && world.clock.now() < from + 30_000) await world.clock.advance(100);
      waits.push(world.clock.now() - from);
    }
    await world.run(60_000);
    const { jira, crm } = world.requests();
    const writes = world.writes();
    expect(pair.now().deal.title).toBe('Seals 59-4');
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
    // 300 edits were told 1,500 times; each read answers for all hints that came before it.
    expect(writes.filter(({ side }) => side === 'jira')).toEqual([]);
    expect(writes.length).toBeLessThanOrEqual(320);
    expect(jira.length + crm.length).toBeLessThan(600);
    const proof = { goal: 'T21', what: 'a record that changes without end', file: import.meta.url };
    const reached = () =>
      `neighbour after ${Math.max(...waits)} ms; ${jira.length + crm.length} requests for 1,500 hints`;
    reportGoal({ ...proof, reached }, { cases: 1_500, ms: performance.now() - began, reached: null });
  });

  it('that came from outside with ids nobody has costs one look each, and no write', async () => {
    const { pair, world } = await twoPairs();
    world.requests();
    for (let id = 0; id < 300; id += 1) {
      const mark = { profile: 'procurement', side: 'jira', id: String(900_000 + id), lane: 'live' } as const;
      await world.store.acceptDelivery(null, [{ ...mark, cause: 'webhook', version: null }], world.clock.now());
    }
    world.engine.ring();
    await world.run(120_000);
    const { jira, crm } = world.requests();
    expect(world.writes()).toEqual([]);
    expect(jira.length + crm.length).toBeLessThan(1_000);
    expect(pair.issues()).toHaveLength(2);
  });
});

describe('a daemon that dies again and again (T25)', () => {
  it('fifty times, asks for little each time and never for everything', async () => {
    const began = performance.now();
    const records = Array.from({ length: 60 }, (_, at) => ({ summary: `Pump ${at}`, title: `Pump ${at}` }));
    const pair = await createPair({ company: company(records, records), stateFile: join(folderOf(), 'state.db') });
    pairs.push(pair);
    const { world } = pair;
    world.requests();
    const lives: number[] = [];
    for (let life = 0; life < 50; life += 1) {
      world.kill();
      await world.restart();
      await world.clock.advance([0, 5, 50, 500, 3_000][life % 5] ?? 0);
      const { jira, crm } = world.requests();
      lives.push(jira.length + crm.length);
    }
    expect(world.writes()).toEqual([]);
    // To load a profile takes some requests for fields, people and limits; sixty pairs are never read for it.
    const most = Math.max(...lives);
    expect(most).toBeLessThan(30);
    await world.run(600_000);
    expect(world.fatal).toEqual([]);
    const proof = { goal: 'T25', what: 'requests of 50 killed lives', file: import.meta.url };
    const reached = () => `at most ${most} a life`;
    reportGoal({ ...proof, reached }, { cases: 50, ms: performance.now() - began, reached: null });
  });
});
