// The state is lost, and a record that an earlier life created has left the scope since: no list shows it any more.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { company, office } from '../support/office.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';
import { createWorld, type World } from '../support/world.ts';

const folder = temporaryFolders();
let world: World;
afterEach(() => world.stop());

async function lose(before: () => void = () => {}): Promise<void> {
  await world.clock.advance(3_600_000);
  before();
  world.loseState();
  await world.restart();
  await world.settle();
}

it('does not create a deal again whose first one is in another pipeline now, and pairs it when it comes back', async () => {
  world = await createWorld({ company: company([{}], []), stateFile: join(folder(), 'state.db') });
  await world.settle();
  const { issues, deals, editDeal } = office(world);
  const [deal] = deals();
  if (deal === undefined) throw new Error('no deal was created');
  editDeal(deal.id, { category: 'Общая' });
  await world.run(10_000);
  world.writes();
  await lose();
  expect(world.writes()).toEqual([]);
  expect(deals()).toHaveLength(0);
  const [parked] = await world.store.parked({ profile: 'procurement' });
  expect(parked).toMatchObject({ side: 'jira', kind: 'partner-lost' });
  expect(parked?.reason).toContain(deal.id);

  editDeal(deal.id, { category: 'Закупки', stage: 'Новая' });
  await world.run(6 * 60_000);
  expect(deals()).toHaveLength(1);
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
  expect(await world.store.parked({ profile: 'procurement' })).toEqual([]);
  const key = { profile: 'procurement', side: 'jira', id: issues()[0]?.id ?? '' } as const;
  expect(await world.store.linkOf(key)).toMatchObject({ ids: { crm: deal.id }, state: 'active' });
});

it('does not create a deal for an issue whose own deal is in another pipeline now, and pairs it when it comes back', async () => {
  world = await createWorld({ company: company([], [{}]), stateFile: join(folder(), 'state.db') });
  await world.settle();
  const { issues, deals, editDeal } = office(world);
  const [deal, issue] = [deals()[0], issues()[0]];
  if (deal === undefined || issue === undefined) throw new Error('no issue was created');
  editDeal(deal.id, { category: 'Общая' });
  await world.run(10_000);
  world.writes();
  await lose();
  expect(world.writes()).toEqual([]);
  expect(await world.store.parked({ profile: 'procurement' })).toMatchObject([
    { side: 'jira', id: issue.id, kind: 'partner-lost' },
  ]);

  editDeal(deal.id, { category: 'Закупки', stage: 'Новая' });
  await world.run(6 * 60_000);
  expect(world.writes().filter(({ what }) => what === 'create')).toEqual([]);
  expect(await world.store.parked({ profile: 'procurement' })).toEqual([]);
  const key = { profile: 'procurement', side: 'jira', id: issue.id } as const;
  expect(await world.store.linkOf(key)).toMatchObject({ ids: { crm: deal.id }, state: 'active' });
});

it('does not create it again either while the other side is still being read', async () => {
  world = await createWorld({ company: company([{}], []), stateFile: join(folder(), 'state.db') });
  await world.settle();
  const { deals, editDeal } = office(world);
  editDeal(deals()[0]?.id ?? '', { category: 'Общая' });
  await world.run(10_000);
  world.writes();
  await lose(() => {
    const slow = { match: { command: 'crm.item.list' }, kind: 'delay', ms: 20_000, times: 1 } as const;
    world.sandbox.bitrix24.faults.replace([slow]);
  });
  expect(world.writes()).toEqual([]);
  expect(deals()).toHaveLength(0);
  expect(await world.store.parked({ profile: 'procurement' })).toMatchObject([{ side: 'jira', kind: 'partner-lost' }]);
});

it('asks for no marks on a first start, where there are none', async () => {
  world = await createWorld({ company: company([{}, { summary: 'Bearings' }], []) });
  await world.settle();
  expect(office(world).deals()).toHaveLength(2);
  const asked = world.requests().crm.flatMap(({ commands, path }) => [path, ...(commands ?? [])]);
  expect(asked.filter((text) => text.includes('originId') && text.includes('filter'))).toEqual([]);
});
