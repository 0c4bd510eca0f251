// `sync-when` on the calendar: nobody sends an event when a day has come.
import { afterEach, expect, it } from 'vitest';
import { company, office } from '../support/office.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.stop());

const HOUR = 3_600_000;

it('creates the issue when the day has come that the deal waits for, though nothing happens to the deal', async () => {
  const profile = PROCUREMENT.replace(
    /^sync-when: .*$/m,
    `sync-when: 'crm == null || (crm.closedate != null && crm.closedate <= today + days(20))'`,
  );
  world = await createWorld({ company: company([], [{ closeDate: '2026-12-13' }]), profile });
  await world.settle();
  const desk = office(world);
  world.sandbox.bitrix24.product.configure({ webhookMode: 'lost' });
  const [parked] = await world.store.parked({});
  expect(parked).toMatchObject({ kind: 'waiting', reason: expect.stringContaining('today + days(20)') });

  await world.run(12 * HOUR);
  expect(desk.issues()).toEqual([]);
  await world.run(30 * HOUR);
  expect(desk.issues()).toMatchObject([{ due: '2026-12-13', dealNumber: '7001' }]);
  expect(await world.store.parked({})).toEqual([]);
});
