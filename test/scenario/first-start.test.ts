// On the first start both sides are read, what belongs together is paired, and only then the missing is created.
import { afterEach, expect, it } from 'vitest';
import { company, differences, office } from '../support/office.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.stop());

const DAY = 24 * 60 * 60 * 1000;

async function resync(force: boolean): Promise<void> {
  const profile = [...world.profiles.current().values()][0];
  if (profile === undefined) throw new Error('no profile runs');
  const pass = { pass: 'all', cause: 'resync', lane: 'bulk', force } as const;
  await world.clock.until(world.engine.sweeper.run(profile, pass));
  await world.run(5_000);
}

it('pairs what exists on both sides and creates what one of them lacks, once', async () => {
  world = await createWorld({
    company: company(
      [{}, { summary: 'Bearings for the test bench', distributor: null, labels: [], status: 'In Progress' }],
      [
        { title: '12 SHAFT SEALS for pump station 4 ' },
        { title: 'Насос ЦНС для Тюмени', stage: 'В работе', tags: ['срочно нужно'], urgent: true },
        { title: 'Черновик сделки', stage: 'Черновик' },
      ],
    ),
  });
  await world.settle();
  const { issues, deals } = office(world);

  expect(issues()).toHaveLength(3);
  expect(deals()).toHaveLength(4);
  for (const issue of issues()) {
    const partners = deals().filter((deal) => deal.id === issue.dealNumber);
    expect(partners).toHaveLength(1);
  }
  const [seals, bearings, pump] = issues();
  if (!seals || !bearings || !pump) throw new Error('three issues');
  const partner = (issue: typeof seals) => deals().find((deal) => deal.id === issue.dealNumber) as never;
  expect(partner(seals)).toMatchObject({ id: '7001', origin: `issue-${seals.id}` });
  expect(differences(bearings, partner(bearings))).toEqual([]);
  expect(partner(bearings)).toMatchObject({ origin: `issue-${bearings.id}`, stage: 'В работе' });
  expect(differences(pump, partner(pump))).toEqual([]);
  expect(pump).toMatchObject({ mark: 'crm-deal-7002', proof: 'crm-deal-7002', dealNumber: '7002', urgent: 'Yes' });

  const counts = await world.store.counts('procurement');
  expect(counts.links).toMatchObject({ active: 3, waiting: 0, gone: 0 });
  const writes = world.writes();
  expect(writes.filter((write) => write.what === 'create').map((write) => write.side)).toEqual(['crm', 'jira']);
  // Titles that differ by case are equal to the match rule, not to the field: a person decides.
  const conflicts = await world.store.conflicts({ profile: 'procurement' });
  expect(conflicts).toMatchObject([{ field: 'Название', base: null, outcome: 'held', status: 'open' }]);
  expect(writes.filter((write) => write.fields.includes('summary') && write.what === 'update')).toEqual([]);
});

it('says of a draft that it waits, and for what', async () => {
  world = await createWorld({ company: company([], [{ stage: 'Черновик' }]) });
  await world.settle();
  expect(office(world).issues()).toHaveLength(0);
  expect(world.writes()).toEqual([]);
  const [row, ...others] = await world.store.parked({ profile: 'procurement' });
  expect(others).toEqual([]);
  expect(row).toMatchObject({ side: 'crm', id: '7001', field: '', kind: 'waiting' });
  expect(row?.reason).toContain('sync-when');
});

it('writes nothing in a second resync and in a day of sweeps', async () => {
  world = await createWorld({ issues: 12, deals: 15 });
  await world.settle();
  const counts = await world.store.counts('procurement');
  expect(counts.links.active).toBeGreaterThan(15);
  world.writes();

  await resync(false);
  await resync(true);
  expect(world.writes()).toEqual([]);
  const { deals, issues } = office(world);
  const before = JSON.stringify([issues(), deals()]);
  await world.idle(DAY);
  expect(world.writes()).toEqual([]);
  expect(JSON.stringify([issues(), deals()])).toBe(before);
  expect(await world.store.counts('procurement')).toEqual(counts);
});
