// A profile is renamed, split in two, removed and brought back: links survive, nothing is created anew.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Link } from '../../src/state/store.ts';
import { company, differences, office } from '../support/office.ts';
import { profileWith } from '../support/one-pair.ts';
import { createWorld, type World } from '../support/world.ts';

const DAY = 24 * 60 * 60 * 1000;
const HYDROTECH = 'Hydrotech';

let world: World;
beforeEach(async () => {
  const lots = Array.from({ length: 12 }, (_, at) => ({
    name: `Lot ${at}`,
    distributor: at % 3 === 0 ? HYDROTECH : 'Rotor Trade',
  }));
  world = await createWorld({
    company: company(
      lots.map(({ name, distributor }) => ({ summary: name, distributor })),
      lots.slice(0, 9).map(({ name, distributor }) => ({ title: name, distributor })),
    ),
  });
  await world.settle();
  world.writes();
});
afterEach(() => world.stop());

type Ids = Link['ids'];
const linksOf = async (profile: string): Promise<readonly Link[]> => world.store.links(profile, 0, 100);
const idsOf = async (...profiles: string[]): Promise<Ids[]> => {
  const all = await Promise.all(profiles.map(linksOf));
  return all
    .flat()
    .flatMap(({ ids }) => [ids])
    .sort((a, b) => Number(a.jira) - Number(b.jira));
};

/** Everything is in step, nothing was created, and edits go over in both directions. */
async function expectAllWell(before: readonly Ids[]): Promise<void> {
  const { issues, deals, editIssue, editDeal } = office(world);
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
  expect(issues()).toHaveLength(12);
  expect(deals()).toHaveLength(12);
  for (const [at, ids] of before.entries()) {
    if (at % 2 === 0) editIssue(ids.jira, { Budget: 1_000 + at });
    else editDeal(ids.crm, { opportunity: 1_000 + at });
  }
  await world.run(10_000);
  for (const ids of before) {
    const [issue, deal] = [issues().find(({ id }) => id === ids.jira), deals().find(({ id }) => id === ids.crm)];
    if (!issue || !deal) throw new Error('a record of the pair is gone');
    expect(issue.budget).toBeGreaterThanOrEqual(1_000);
    expect(differences(issue, deal)).toEqual([]);
  }
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
  expect(await world.store.conflicts({ status: 'open' })).toEqual([]);
  expect(await world.store.parked({})).toEqual([]);
}

it('a renamed profile goes on with all it knows', async () => {
  const before = await linksOf('procurement');
  const result = await world.loadAll([profileWith([['name: procurement', 'name: buying\nwas: procurement']])]);
  expect(result.problems).toEqual([]);
  await world.run(10_000);
  expect(world.writes()).toEqual([]);
  const after = await linksOf('buying');
  expect(after.map(({ id, ids, base }) => ({ id, ids, base }))).toEqual(
    before.map(({ id, ids, base }) => ({ id, ids, base })),
  );
  expect(await linksOf('procurement')).toEqual([]);
  expect(await world.store.journal({ profile: 'buying', limit: 500 })).not.toEqual([]);
  await expectAllWell(await idsOf('buying'));
});

it('a profile that is renamed while it works loses nothing', async () => {
  const ids = await idsOf('procurement');
  const { editIssue, editDeal, newDeal, newIssue, issues, deals } = office(world);
  world.sandbox.bitrix24.faults.replace([
    { match: { command: 'crm.item.update' }, kind: 'delay', ms: 3_000, times: 3 },
  ]);
  for (const { jira } of ids.slice(0, 6)) editIssue(jira, { 'Customer note': 'under way' });
  for (const { crm } of ids.slice(6)) editDeal(crm, { opportunity: 77 });
  newDeal({ title: 'Gaskets', stage: 'Новая' });
  newIssue({ summary: 'Filters' });
  await world.clock.advance(300);
  await world.loadAll([profileWith([['name: procurement', 'name: buying\nwas: procurement']])]);
  await world.run(30_000);
  expect(await linksOf('procurement')).toEqual([]);
  expect(await linksOf('buying')).toHaveLength(14);
  expect(issues()).toHaveLength(14);
  expect(deals()).toHaveLength(14);
  for (const { crm } of ids.slice(0, 6)) expect(deals().find(({ id }) => id === crm)?.note).toBe('under way');
  for (const { jira } of ids.slice(6)) expect(issues().find(({ id }) => id === jira)?.budget).toBe(77);
});

it('refuses `was` while the old profile is still there', async () => {
  const both = [profileWith([]), profileWith([['name: procurement', 'name: buying\nwas: procurement']])];
  const { problems } = await world.loadAll(both);
  expect(problems.map(({ message }) => message).join()).toContain('there still is a profile "procurement"');
  expect(problems[0]?.cure).toContain('split');
  expect(await linksOf('procurement')).toHaveLength(12);
});

const SPLIT = [
  profileWith([
    ['name: procurement', 'name: procurement'],
    ['type: Purchase request', 'type: Purchase request\n  where: Distributor = "Rotor Trade"'],
    ['category: Закупки', 'category: Закупки, "Дистрибьютор по сделке": Rotor Trade'],
  ]),
  profileWith([
    ['name: procurement', 'name: hydrotech'],
    ['type: Purchase request', 'type: Purchase request\n  where: Distributor = Hydrotech'],
    ['category: Закупки', 'category: Закупки, "Дистрибьютор по сделке": Hydrotech'],
  ]),
];

it('a profile that is split in two gives each part the pairs of its records', async () => {
  const before = await idsOf('procurement');
  const known = new Map((await linksOf('procurement')).map((link) => [link.id, link.base]));
  const result = await world.loadAll(SPLIT);
  expect(result.problems).toEqual([]);
  await world.run(60_000);
  expect(world.writes()).toEqual([]);
  expect(await idsOf('procurement')).toHaveLength(8);
  expect(await idsOf('hydrotech')).toHaveLength(4);
  expect(await idsOf('procurement', 'hydrotech')).toEqual(before);
  for (const link of [...(await linksOf('procurement')), ...(await linksOf('hydrotech'))]) {
    expect(link).toMatchObject({ state: 'active', reason: null, base: known.get(link.id) });
  }
  await expectAllWell(before);
});

it('a profile that is replaced by two new ones leaves its links to them', async () => {
  const before = await idsOf('procurement');
  const [rotor = '', hydrotech = ''] = SPLIT;
  await world.loadAll([rotor.replace('name: procurement', 'name: rotor'), hydrotech]);
  await world.run(60_000);
  expect(world.writes()).toEqual([]);
  expect(await idsOf('rotor')).toHaveLength(8);
  expect(await idsOf('hydrotech')).toHaveLength(4);
  expect(await linksOf('procurement')).toEqual([]);
  await expectAllWell(before);
});

it('a removed profile sleeps: nothing is written, and brought back it catches up', async () => {
  const before = await idsOf('procurement');
  const { editIssue, editDeal, issues, deals } = office(world);
  await world.loadAll([]);
  editIssue(before[0]?.jira ?? '', { 'Customer note': 'while away' });
  editDeal(before[1]?.crm ?? '', { Примечание: 'in the meantime' });
  await world.idle(3 * DAY);
  expect(world.writes()).toEqual([]);
  expect(await idsOf('procurement')).toEqual(before);

  await world.loadAll([profileWith([])]);
  await world.run(10 * 60_000);
  expect(deals().find(({ id }) => id === before[0]?.crm)?.note).toBe('while away');
  expect(issues().find(({ id }) => id === before[1]?.jira)?.note).toBe('in the meantime');
  await expectAllWell(before);
});

it('after thirty days a removed profile is forgotten; brought back later it pairs by the marks and creates nothing', async () => {
  const before = await idsOf('procurement');
  await world.loadAll([]);
  world.clock.jump(31 * DAY);
  await world.loadAll([]);
  expect(await linksOf('procurement')).toEqual([]);
  await world.loadAll([profileWith([])]);
  await world.run(120_000);
  expect(await idsOf('procurement')).toEqual(before);
  await expectAllWell(before);
});

it('a profile of other records does not touch the links of a removed one', async () => {
  const before = await idsOf('procurement');
  await world.loadAll([
    profileWith([
      ['name: procurement', 'name: tasks'],
      ['type: Purchase request', 'type: Purchase request\n  where: labels = other'],
    ]),
  ]);
  await world.run(60_000);
  expect(await idsOf('procurement')).toEqual(before);
  expect(await linksOf('tasks')).toEqual([]);
  // Deals whose issue is outside of the new scope have their partner: they get no second one.
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
  expect(office(world).issues()).toHaveLength(12);
});
