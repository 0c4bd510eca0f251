import { expect, it } from 'vitest';
import {
  deal,
  heldConflict,
  issue,
  marked,
  NOW,
  page,
  settlement,
  sighting,
  storePair,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function integrityCases(open: OpenStore): void {
  const store = freshStore(open);

  it('finds nothing wrong after everything that may happen to a pair', async () => {
    await storePair(store(), '10021', '7405');
    await storePair(store(), '10022', '7406');
    await store().observe(page('jira', [sighting('10021', { matchKeys: ['a'] }), sighting('10023')]), NOW);
    const held = await store().claimRecord(issue('10021'), NOW);
    await store().settle(held, settlement({ conflicts: [heldConflict()] }), NOW);
    await store().planIntent({ key: 'crm-deal-7407', profile: 'purchases', side: 'jira', sourceId: '7407' }, NOW);
    await store().moveIntent('crm-deal-7407', 'sent', NOW);
    await store().markDirty([marked(deal('7406'))], NOW);
    expect(await store().faults()).toEqual([]);
    await store().unlink(await store().claimRecord(issue('10021'), NOW), NOW);
    await store().forget(await store().claimRecord(deal('7406'), NOW), NOW);
    expect(await store().faults()).toEqual([]);
  });
}
