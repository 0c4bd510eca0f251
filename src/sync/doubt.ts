// A create whose answer never came: it may have happened. It is looked for by every means before anything is sent again,
// and not sent again before the vendor can no longer carry it out.
import { otherSide, type SourceRecord } from '../model.ts';
import type { Claim, Intent, ParkedWrite, Retry, Settlement } from '../state/store.ts';
import { askFor, type SyncContext } from './context.ts';
import { laneOf, readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { intentKey, markedId, syncKey } from './sync-key.ts';
import { parkedField, unlinkedSettlement } from './unlinked.ts';

export type Doubt =
  /** There was no create, or it is proven that nothing came of it. */
  | { readonly kind: 'clear' }
  | { readonly kind: 'found'; readonly partner: SourceRecord }
  | { readonly kind: 'open'; readonly report: Report; readonly settlement: Settlement };

const FIRST_LOOK_MS = 2_000;
/** So many times as long as it is in doubt already, it is not looked for again. */
const PATIENCE = 2;
/** For so long one that nobody put in doubt may be sent again, where the vendor asked for pauses. */
const RESENT_MS = 5 * 60_000;

export async function resolveDoubt(source: SourceRecord, claim: Claim, context: SyncContext): Promise<Doubt> {
  const { store, profile, tenants, connectors, clock, log, meters } = context;
  const side = source.ref.side;
  const target = otherSide(side);
  const { scope, reads } = profile.sides[target];
  const mark = syncKey(side, source.ref.entity, source.ref.id);
  const key = intentKey(scope, tenants[side], mark);
  const intent = await store.intent(key);
  if (intent === null || intent.state === 'planned') return { kind: 'clear' };

  const endedAt = intent.movedAt + (intent.state === 'sent' ? RESENT_MS : 0);
  const sent = { before: intent.sent?.before ?? null, endedAt, arrived: intent.sent?.arrived ?? false };
  const look = await connectors[target].lookUp(scope, mark, sent, reads, askFor(context, laneOf(claim)));
  const found = ofOurSite(look.found, tenants[side]);
  const [partner, ...twins] = found;
  if (partner !== undefined && twins.length === 0) return { kind: 'found', partner };
  if (partner !== undefined) return createdTwice(source, found, context);
  if (intent.state === 'done') {
    const message = `its partner, created earlier, is not to be found on the ${target} side`;
    const cure = 'Restore it there, or take the mark off and link another record by hand';
    return open(source, parkedField(source, '', 'partner-lost', { message, cure }), 'clean', context);
  }
  if (!look.certain) return inDoubt(source, Math.min(nextLook(intent, clock.now()), look.again), context);
  meters.ambiguous(profile.name, 'absent');
  log.info('a create without an answer is proven not to have happened', { profile: profile.name, record: source.key });
  await store.moveIntent(key, 'planned', clock.now());
  return { kind: 'clear' };
}

/** It may arrive late and tell nobody, so it is looked for ever more seldom, until it cannot come any more. */
function nextLook({ movedAt }: Intent, now: number): number {
  return now + Math.max(FIRST_LOOK_MS, PATIENCE * (now - movedAt));
}

/** Two sites that share the other product may count their records alike: their keys are equal, their tenants are not. */
function ofOurSite(records: readonly SourceRecord[], tenant: string): readonly SourceRecord[] {
  return records.filter((record) => record.marker?.tenant === tenant);
}

/** By how much clocks may differ. */
const SLACK_MS = 10 * 60_000;

/**
 * A partner that was created before the state was lost, and that no list of the scope shows: it was moved, or does not
 * fit the scope any more. Asked of records that were there already when this state began, once before their create.
 */
export async function lookBackFor(source: SourceRecord, claim: Claim, context: SyncContext): Promise<Doubt> {
  const { store, profile, tenants, connectors, rebuiltAt } = context;
  const away = await originAway(source, claim, context);
  if (away !== null) return partnerAway(source, away, context);
  if (rebuiltAt === null || source.createdAt > rebuiltAt + SLACK_MS) return { kind: 'clear' };
  const side = source.ref.side;
  const target = otherSide(side);
  const { scope, reads } = profile.sides[target];
  const mark = syncKey(side, source.ref.entity, source.ref.id);
  if ((await store.intent(intentKey(scope, tenants[side], mark))) !== null) return { kind: 'clear' };
  const marked = await connectors[target].findByKey(scope, mark, reads, askFor(context, laneOf(claim)));
  const found = ofOurSite(marked, tenants[side]);
  const [partner, ...twins] = found;
  if (partner === undefined) return { kind: 'clear' };
  if (twins.length > 0) return createdTwice(source, found, context);
  return partner.inScope ? { kind: 'found', partner } : partnerAway(source, partner, context);
}

/** The record that this one was created for, if it exists outside the scope: another one would be its double. */
async function originAway(source: SourceRecord, claim: Claim, context: SyncContext): Promise<SourceRecord | null> {
  const { store, profile, tenants } = context;
  const side = source.ref.side;
  const target = otherSide(side);
  const named = markedId(source.marker, target, profile.sides[target].scope.entity, tenants[target]);
  if (named === null) return null;
  const key = { profile: profile.name, side: target, id: named };
  // Of a copy of a record the mark says nothing, and what a person has taken apart stays apart.
  if ((await store.linkOf(key)) !== null || (await store.isApart(key))) return null;
  const origin = await readSide(target, named, laneOf(claim), context);
  return origin === null || origin.inScope ? null : origin;
}

function partnerAway(source: SourceRecord, partner: SourceRecord, context: SyncContext): Doubt {
  const message = `its partner ${partner.key}, paired earlier, is outside the scope of the profile on the ${partner.ref.side} side`;
  const cure = 'Nothing to do: when it comes back into the scope, the two are paired again';
  return open(source, parkedField(source, '', 'partner-lost', { message, cure }), 'clean', context);
}

/** Parked, so that everybody sees it, and looked for again at `again`. */
export function inDoubt(
  source: SourceRecord,
  again: number | null,
  context: SyncContext,
): Extract<Doubt, { kind: 'open' }> {
  const target = otherSide(source.ref.side);
  const message = `a create for ${source.key} was sent to the ${target} side and its answer never came: it may exist there`;
  const mark = syncKey(source.ref.side, source.ref.entity, source.ref.id);
  const cure = `Nothing to do: it is looked for by its mark ${mark}, paired if it exists and created again only if it does not`;
  const due = again ?? context.clock.now() + FIRST_LOOK_MS;
  const next = { due, counted: false, reason: 'the outcome of a create is looked for' };
  return open(source, parkedField(source, '', 'doubtful-create', { message, cure }), next, context);
}

function createdTwice(
  source: SourceRecord,
  twins: readonly SourceRecord[],
  context: SyncContext,
): Extract<Doubt, { kind: 'open' }> {
  const { profile, log, meters } = context;
  meters.ambiguous(profile.name, 'twice');
  const keys = twins.map((record) => record.key).join(', ');
  const message = `${twins.length} records on the ${otherSide(source.ref.side)} side carry the mark of ${source.key}: ${keys}`;
  const cure = `Keep one (${twins[0]?.key} is the oldest), delete or unmark the others, then run: parked retry`;
  log.error('one record was created more than once', { profile: profile.name, record: source.key, twins: keys });
  return open(source, parkedField(source, '', 'created-twice', { message, cure }), 'clean', context);
}

function open(
  source: SourceRecord,
  row: ParkedWrite,
  next: 'clean' | Retry,
  context: SyncContext,
): Extract<Doubt, { kind: 'open' }> {
  return {
    kind: 'open',
    report: plainReport(context.profile.name, 'parked', row.reason, { [source.ref.side]: source.key }),
    settlement: { ...unlinkedSettlement(source, [row], context), next },
  };
}
