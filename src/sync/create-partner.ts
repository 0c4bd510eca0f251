// Creates what the other side lacks, exactly once: a durable intent, marked `sent` at the moment of sending, the marker
// inside the create itself, and link, base and intent settled in one transaction. Of a create whose outcome is unknown,
// doubt.ts finds out what became of it before anything is sent again.
import { BadResponseError, RejectedError, UnavailableError } from '../errors.ts';
import { type Fields, otherSide, type Side, type SourceRecord, type Value } from '../model.ts';
import type { Claim, ParkedWrite } from '../state/store.ts';
import { askFor, type SyncContext } from './context.ts';
import { cutFields } from './cut.ts';
import { expressionContext } from './decide.ts';
import { derivedValues } from './derived.ts';
import { inDoubt } from './doubt.ts';
import { gateOf } from './gate.ts';
import { laneOf } from './load.ts';
import { createPatch } from './merge.ts';
import { type Created, fieldName, settleCreated } from './settle-created.ts';
import type { Work } from './settlement.ts';
import { intentKey, syncKey } from './sync-key.ts';
import { parkedField } from './unlinked.ts';

/** Why nothing is created, or null when it may be. */
export function holdBack(
  source: SourceRecord,
  context: SyncContext,
): { outcome: 'waiting' | 'unmatched'; why: string } | null {
  const { profile, clock } = context;
  const target = otherSide(source.ref.side);
  const policy = profile.create[target];
  const expressions = expressionContext(alone(source), null, profile, clock.now());
  if (policy === null) {
    return { outcome: 'unmatched', why: `has no partner, and the profile creates none on the ${target} side` };
  }
  const gate = gateOf(profile, expressions);
  if (gate !== null) return { outcome: 'waiting', why: gate };
  if (policy.when !== null && !policy.when.evaluate(expressions)) {
    return { outcome: 'waiting', why: `waits until create.when holds: ${policy.when.source}` };
  }
  return null;
}

export function alone(source: SourceRecord): Record<Side, SourceRecord | null> {
  return source.ref.side === 'jira' ? { jira: source, crm: null } : { jira: null, crm: source };
}

type Draft = { values: Fields; failed: ParkedWrite[]; deferred: readonly string[] };

/** The new record's fields by id, what could not be translated, and what can only be written once it exists. */
export function draftOf(source: SourceRecord, context: SyncContext): Draft {
  const { profile, clock } = context;
  const target = otherSide(source.ref.side);
  const { patch, failed, deferred } = createPatch(profile, target, source.fields);
  const values: Record<string, Value> = { ...patch };
  for (const derived of derivedValues(
    profile,
    alone(source),
    expressionContext(alone(source), null, profile, clock.now()),
  )) {
    if (derived.side === target && derived.error === null && derived.value !== null) values[derived.id] = derived.value;
  }
  const parked = Object.entries(failed).map(([field, error]) => parkedField(source, field, error.name, error));
  return { values, failed: parked, deferred };
}

export async function createPartner(
  source: SourceRecord,
  claim: Claim,
  work: Work,
  context: SyncContext,
): Promise<Created> {
  const { profile, store, clock, tenants, connectors } = context;
  const side = source.ref.side;
  const target = otherSide(side);
  const { scope, reads } = profile.sides[target];
  const marker = { key: syncKey(side, source.ref.entity, source.ref.id), tenant: tenants[side] };
  const key = intentKey(scope, marker.tenant, marker.key);

  const intent = await store.planIntent(
    { key, profile: profile.name, side: target, sourceId: source.ref.id },
    clock.now(),
  );
  // Only `resolveDoubt` brings an intent back to `planned`; whatever else it is, nothing is sent.
  if (intent.state !== 'planned') return { ...inDoubt(source, null, context), pair: null };

  const before = await connectors[target].beforeCreate(scope, askFor(context, laneOf(claim)));
  const draft = draftOf(source, context);
  const parks = [...draft.failed];
  let values = draft.values;
  for (;;) {
    let sent = false;
    const onSend = async () => {
      await store.moveIntent(key, 'sent', clock.now(), { before, values });
      sent = true;
      context.sending();
    };
    try {
      const ask = { ...askFor(context, laneOf(claim)), onSend };
      const created = await connectors[target].create(scope, values, marker, reads, ask);
      for (const name of cutFields(profile, target, source, values)) context.meters.truncated(profile.name, name);
      const creation = { source, created, values, deferred: draft.deferred, parks, key, work, adopted: false };
      return settleCreated(creation, context);
    } catch (error) {
      if (sent && isAmbiguous(error)) {
        await store.moveIntent(key, 'doubtful', clock.now(), { before, values, arrived: hasArrived(error) });
        context.meters.ambiguous(profile.name, 'unknown');
        return { ...inDoubt(source, null, context), pair: null };
      }
      if (sent) await store.moveIntent(key, 'planned', clock.now());
      const refused = error instanceof RejectedError && error.field !== null && error.field in values ? error : null;
      if (refused === null || isRequired(context, target, refused.field)) throw error;
      // One refused value does not keep the record from being created; the field is parked with the reason.
      parks.push(parkedField(source, fieldName(context, target, refused.field), refused.name, refused));
      values = Object.fromEntries(Object.entries(values).filter(([id]) => id !== refused.field));
    }
  }
}

function isAmbiguous(error: unknown): boolean {
  if (error instanceof UnavailableError) return error.ambiguous;
  if (error instanceof BadResponseError) return true;
  // An abort after sending (shutdown) leaves it open whether the vendor got it.
  return !(error instanceof Error && 'cure' in error);
}

/** What of the request has not arrived by now never will. */
function hasArrived(error: unknown): boolean {
  return error instanceof UnavailableError ? error.arrived : error instanceof BadResponseError;
}

function isRequired(context: SyncContext, side: Side, id: string | null): boolean {
  const field = context.profile.fields.find((candidate) => candidate.ids[side] === id);
  return field?.schemas[side].requiredOnCreate ?? false;
}
