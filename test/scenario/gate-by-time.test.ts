// `sync-when` on the calendar: nobody sends an event when a day has come.
import { afterEach, expect, it } from 'vitest';
import { company, ONE_PAIR, office } from '../support/office.ts';
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

  await world.idle(12 * HOUR);
  expect(desk.issues()).toEqual([]);
  await world.idle(30 * HOUR);
  expect(desk.issues()).toMatchObject([{ due: '2026-12-13', dealNumber: '7001' }]);
  expect(await world.store.parked({})).toEqual([]);
});

it('goes on with a pair when the hour has come that it waits for, with what piled up meanwhile', async () => {
  const profile = PROCUREMENT.replace(
    /^sync-when: .*$/m,
    `sync-when: 'crm == null || crm.ufCrm_1747309876 == null || crm.ufCrm_1747309876 <= now'`,
  );
  world = await createWorld({ company: ONE_PAIR, profile });
  await world.settle();
  const desk = office(world);
  desk.editDeal('7001', { Согласовано: new Date(world.clock.now() + 2 * HOUR).toISOString() });
  await world.run(5_000);
  world.writes();
  desk.editIssue('10401', { duedate: '2027-02-02' });
  await world.run(5_000);
  expect((await world.store.counts('procurement')).links).toMatchObject({ active: 0, waiting: 1 });

  desk.webhooks('lost');
  await world.idle(HOUR);
  expect(world.writes()).toEqual([]);
  await world.idle(2.5 * HOUR);
  expect(world.writes()).toMatchObject([{ side: 'crm', id: '7001', fields: ['closedate'] }]);
  expect(desk.deal('7001').due).toBe('2027-02-02');
});
