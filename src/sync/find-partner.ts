// Looks for the record that belongs to an unlinked one: by the stamps in both records, then by the profile's match
// rules over everything seen. Exactly one hit pairs; more are reported, never guessed.
import { RateLimitedError } from '../errors.ts';
import { type Lane, otherSide, type SourceRecord } from '../model.ts';
import type { Claim } from '../state/store.ts';
import { SECOND_LOOK_MS } from './absence.ts';
import type { SyncContext } from './context.ts';
import { laneOf, readSide } from './load.ts';
import { MARKER_RULE, pairingRules } from './sighting.ts';
import { intentKey, markedId, syncKey } from './sync-key.ts';

export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly partner: SourceRecord; readonly origin: 'stamp' | 'match' }
  | { readonly kind: 'many'; readonly rule: string; readonly ids: readonly string[] };

export async function findPartner(record: SourceRecord, claim: Claim, context: SyncContext): Promise<Found> {
  const { profile, store, tenants } = context;
  const side = record.ref.side;
  const other = otherSide(side);
  const lane = laneOf(claim);

  const named = markedId(record.marker, other, profile.sides[other].scope.entity, tenants[other]);
  if (named !== null && !(await isCopiedMark(record, named, lane, context))) {
    const partner = await readSide(other, named, lane, context);
    const isApart = await store.isApart({ profile: profile.name, side: other, id: named });
    if (partner?.inScope && !isApart) return { kind: 'one', partner, origin: 'stamp' };
  }

  const rules = pairingRules(profile);
  for (const [index, rule] of rules.entries()) {
    const key = index === MARKER_RULE ? syncKey(side, record.ref.entity, record.ref.id) : rule.keyOf(record, side);
    if (key === null) continue;
    const candidates = await store.matches(profile.name, other, index, key);
    const hits: SourceRecord[] = [];
    for (const id of candidates) {
      const candidate = await readSide(other, id, lane, context);
      // What was seen may be old: only what the record says now counts.
      if (!candidate?.inScope || rule.keyOf(candidate, other) !== key) continue;
      // Anybody can type a label, and another site may count its records alike: only a proven mark of ours counts.
      if (index === MARKER_RULE && candidate.marker?.tenant !== tenants[side]) continue;
      const at = { profile: profile.name, side: other, id };
      if ((await store.linkOf(at)) !== null || (await store.isApart(at))) continue;
      if (index !== MARKER_RULE && (await isBeingCreated(candidate, record, context))) continue;
      hits.push(candidate);
    }
    const [partner] = hits;
    if (partner === undefined) continue;
    const rivals = index === MARKER_RULE ? [] : await rivalsOf(record, index, key, context);
    if (hits.length > 1 || rivals.length > 0) {
      return { kind: 'many', rule: rule.name, ids: [...hits.map((hit) => hit.key), ...rivals] };
    }
    return { kind: 'one', partner, origin: index === MARKER_RULE ? 'stamp' : 'match' };
  }
  return { kind: 'none' };
}

/**
 * A person copied the record (Jira clones labels and properties), and the mark with it: its partner belongs to the
 * original. Where the original is not found, it is not known yet which of the two goes on.
 */
async function isCopiedMark(record: SourceRecord, named: string, lane: Lane, context: SyncContext): Promise<boolean> {
  const { profile, store, clock, log } = context;
  const { side, id } = record.ref;
  const marked = { profile: profile.name, side: otherSide(side), id: named };
  const link = await store.linkOf(marked);
  if (link === null || link.ids[side] === id) return false;
  if ((await readSide(side, link.ids[side], lane, context)) !== null) {
    context.meters.copiedMark(profile.name);
    log.info('copied mark ignored', { profile: profile.name, record: record.key, original: link.keys[side] });
    return true;
  }
  const now = clock.now();
  const wait = link.state === 'active' ? SECOND_LOOK_MS : 10 * SECOND_LOOK_MS;
  await store.markDirty([{ ...marked, lane: 'bulk', cause: 'partner', version: null }], now);
  const why = `${record.key} carries the mark of ${link.keys[side]}, which is looked for first`;
  throw new RateLimitedError(why, 'Nothing to do: it is looked at again by itself.', now + wait);
}

/** It was made for another record a moment ago, and the link of the two is about to be stored. */
async function isBeingCreated(candidate: SourceRecord, record: SourceRecord, context: SyncContext): Promise<boolean> {
  const { profile, store, tenants } = context;
  const { side, entity, id } = record.ref;
  const source = markedId(candidate.marker, side, entity, tenants[side]);
  if (source === null || source === id) return false;
  const key = intentKey(profile.sides[candidate.ref.side].scope, tenants[side], syncKey(side, entity, source));
  const intent = await store.intent(key);
  return intent !== null && intent.state !== 'done';
}

/** Other unlinked records on the same side that claim the same partner. */
async function rivalsOf(record: SourceRecord, rule: number, key: string, context: SyncContext): Promise<string[]> {
  const { profile, store } = context;
  const side = record.ref.side;
  const rivals: string[] = [];
  for (const id of await store.matches(profile.name, side, rule, key)) {
    if (id === record.ref.id) continue;
    const rival = { profile: profile.name, side, id };
    if ((await store.linkOf(rival)) === null && !(await store.isApart(rival))) rivals.push(id);
  }
  return rivals;
}
