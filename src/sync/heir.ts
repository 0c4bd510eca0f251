// A record that is gone may have been merged into another one. Where that one is known by its mark or its match key and
// belongs to nobody, the pair goes on with it; where it belongs to another pair, a person decides.
import { otherSide, type SourceRecord } from '../model.ts';
import type { Link, Settlement } from '../state/store.ts';
import type { Held, SyncContext } from './context.ts';
import { findPartner } from './find-partner.ts';
import { laneOf, readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { NOTHING } from './settlement.ts';
import { MARKER_RULE, sightingOf } from './sighting.ts';
import type { GonePair } from './survivor.ts';
import { syncKey } from './sync-key.ts';

/** Null when nobody took the place of the record that is gone. */
export async function settleWithHeir(held: Held, pair: GonePair, context: SyncContext): Promise<Report | null> {
  const { survivor, link } = pair;
  if (survivor === null || !survivor.inScope) return null;
  const found = await findPartner(survivor, held.claim, context);
  if (found.kind === 'one') return repoint(held, pair, found.partner, context);
  if (link.state === 'gone') return null;
  const rival = await rivalOf(pair, survivor, held, context);
  return rival === null ? null : mergedAway(held, pair, survivor, rival, context);
}

async function repoint(held: Held, pair: GonePair, heir: SourceRecord, context: SyncContext): Promise<Report | null> {
  const { store, profile, clock } = context;
  const { link, side } = pair;
  const { linkedTo } = await store.claimPartner(held.claim, { profile: profile.name, side, id: heir.ref.id });
  if (linkedTo !== null) return null;
  const why = `${link.keys[side]} (${side}) is gone; the pair goes on with ${heir.key}`;
  const settlement: Settlement = {
    ...NOTHING,
    link: {
      ...link,
      ids: { ...link.ids, [side]: heir.ref.id },
      keys: { ...link.keys, [side]: heir.key },
      state: 'active',
      reason: why,
      // Nothing has settled with this record yet: where the two differ, the profile decides as for any new pair.
      base: {},
      announced: null,
      versions: { ...link.versions, [side]: '' },
      fingerprints: { ...link.fingerprints, [side]: '' },
      settledAt: 0,
    },
    present: [{ side, id: link.ids[side] }],
    forget: [{ side, id: link.ids[side] }],
    seen: [{ ...sightingOf(profile, heir), side }],
    next: { due: clock.now(), counted: false, reason: why },
  };
  await store.settle(held.claim, settlement, clock.now());
  context.meters.merged(profile.name, 'followed');
  context.log.info('pair goes on with another record', { profile: profile.name, reason: why });
  return plainReport(profile.name, 'linked', why, { ...link.keys, [side]: heir.key });
}

/** A record with our mark for the survivor that is paired with somebody else. */
async function rivalOf(
  pair: GonePair,
  survivor: SourceRecord,
  held: Held,
  context: SyncContext,
): Promise<{ readonly record: SourceRecord; readonly link: Link } | null> {
  const { store, profile } = context;
  const { side } = pair;
  const key = syncKey(otherSide(side), survivor.ref.entity, survivor.ref.id);
  for (const id of await store.matches(profile.name, side, MARKER_RULE, key)) {
    const link = id === pair.link.ids[side] ? null : await store.linkOf({ profile: profile.name, side, id });
    if (link === null) continue;
    const record = await readSide(side, id, laneOf(held.claim), context);
    if (record?.marker?.key === key) return { record, link };
  }
  return null;
}

async function mergedAway(
  held: Held,
  { link, side }: GonePair,
  survivor: SourceRecord,
  rival: { readonly record: SourceRecord; readonly link: Link },
  context: SyncContext,
): Promise<Report> {
  const { store, profile, clock } = context;
  const partner = rival.link.keys[otherSide(side)];
  const why = `${link.keys[side]} (${side}) was merged into ${rival.record.key}, which is paired with ${partner} already`;
  const cure = `Decide which one stays with ${rival.record.key}: jira-crm-sync link ${profile.name} <jira record> <crm record>`;
  const park = { side: survivor.ref.side, id: survivor.ref.id, field: '', kind: 'merged-away', values: {} };
  const settlement: Settlement = {
    ...NOTHING,
    link: { ...link, state: 'merged-away', reason: why, profileVersion: profile.version },
    park: [{ ...park, reason: why, cure }],
    present: [{ side, id: link.ids[side] }],
    seen: [{ ...sightingOf(profile, survivor), side: survivor.ref.side }],
  };
  await store.settle(held.claim, settlement, clock.now());
  context.meters.merged(profile.name, 'left');
  context.log.warn('records merged', { profile: profile.name, reason: why, cure });
  return plainReport(profile.name, 'parked', why, link.keys);
}
