// A product that is away, or that refuses our credentials, stops only its own connection. Everybody can see why, no
// record is blamed, and when it is back everything arrives.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readinessOf, readStatus } from '../../src/work/status.ts';
import { differences } from '../support/office.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
let other: string;
beforeEach(async () => {
  pair = await createPair();
  other = pair.newDeal({ title: 'Фильтры', stage: 'Новая', opportunity: 1 });
  await pair.world.run(10_000);
  pair.world.writes();
});
afterEach(() => pair.stop());

const MINUTE = 60_000;

function partnerOf(deal: string) {
  const issue = pair.issues().find((candidate) => candidate.dealNumber === deal);
  if (issue === undefined) throw new Error(`deal ${deal} has no issue`);
  return issue;
}

function allAgree(): string[] {
  return pair.deals().flatMap((deal) => differences(partnerOf(deal.id), deal));
}

async function attempts(): Promise<number[]> {
  const rows = await Promise.all(
    pair.deals().map(({ id }) => pair.world.store.dirtyRow({ profile: 'procurement', side: 'crm', id })),
  );
  return rows.flatMap((row) => (row === null ? [] : [row.attempts]));
}

it.each([
  ['jira', { match: {}, kind: 'status', status: 503 }],
  ['jira', { match: {}, kind: 'drop-before' }],
  ['bitrix24', { match: {}, kind: 'status', status: 502 }],
  ['bitrix24', { match: {}, kind: 'html', status: 502 }],
] as const)('keeps everything that is edited while %s is away (%o)', async (product, fault) => {
  const { world } = pair;
  world.sandbox[product].faults.replace([fault]);
  for (let minute = 1; minute <= 10; minute += 1) {
    pair.editDeal(pair.dealId, { opportunity: minute * 100 });
    pair.editIssue(pair.issueId, { 'Customer note': `minute ${minute}` });
    pair.editDeal(other, { title: `Фильтры ${minute}` });
    await world.run(MINUTE);
  }
  expect(world.engine.health()[product]).toMatchObject({ state: 'paused' });
  expect(world.engine.health()[product === 'jira' ? 'bitrix24' : 'jira']).toEqual({ state: 'up' });
  const status = await readStatus(world.store);
  expect(status.connections[product]).toMatchObject({ state: 'paused' });
  expect(readinessOf(status).reasons.join(' ')).toContain(`The connection ${product} is paused`);
  expect(await world.store.parked({})).toEqual([]);
  expect(Math.max(0, ...(await attempts()))).toBeLessThanOrEqual(3);

  world.sandbox[product].faults.replace([]);
  await world.run(2 * MINUTE);
  expect(world.engine.health()[product]).toEqual({ state: 'up' });
  expect(allAgree()).toEqual([]);
  expect(pair.now()).toMatchObject({ issue: { budget: 1_000 }, deal: { note: 'minute 10' } });
  expect(await world.store.parked({})).toEqual([]);
  expect(await world.store.counts('procurement')).toMatchObject({ dirty: { live: 0, bulk: 0 } });
});

it('creates nothing twice when an outage begins in the middle of many creates', async () => {
  const { world } = pair;
  world.sandbox.jira.faults.replace([
    { match: { method: 'POST', path: '/\\/issue(\\/bulk)?$/' }, kind: 'drop-after', skip: 1, times: 3 },
  ]);
  const titles = Array.from({ length: 25 }, (_, index) => `Позиция ${index}`);
  for (const title of titles) pair.newDeal({ title, stage: 'Новая' });
  await world.run(20 * MINUTE);
  for (const title of titles)
    expect([title, pair.issues().filter((issue) => issue.summary === title).length]).toEqual([title, 1]);
  expect(allAgree()).toEqual([]);
  expect(await world.store.parked({})).toEqual([]);
});

it.each([
  ['jira', { revokeToken: true }, { revokeToken: false }],
  ['bitrix24', { revokeToken: '401' }, { revokeToken: 'no' }],
] as const)(
  'pauses %s when its credential is refused, and goes on by itself when it works again',
  async (product, off, on) => {
    const { world } = pair;
    world.sandbox[product].product.configure(off);
    pair.editDeal(pair.dealId, { opportunity: 500 });
    pair.editIssue(pair.issueId, { 'Customer note': 'locked out' });
    const fresh = pair.newDeal({ title: 'Ремни', stage: 'Новая' });
    await world.run(30 * MINUTE);
    const health = world.engine.health()[product];
    expect(health).toMatchObject({ state: 'paused' });
    if (health?.state === 'paused') expect(health.cure).not.toBe('');
    expect(await world.store.parked({})).toEqual([]);
    expect(await attempts()).toSatisfy((all: number[]) => all.every((count) => count === 0));
    // Probed now and then, not hammered.
    expect(world.requests()[product === 'jira' ? 'jira' : 'crm'].length).toBeLessThan(80);

    world.sandbox[product].product.configure(on);
    await world.run(6 * MINUTE);
    expect(world.engine.health()[product]).toEqual({ state: 'up' });
    expect(allAgree()).toEqual([]);
    expect(partnerOf(fresh).summary).toBe('Ремни');
    expect(pair.now()).toMatchObject({ issue: { budget: 500 }, deal: { note: 'locked out' } });
  },
);

it('blames only the record when one is forbidden to us', async () => {
  const { world } = pair;
  world.sandbox.jira.faults.replace([
    {
      match: { method: 'PUT', path: `/issue/${pair.issueId}` },
      kind: 'status',
      status: 403,
      body: { errorMessages: ['No'] },
    },
  ]);
  pair.editDeal(pair.dealId, { opportunity: 500 });
  pair.editDeal(other, { opportunity: 600 });
  await world.run(MINUTE);
  expect(partnerOf(other).budget).toBe(600);
  expect(await world.store.parked({})).toMatchObject([{ side: 'jira', id: pair.issueId, field: 'Сумма' }]);
  expect(world.engine.health()).toEqual({ jira: { state: 'up' }, bitrix24: { state: 'up' } });

  world.sandbox.jira.faults.replace([]);
  await world.store.retryParked({ profile: 'procurement' }, world.clock.now());
  world.engine.ring();
  await world.run(5_000);
  expect(allAgree()).toEqual([]);
});
