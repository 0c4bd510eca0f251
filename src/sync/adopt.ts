// A record that we created without learning of it (the answer was lost, the process died) is seen later by its mark. It
// is settled as its create would have been, so that what either side edited since then is an edit and not a conflict.
import { otherSide, SIDES, type Side, type SourceRecord } from '../model.ts';
import type { SyncContext } from './context.ts';
import { createPatch } from './merge.ts';
import { type Created, settleCreated } from './settle-created.ts';
import type { Work } from './settlement.ts';
import { intentKey, syncKey } from './sync-key.ts';

type Pair = Readonly<Record<Side, SourceRecord>>;

export type OwnCreate = { readonly target: Side; readonly intentKey: string };

/** The create that this pair came from, if one of the records carries our mark. */
export function ownCreate(pair: Pair, context: SyncContext): OwnCreate | null {
  const { profile, tenants } = context;
  for (const target of SIDES.toReversed()) {
    const source = otherSide(target);
    const key = syncKey(source, pair[source].ref.entity, pair[source].ref.id);
    if (pair[target].marker?.key !== key) continue;
    return { target, intentKey: intentKey(profile.sides[target].scope, tenants[source], key) };
  }
  return null;
}

/** Null when neither record was created for the other, or when that is settled already. */
export async function adoption(pair: Pair, work: Work, context: SyncContext): Promise<Created | null> {
  const own = ownCreate(pair, context);
  if (own === null) return null;
  const intent = await context.store.intent(own.intentKey);
  if (intent === null || intent.sent === null || intent.state === 'done') return null;
  const source = pair[otherSide(own.target)];
  const { deferred } = createPatch(context.profile, own.target, source.fields);
  const creation = {
    source,
    created: pair[own.target],
    values: intent.sent.values,
    deferred,
    parks: [],
    key: own.intentKey,
    work,
    adopted: true,
  };
  context.meters.ambiguous(context.profile.name, 'found');
  return settleCreated(creation, context);
}
