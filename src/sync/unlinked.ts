// What is remembered of a record that stays without a partner for now.
import type { SourceRecord } from '../model.ts';
import type { ParkedWrite, Settlement } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import { gateTimers } from './gate.ts';
import { sightingOf } from './sighting.ts';

export const KEPT_APART = 'is kept apart by a person (unlink); link pairs it again';

export function parkedField(
  source: SourceRecord,
  field: string,
  kind: string,
  why: { readonly message: string; readonly cure: string },
): ParkedWrite {
  return { side: source.ref.side, id: source.ref.id, field, kind, reason: why.message, cure: why.cure, values: {} };
}

/** Nothing was paired; what was seen and why it stays alone. */
export function unlinkedSettlement(
  source: SourceRecord,
  park: readonly ParkedWrite[],
  context: SyncContext,
): Settlement {
  const side = source.ref.side;
  return {
    conflicts: [],
    closeConflicts: [],
    park,
    unpark: park.length === 0 ? [{ side, id: source.ref.id, field: null }] : [],
    journal: [],
    timers: park.some((row) => row.kind === 'waiting')
      ? gateTimers(context.profile, side, source.ref.id, context.clock.now())
      : [],
    seen: [{ ...sightingOf(context.profile, source), side }],
    intentDone: null,
    next: 'clean',
  };
}
