// Much is gone at once: deleted, hidden, or our account sees nothing any more. Only what was really deleted is given up,
// and only as far as the brake lets it.
import { afterEach, describe, expect, it } from 'vitest';
import { readinessOf, readStatus } from '../../src/work/status.ts';
import { createPairs, type Pairs, withPolicy } from '../support/many-pairs.ts';
import { fewer } from '../support/patience.ts';

let office: Pairs;
afterEach(() => office.world.stop());

const MINUTE = 60_000;
const PAIRS = 100;
/** Where no brake is about the share of them. */
const SOME = fewer(PAIRS, 3);
const GONE = 30;

const bitrix24 = () => office.world.sandbox.bitrix24.product;
const vanished = () => office.pairs.slice(0, GONE);

/** Nothing is given up, nothing written, nothing blamed. */
async function expectUntouched(): Promise<void> {
  const { world } = office;
  expect(world.writes()).toEqual([]);
  expect(await office.counts()).toEqual({ active: office.pairs.length });
  expect(await world.store.parked({})).toEqual([]);
  expect(await office.halted()).toBeNull();
}

async function expectAllInStep(): Promise<void> {
  office.editIssue(office.at(0).jira, { summary: 'Seen again' });
  await office.world.run(2 * MINUTE);
  expect(office.deal(office.at(0).crm).title).toBe('Seen again');
  expect(office.world.writes()).toHaveLength(1);
  expect((await readStatus(office.world.store)).profiles[0]?.lostSight).toBeNull();
}

describe('30 % of the deals are deleted', () => {
  it('halts the profile before it gives up more than the brake allows; accepting lets exactly that happen', async () => {
    office = await createPairs(PAIRS, {
      profile: withPolicy('when-crm-gone: delete', 'allow-delete: true'),
    });
    const { world } = office;
    for (const pair of vanished()) office.remove('crm', pair.crm);
    await world.run(5 * MINUTE);
    expect(await office.halted()).toContain('30 of 100 pairs are about to be given up');
    expect((await office.counts()).active).toBeGreaterThanOrEqual(PAIRS - 20);
    expect(office.issues().length).toBeGreaterThanOrEqual(PAIRS - 20);
    const { active } = await office.counts();

    // Everything of the profile waits, whatever happens.
    const last = office.at(PAIRS - 1);
    office.editIssue(last.jira, { summary: 'Waits' });
    await world.idle(3 * 60 * MINUTE);
    await office.resume(false);
    await world.run(10 * MINUTE);
    expect(office.deal(last.crm).title).not.toBe('Waits');
    expect((await office.counts()).active).toBe(active);

    await office.resume(true);
    await world.run(5 * MINUTE);
    expect(await office.counts()).toEqual({ active: PAIRS - GONE, gone: GONE });
    expect(office.issues()).toHaveLength(PAIRS - GONE);
    expect(office.deal(last.crm).title).toBe('Waits');
    expect(await office.halted()).toBeNull();

    // What was accepted is over: the brake begins to count anew.
    for (const pair of office.pairs.slice(GONE, GONE + 25)) office.remove('crm', pair.crm);
    await world.run(5 * MINUTE);
    expect(await office.halted()).toContain('25 of 100');
    expect(office.issues()).toHaveLength(PAIRS - GONE);
  });

  it('so does the same without a word of the product, found by the full pass', async () => {
    office = await createPairs(PAIRS);
    office.webhooks('lost');
    for (const pair of vanished()) office.remove('crm', pair.crm);
    await office.census();
    await office.world.run(5 * MINUTE);
    expect(await office.halted()).toContain('30 of 100 pairs');
    expect(await office.counts()).toEqual({ active: PAIRS });
    expect(office.world.writes()).toEqual([]);
  });

  it('a few are given up without anybody being asked', async () => {
    office = await createPairs(SOME);
    for (const pair of office.pairs.slice(0, 20)) office.remove('crm', pair.crm);
    await office.world.run(5 * MINUTE);
    expect(await office.halted()).toBeNull();
    expect(await office.counts()).toEqual({ active: SOME - 20, gone: 20 });
  });

  it('those that are restored in time do not count', async () => {
    office = await createPairs(SOME);
    bitrix24().configure({ variants: { 'recycle-restore': 'B' } });
    for (const pair of vanished()) office.remove('crm', pair.crm);
    await office.world.run(30_000);
    for (const pair of vanished()) bitrix24().configure({ restore: { entity: 'deal', id: Number(pair.crm) } });
    await office.world.run(10 * MINUTE);
    await expectUntouched();
    await expectAllInStep();
  });
});

describe('30 % of the deals are hidden from our account', () => {
  it('pauses the profile with what to do, and goes on when they can be seen again', async () => {
    office = await createPairs(SOME, { profile: withPolicy('when-crm-gone: delete', 'allow-delete: true') });
    const { world } = office;
    bitrix24().configure({ hiddenItems: { deal: vanished().map((pair) => Number(pair.crm)) } });
    await office.census();
    await world.run(10 * MINUTE);
    await expectUntouched();
    const status = await readStatus(world.store);
    expect(status.profiles[0]?.lostSight).toMatchObject({
      side: 'crm',
      reason: expect.stringContaining('refused to our account'),
    });
    expect(readinessOf(status).ready).toBe(false);
    expect(readinessOf(status).reasons.join()).toContain('Give the account of the daemon the right to read them again');

    bitrix24().configure({ hiddenItems: null });
    await world.run(10 * MINUTE);
    await expectUntouched();
    await expectAllInStep();
  });

  it('a single one waits alone, and nothing else does', async () => {
    office = await createPairs(SOME);
    const [hidden, open] = [office.at(0), office.at(1)];
    bitrix24().configure({ hiddenItems: { deal: [Number(hidden.crm)] } });
    await office.census();
    office.editIssue(hidden.jira, { summary: 'Hidden' });
    office.editIssue(open.jira, { summary: 'Open' });
    await office.world.run(10 * MINUTE);
    expect(office.deal(open.crm).title).toBe('Open');
    expect(await office.counts()).toEqual({ active: SOME });
    expect(await office.reasonOf('crm', hidden.crm)).toContain('may not be seen by our account');
    bitrix24().configure({ hiddenItems: null });
    await office.world.idle(70 * MINUTE);
    expect(office.deal(hidden.crm).title).toBe('Hidden');
  });
});

describe('our account sees nothing any more', () => {
  it.each([
    ['every list is empty and nothing is found', { revokeToken: 'empty-pages' }, { revokeToken: null }],
    ['the entity looks empty', { denyEntity: { deal: 'empty' } }, { denyEntity: null }],
    ['the entity is refused', { denyEntity: { deal: 'denied' } }, { denyEntity: null }],
  ] as const)('%s: nothing is concluded, and it heals by itself', async (_name, off, on) => {
    office = await createPairs(SOME, { profile: withPolicy('when-crm-gone: delete', 'allow-delete: true') });
    const { world } = office;
    bitrix24().configure(off);
    for (const pair of vanished()) office.editIssue(pair.jira, { 'Customer note': 'meanwhile' });
    await office.census().catch(() => {});
    await world.idle(60 * MINUTE);
    await expectUntouched();
    const status = await readStatus(world.store);
    expect(readinessOf(status).ready).toBe(false);
    expect(readinessOf(status).reasons.join()).toMatch(/lost its access|refused|right/);
    bitrix24().configure(on);
    await world.run(15 * MINUTE);
    for (const pair of vanished()) expect(office.deal(pair.crm).note).toBe('meanwhile');
    expect(await office.counts()).toEqual({ active: SOME });
    world.writes();
    await expectAllInStep();
  });

  it.each([
    ['bitrix24', { match: {}, kind: 'status', status: 403 }],
    ['bitrix24', { match: {}, kind: 'status', status: 401 }],
    ['jira', { match: {}, kind: 'status', status: 401 }],
  ] as const)('%s answers %o to everything: the connection pauses', async (product, fault) => {
    office = await createPairs(SOME, { profile: withPolicy('when-crm-gone: delete', 'allow-delete: true') });
    const { world } = office;
    world.sandbox[product].faults.replace([fault]);
    await office.census().catch(() => {});
    for (const pair of vanished()) office.editDeal(pair.crm, { Примечание: 'meanwhile' });
    await world.idle(30 * MINUTE);
    await expectUntouched();
    const health = world.engine.health()[product];
    expect(health).toMatchObject({ state: 'paused' });
    world.sandbox[product].faults.replace([]);
    await world.run(10 * MINUTE);
    expect(await office.counts()).toEqual({ active: SOME });
    for (const pair of vanished()) expect(office.issue(pair.jira).note).toBe('meanwhile');
  });

  it('issues of a hidden project are not taken for deleted', async () => {
    office = await createPairs(SOME, { profile: withPolicy('when-jira-gone: delete', 'allow-delete: true') });
    office.world.sandbox.jira.product.configure({ hiddenProjects: ['BUY'] });
    await office.census().catch(() => {});
    await office.world.idle(60 * MINUTE);
    await expectUntouched();
    office.world.sandbox.jira.product.configure({ hiddenProjects: [] });
    await office.world.run(15 * MINUTE);
    await expectAllInStep();
  });
});
