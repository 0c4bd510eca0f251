// People delete, restore, hide, move and edit at random, the portal tells of it or not: what the daemon deletes is always
// the untouched partner of a record that was really deleted, and of which it was told.
import { afterEach, expect, it } from 'vitest';
import { seededRandom } from '../../src/ports.ts';
import { createPairs, type Pairs, withPolicy } from '../support/many-pairs.ts';

let office: Pairs;
afterEach(() => office.world.stop());

const MINUTE = 60_000;
const PAIRS = 60;
const TOUCHED = 18;
const ACTS = [
  'delete',
  'delete unheard',
  'delete and restore',
  'hide',
  'move',
  'delete, edit',
  'edit',
  'cut off',
] as const;

it.each([1, 2, 3, 4])('deletes nothing that it should not, seed %i', async (seed) => {
  office = await createPairs(PAIRS, { seed, profile: withPolicy('when-crm-gone: delete', 'allow-delete: true') });
  const { world } = office;
  const portal = world.sandbox.bitrix24.product;
  const random = seededRandom(seed);
  portal.configure({ variants: { 'recycle-restore': 'B' } });
  const doomed = new Set<string>();
  const hidden: number[] = [];
  for (const { jira, crm } of office.pairs.slice(0, TOUCHED)) {
    const act = ACTS[Math.floor(random.next() * ACTS.length)];
    switch (act) {
      case 'delete':
        office.remove('crm', crm);
        doomed.add(jira);
        break;
      case 'delete unheard':
        portal.configure({ webhookMode: 'lost' });
        office.remove('crm', crm);
        portal.configure({ webhookMode: 'normal' });
        break;
      case 'delete and restore':
        office.remove('crm', crm);
        await world.run(Math.floor(random.next() * 40_000));
        portal.configure({ restore: { entity: 'deal', id: Number(crm) } });
        break;
      case 'hide':
        hidden.push(Number(crm));
        portal.configure({ hiddenItems: { deal: hidden } });
        break;
      case 'move':
        office.editDeal(crm, { category: 'Общая' });
        break;
      case 'delete, edit':
        office.remove('crm', crm);
        office.editIssue(jira, { summary: `Edited ${jira}` });
        break;
      case 'edit':
        office.editDeal(crm, { title: `Edited ${crm}` });
        break;
      case 'cut off':
        portal.configure({ denyEntity: { deal: random.next() < 0.5 ? 'empty' : 'denied' } });
        office.editIssue(jira, { 'Customer note': 'while it sees nothing' });
        await world.run(Math.floor(random.next() * 3 * MINUTE));
        portal.configure({ denyEntity: null });
        break;
    }
    await world.run(Math.floor(random.next() * 90_000));
  }
  await world.idle(20 * MINUTE);
  await office.census();
  await world.idle(20 * MINUTE);
  const gone = office.pairs.map(({ jira }) => jira).filter((jira) => !office.exists('jira', jira));
  expect(gone.sort()).toEqual([...doomed].sort());
  expect(office.issues()).toHaveLength(PAIRS - doomed.size);
  expect(await office.halted()).toBeNull();
});
