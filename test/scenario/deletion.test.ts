// A record that is gone: what it takes to believe it, and what the profile then does with its partner.
import { afterEach, describe, expect, it } from 'vitest';
import { pairedCompany } from '../support/linked-pairs.ts';
import { type Office, office } from '../support/office.ts';
import { createWorld, PROCUREMENT, type World } from '../support/world.ts';

let world: World;
let desk: Office;
afterEach(() => world.stop());

const MINUTE = 60_000;

async function begin(pairs: number, policy = ''): Promise<void> {
  world = await createWorld({
    company: pairedCompany(pairs),
    profile: PROCUREMENT.replace('fields:', `${policy}\nfields:`),
  });
  desk = office(world);
  await world.settle();
  world.writes();
}

function remove(side: 'jira' | 'crm', id: string): void {
  if (side === 'jira') world.sandbox.jira.product.edit({ op: 'delete', in: 'BUY', id });
  else world.sandbox.bitrix24.product.edit({ op: 'delete', in: 'deal', id });
}

async function linkOf(side: 'jira' | 'crm', id: string) {
  const link = await world.store.linkOf({ profile: 'procurement', side, id });
  if (link === null) throw new Error(`${side} ${id} is not linked`);
  return link;
}

/** The n-th pair. */
async function pairAt(at: number) {
  const issue = desk.issues()[at];
  if (issue === undefined) throw new Error(`no pair ${at}`);
  const { ids } = await linkOf('jira', issue.id);
  return ids;
}

describe('a deleted record', () => {
  it.each(['jira', 'crm'] as const)(
    'on the %s side unlinks after a second look, and nothing is written',
    async (side) => {
      await begin(3);
      const pair = await pairAt(0);
      remove(side, pair[side]);
      await world.run(30_000);
      expect(await linkOf(side, pair[side])).toMatchObject({
        state: 'active',
        reason: expect.stringContaining('once more'),
      });
      await world.run(MINUTE);
      expect(await linkOf(side, pair[side])).toMatchObject({
        state: 'gone',
        reason: expect.stringContaining('was deleted'),
      });
      await world.run(20 * MINUTE);
      expect(world.writes()).toEqual([]);
      expect(await world.store.parked({})).toEqual([]);
    },
  );
});
