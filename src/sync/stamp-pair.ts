// Writes a pair that was found (not created) into one of its records, once, so that it survives the loss of our state.
import { RejectedError } from '../errors.ts';
import { type Lane, otherSide, SIDES, type Side, type SourceRecord } from '../model.ts';
import type { Applied } from './apply.ts';
import { askFor, type SyncContext } from './context.ts';
import { syncKey } from './sync-key.ts';

type Records = Readonly<Record<Side, SourceRecord>>;

/** What was written before it is to be recorded whatever becomes of the stamp: it fails as a write does. */
export async function stampPair(applied: Applied, lane: Lane, context: SyncContext): Promise<Applied> {
  const { records } = applied;
  const { profile, connectors, tenants, log } = context;
  const side = stampedSide(records, context);
  if (side === null) return applied;
  const partner = records[otherSide(side)];
  const marker = {
    key: syncKey(partner.ref.side, partner.ref.entity, partner.ref.id),
    tenant: tenants[partner.ref.side],
  };
  const { scope, reads } = profile.sides[side];
  try {
    const stamped = await connectors[side].stamp(scope, records[side].ref.id, marker, reads, askFor(context, lane));
    return { ...applied, records: { ...records, [side]: stamped } };
  } catch (error) {
    if (!(error instanceof RejectedError)) return { ...applied, failure: applied.failure ?? error };
    // The stored link holds without it; only the loss of our state would make it be looked for again.
    log.info('pair not stamped', { profile: profile.name, record: records[side].key, reason: error.message });
    return applied;
  }
}

/** Where the mark would go, or null when there is none to be written. */
export function stampedSide(records: Records, { profile }: SyncContext): Side | null {
  if (SIDES.some((side) => namesPartner(records, side))) return null;
  return SIDES.toReversed().find((candidate) => profile.stamp[candidate]?.kind === 'marker') ?? null;
}

function namesPartner(records: Records, side: Side): boolean {
  const partner = records[otherSide(side)];
  return records[side].marker?.key === syncKey(partner.ref.side, partner.ref.entity, partner.ref.id);
}
