// A new pair is written to before it gets its stamp, and the stamp may not go through.
import { afterEach, expect, it } from 'vitest';
import { company, office } from '../support/office.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.stop());

it('has its writes on record, and gets its stamp later', async () => {
  world = await createWorld({ company: company([{ labels: ['pumps'] }], [{ tags: [] }]) });
  world.sandbox.bitrix24.faults.replace([
    { match: { command: 'crm.item.update' }, kind: 'status', status: 503, skip: 1, times: 1 },
  ]);
  await world.settle();
  await world.run(60_000);
  const [[issue], [deal]] = [office(world).issues(), office(world).deals()];
  expect(deal?.tags).toEqual(['pumps']);
  const written = await world.store.journal({ profile: 'procurement', limit: 10 });
  expect(written.filter(({ field }) => field === 'Метки')).toMatchObject([
    { side: 'crm', before: null, after: ['pumps'] },
  ]);
  const link = await world.store.linkOf({ profile: 'procurement', side: 'jira', id: issue?.id ?? '' });
  expect(link).toMatchObject({ ids: { crm: deal?.id }, reason: null });
  const stamps = world.writes().filter(({ side, fields }) => side === 'crm' && fields.includes('originId'));
  expect(stamps).toHaveLength(2);
});
