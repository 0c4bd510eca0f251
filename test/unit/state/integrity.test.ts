import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqlite } from '../../../src/state/sqlite.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { heldConflict, issue, NOW, page, settlement, sighting, storePair } from '../../support/store-samples.ts';
import { temporaryFolders } from '../../support/temporary-folder.ts';

const folder = temporaryFolders();

it.each([
  ['UPDATE link SET ended_at = 1', ['1 open conflicts belong to pairs that have ended', '2 records count as paired']],
  ['DELETE FROM seen', ['1 match keys belong to records that were never seen']],
  ['UPDATE seen SET linked = 0', ['2 records count as paired and are not, or the other way round']],
  ['UPDATE intent SET sent_at = NULL', ['1 creates are announced as sent without a time']],
])('tells what cannot be after %s', async (tampering, told) => {
  const path = join(folder(), 'state.db');
  const store = openSqliteStore(path);
  await storePair(store, '10021', '7405');
  await store.observe(page('jira', [sighting('10021', { matchKeys: ['a'] })]), NOW);
  await store.observe(page('crm', [sighting('7405')]), NOW);
  const claim = await store.claimRecord(issue('10021'), NOW);
  await store.settle(claim, settlement({ conflicts: [heldConflict()] }), NOW);
  await store.planIntent({ key: 'crm-deal-7407', profile: 'purchases', side: 'jira', sourceId: '7407' }, NOW);
  await store.moveIntent('crm-deal-7407', 'sent', NOW);
  expect(await store.faults()).toEqual([]);
  const hand = openSqlite(path);
  hand.run(tampering);
  hand.close();
  const faults = await store.faults();
  expect(faults).toHaveLength(told.length);
  for (const [at, text] of told.entries()) expect(faults[at]).toContain(text);
  await store.close();
});
