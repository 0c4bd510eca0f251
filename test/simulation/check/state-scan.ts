// S22: what a life finds in the state, wherever the one before it ended. No half link, no conflict or intent without what
// it is about.
import { SIDES } from '../../../src/model.ts';
import type { Store } from '../../../src/state/store.ts';
import { PROFILE } from '../stage/profile-text.ts';
import type { Violation } from './evidence.ts';

export async function scanState(store: Store): Promise<Violation[]> {
  const violations: Violation[] = [];
  const say = (what: string) => violations.push({ invariant: 'S22', what });
  const links = await store.links(PROFILE, 0, 10_000);
  for (const side of SIDES) {
    const ids = links.map((link) => link.ids[side]);
    if (new Set(ids).size < ids.length) say(`a ${side} record is in two links`);
  }
  for (const { id, ids, base, settledAt, state } of links) {
    if (ids.jira === '' || ids.crm === '') say(`link ${id} names one record only`);
    // In conflict at its very beginning, or waiting: nothing has settled yet.
    if (settledAt > 0 && state === 'active' && Object.keys(base).length === 0)
      say(`link ${id} has settled without a base`);
    for (const [field, values] of Object.entries(base)) {
      if (values.jira === undefined || values.crm === undefined) say(`the base of ${field} of link ${id} is half`);
    }
  }
  const known = new Set(links.map(({ id }) => id));
  for (const { id, linkId } of await store.conflicts({})) if (!known.has(linkId)) say(`conflict ${id} has no link`);
  return violations;
}
