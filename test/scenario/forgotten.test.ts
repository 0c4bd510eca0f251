// A person asks to be erased: the state forgets the pair for good, and does not learn it again from the next sweep.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetByHand } from '../../src/sync/by-hand.ts';
import { createPair, type Pair } from '../support/one-pair.ts';

let pair: Pair;
beforeEach(async () => {
  pair = await createPair();
});
afterEach(() => pair.stop());

const DAY = 24 * 3_600_000;

it('knows nothing of the pair afterwards, whatever the two records show, and writes to neither', async () => {
  const { world } = pair;
  const deal = pair.newDeal({ title: 'Pump for Irina Ivanova', stage: 'Новая', opportunity: 700 });
  await world.run(10_000);
  const key = { profile: 'procurement', side: 'crm', id: deal } as const;
  const issue = (await world.store.linkOf(key))?.ids.jira ?? '';
  expect(issue).not.toBe('');

  const done = world.engine.byHand(key, (claim, context) => forgetByHand(claim, key, context));
  expect(await world.clock.until(done)).toMatchObject({ outcome: 'unmatched' });
  world.writes();
  pair.editDeal(deal, { title: 'Pump for Irina Petrova' });
  pair.editIssue(issue, { summary: 'Pump for somebody else' });
  await world.run(10_000);
  world.sandbox.jira.product.configure({ webhookMode: 'lost' });
  await world.idle(DAY);

  expect(world.writes()).toEqual([]);
  expect(await world.store.linkOf(key)).toBeNull();
  expect(await world.store.journal({ profile: 'procurement', limit: 1_000 })).not.toContainEqual(
    expect.objectContaining({ recordId: issue }),
  );
  const named = await world.store.findRecord('procurement', deal);
  expect(named).toBeNull();
});
