// Our mark on an issue is a label that people see, and a property that proves it. A label alone pairs nothing.
import { afterEach, expect, it } from 'vitest';
import { company, office } from '../support/office.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.stop());

it('does not pair an issue with the deal that somebody typed into its labels', async () => {
  const sample = company([{ summary: 'Gaskets', labels: ['crm-deal-7001'] }], [{ title: 'Fans' }]);
  // The issue stays alone, so that it is there for the deal to be mistaken for its partner.
  world = await createWorld({ company: sample, profile: PROCUREMENT.replace('  crm: true', '  crm: false') });
  await world.settle();
  const desk = office(world);
  expect(desk.deals().map((deal) => deal.title)).toEqual(['Fans']);
  expect(desk.issues()).toMatchObject([
    { summary: 'Gaskets', dealNumber: null, proof: null },
    { summary: 'Fans', dealNumber: '7001', proof: 'crm-deal-7001' },
  ]);
  expect(await world.store.conflicts({})).toEqual([]);
});
