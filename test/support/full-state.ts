// A state with rows in every table that outlives a process, with text that dialects take differently.
import type { Store } from '../../src/state/store.ts';
import {
  deal,
  heldConflict,
  issue,
  marked,
  NOW,
  PROFILE,
  page,
  paired,
  settlement,
  sighting,
  written,
} from './store-samples.ts';

export const NASTY = 'Насос \u0000 😀 \u0001 "quoted" \\u0000';

/** `pairs` is how many links there are; more than are read at once make several rounds. */
export async function fillState(store: Store, pairs: number): Promise<void> {
  await store.keepProfiles([{ profile: PROFILE, about: 'jira/deals' }], NOW);
  await store.saveProfileState({ profile: PROFILE, version: 'v1', matchedAt: { jira: NOW, crm: null } });
  await store.saveSecret('token', 'sealed');
  await store.note('a', { text: NASTY });
  await store.addCommand('sync', { id: 'BUY-12' }, NOW);
  await store.acceptDelivery('d-1', [marked(issue('waiting'), { version: NASTY })], NOW);
  await store.planIntent({ key: 'nordhafen:issue-1', profile: PROFILE, side: 'crm', sourceId: '1' }, NOW);
  const cursor = { name: `${PROFILE}/jira`, value: '7' };
  for (let from = 0; from < pairs; from += 500) {
    const ids = Array.from({ length: Math.min(500, pairs - from) }, (_, i) => `${from + i}`);
    const seen = ids.map((id) => sighting(id, { key: `${NASTY}-${id}`, matchKeys: [NASTY, null] }));
    await store.observe(page('jira', seen, { cursor }), NOW);
  }
  for (let id = 0; id < pairs; id += 1) {
    const claim = await store.claimRecord(issue(`${id}`), NOW);
    const values = { summary: NASTY };
    await store.settle(
      claim,
      settlement({
        link: paired(`${id}`, `c${id}`),
        journal: [written({ after: NASTY })],
        conflicts: [heldConflict({ changedBy: { jira: NASTY, crm: null } })],
        park: [{ side: 'jira', id: `${id}`, field: 'a', reason: NASTY, cure: 'c', kind: 'coercion', values }],
        timers: [{ side: 'jira', id: `${id}`, purpose: 'gate', due: NOW + id }],
        absent: [{ side: 'crm', id: `c${id}`, missedAt: NOW, hidden: false, done: null }],
      }),
      NOW,
    );
  }
  // The last one is apart, and its id is never given again.
  const claim = await store.claimRecord(deal(`c${pairs - 1}`), NOW);
  await store.unlink(claim, NOW);
}
