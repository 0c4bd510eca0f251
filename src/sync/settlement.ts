// Turns what was decided and what really happened into the one transaction that records it. What a field has settled on
// then stands in next-base.ts.
import { type Cause, otherSide, SIDES, type Side, type SourceRecord, type Value } from '../model.ts';
import type { Claim, ConflictWrite, JournalEntry, Link, ParkedWrite, Retry, Settlement } from '../state/store.ts';
import { announcedBut, announcedBy } from './announced.ts';
import type { Applied } from './apply.ts';
import { shownValues } from './apply.ts';
import type { Disposition, SyncContext } from './context.ts';
import { type Decision, type Known, knownValues } from './decide.ts';
import { gateTimers } from './gate.ts';
import { advancedBase, comparedBase } from './next-base.ts';
import { settledOf } from './settled.ts';
import { sightingOf } from './sighting.ts';
import { isTouchedUnseen, lookAgainAt, unheardOf, unreadableReason } from './unreadable.ts';

type Records = Readonly<Record<Side, SourceRecord>>;

type Parked = Omit<Extract<Disposition, { kind: 'park' }>, 'kind'>;

export type Work = {
  readonly run: string;
  readonly cause: Cause;
  readonly origin: Link['origin'];
};

/** Everything that a linked pair's piece of work leaves behind. `planned` are the records the decision was made on. */
export function settlementOf(
  context: SyncContext,
  work: Work,
  known: Known,
  planned: Records,
  decision: Decision,
  applied: Applied,
  rest: { readonly attempts: number; readonly since: number; readonly intentDone: string | null },
): Settlement {
  const { profile, clock } = context;
  const now = clock.now();
  const park = [...decision.park, ...applied.park, ...coercions(applied, planned, context)];
  const stays = new Set([...decision.stays, ...park.map((row) => row.field)]);
  const failed = applied.failure === null ? null : context.dispose(applied.failure, rest.attempts);
  const open = profile.fields.map((field) => field.name).filter((name) => decision.outcomes[name]?.kind === 'held');
  const reason = unsettledReason([...stays], open, applied, failed);
  const unfinished = unfinishedFields(decision, applied);
  const unknown = profile.fields.filter((field) => decision.outcomes[field.name]?.kind === 'unknown');
  const unheard = unheardOf(unknown, known, planned, now - rest.since);
  const versionOf = (side: Side) =>
    unheard.some((field) => isTouchedUnseen(field, side, known, planned))
      ? (known.link?.versions[side] ?? '')
      : applied.records[side].version;
  return {
    link: {
      ids: { jira: planned.jira.ref.id, crm: planned.crm.ref.id },
      keys: { jira: applied.records.jira.key, crm: applied.records.crm.key },
      state: decision.waiting === null ? 'active' : 'waiting',
      reason: decision.waiting ?? reason ?? unreadableReason(unknown.map((field) => field.name)),
      base: advancedBase(known.base, planned, decision, applied, context.profile),
      announced: stillAnnounced(planned, decision, applied, context),
      versions: { jira: versionOf('jira'), crm: versionOf('crm') },
      fingerprints: {
        jira: sightingOf(profile, applied.records.jira).fingerprint,
        crm: sightingOf(profile, applied.records.crm).fingerprint,
      },
      profileVersion: profile.version,
      origin: known.link?.origin ?? work.origin,
      settledAt: applied.failure === null ? now : (known.link?.settledAt ?? 0),
    },
    conflicts: [
      // A person's answer stays open until it is carried out: to close it would be to forget it.
      ...conflictRows(decision, planned, now).filter((row) => row.outcome !== 'decided' || !unfinished.has(row.field)),
      ...overwriteRows(applied, planned, known, context, now),
    ],
    closeConflicts: decision.closes.filter((field) => !stays.has(field) && !unfinished.has(field)),
    park: failed?.kind === 'park' ? [...park, wholeRow(planned[unfinishedSide(decision, applied)].ref, failed)] : park,
    unpark: known.parked
      .filter((row) => !stays.has(row.field) && !unfinished.has(row.field) && decision.waiting === null)
      // Set aside as a whole for a write that still does not go through.
      .filter((row) => row.field !== '' || failed === null)
      .map((row) => ({ side: row.side, id: row.id, field: row.field })),
    journal: journalRows(context, work, known.link?.id ?? null, planned, applied, now),
    timers: decision.waiting === null ? [] : gateTimers(profile, 'crm', planned.crm.ref.id, now),
    seen: SIDES.map((side) => ({ ...sightingOf(profile, applied.records[side]), side })),
    intentDone: rest.intentDone,
    next: nextOf(applied, failed, now) ?? lookAgainAt(unheard, rest.since, now),
  };
}

/** Nothing was done and nothing is to be remembered. */
export const NOTHING: Settlement = {
  conflicts: [],
  closeConflicts: [],
  park: [],
  unpark: [],
  journal: [],
  timers: [],
  seen: [],
  intentDone: null,
  next: 'clean',
};

function nextOf(applied: Applied, failed: Disposition | null, now: number): Retry | null {
  if (failed?.kind === 'retry') return failed.retry;
  const again = applied.moved || applied.overwritten.some((one) => one.outcome === 'restored');
  return again ? { due: now, counted: false, reason: 'it moved while we wrote' } : null;
}

/** By the profile's policy; a held one is written nowhere, and what a person decided is on disk already. */
export function isSettledByUs(conflict: Decision['conflicts'][number]): boolean {
  return conflict.outcome !== 'held' && conflict.outcome !== 'decided';
}

/** Where something went wrong, what was not answered may have arrived all the same. */
function stillAnnounced(
  planned: Records,
  decision: Decision,
  applied: Applied,
  context: SyncContext,
): Link['announced'] {
  if (applied.failure === null) return null;
  const answers = [...applied.done, ...applied.coerced, ...applied.park];
  const isAnswered = (field: string, side: Side) => answers.some((one) => one.field === field && one.side === side);
  const open = decision.writes.filter(({ field, side }) => !isAnswered(field, side)).map(({ field }) => field);
  const announced = announcedBy(decision.writes, planned, context.profile);
  return announcedBut(
    announced,
    Object.keys(announced).filter((field) => !open.includes(field)),
  );
}

/** Fields of which a write did not go through. */
function unfinishedFields(decision: Decision, applied: Applied): ReadonlySet<string> {
  return new Set(unfinishedWrites(decision, applied).map(({ field }) => field));
}

function unfinishedWrites(decision: Decision, applied: Applied): Decision['writes'] {
  const isDone = (field: string, side: Side) => applied.done.some((one) => one.field === field && one.side === side);
  return decision.writes.filter(({ field, side }) => !isDone(field, side));
}

/** Where the write that stopped the work was to go; a stamp is no write of a field. */
function unfinishedSide(decision: Decision, applied: Applied): Side {
  return unfinishedWrites(decision, applied)[0]?.side ?? 'jira';
}

/** The conflicts of a decision before any of its writes; nothing has settled yet. */
export function conflictsFirst(
  context: SyncContext,
  work: Work,
  known: Known,
  planned: Records,
  decision: Decision,
): Settlement {
  const now = context.clock.now();
  const link = known.link ?? newLink(context, work, planned);
  return {
    ...NOTHING,
    link: {
      ...link,
      base: comparedBase(known.base, planned, decision.outcomes, context.profile),
      reason: 'in conflict, about to be written',
    },
    conflicts: conflictRows({ ...decision, conflicts: decision.conflicts.filter(isSettledByUs) }, planned, now),
    next: 'keep',
  };
}

/** A pair of which nothing has been merged yet. */
export function newLink(context: SyncContext, work: Work, planned: Records): NonNullable<Settlement['link']> {
  return {
    ids: { jira: planned.jira.ref.id, crm: planned.crm.ref.id },
    keys: { jira: planned.jira.key, crm: planned.crm.key },
    state: 'active',
    reason: null,
    base: {},
    versions: { jira: '', crm: '' },
    fingerprints: { jira: '', crm: '' },
    profileVersion: context.profile.version,
    origin: work.origin,
    settledAt: 0,
  };
}

/** A linked record is outside the scope: nothing is written, nothing deleted, the base stays. */
export function outOfScope(
  link: Link,
  records: Records,
  context: SyncContext,
): { readonly settlement: Settlement; readonly why: string } {
  const outside = SIDES.filter((side) => !records[side].inScope);
  const names = outside.map((side) => `${link.keys[side]} (${side})`).join(' and ');
  const why = `${names} left the scope of the profile; it goes on when it comes back`;
  const settlement: Settlement = {
    ...NOTHING,
    link: { ...link, state: 'out-of-scope', reason: why, profileVersion: context.profile.version },
    seen: SIDES.map((side) => ({ ...sightingOf(context.profile, records[side]), side })),
  };
  return { settlement, why };
}

/** The whole record is set aside; its link, if any, stays as it is. */
export function parkedWhole(claim: Claim, why: Parked): Settlement {
  // A command may have taken a pair that nothing had marked.
  const of = claim.rows[0] ?? (claim.link === null ? null : { side: 'jira' as const, id: claim.link.ids.jira });
  if (of === null) return NOTHING;
  return {
    ...NOTHING,
    park: [wholeRow(of, why)],
    ...(claim.link === null ? {} : { link: { ...claim.link, reason: why.reason } }),
  };
}

function wholeRow({ side, id }: Pick<ParkedWrite, 'side' | 'id'>, why: Parked): ParkedWrite {
  return { side, id, field: '', kind: why.word, reason: why.reason, cure: why.cure, values: {} };
}

function unsettledReason(
  parked: readonly string[],
  conflicting: readonly string[],
  applied: Applied,
  failed: Disposition | null,
): string | null {
  const parts: string[] = [];
  if (conflicting.length > 0) parts.push(`in conflict: ${conflicting.join(', ')}`);
  if (parked.length > 0) parts.push(`parked: ${parked.join(', ')}`);
  if (failed?.kind === 'retry') parts.push('a write did not go through and is tried again');
  if (failed?.kind === 'park') parts.push(`a write did not go through: ${failed.reason}`);
  if (applied.moved || applied.overwritten.some((one) => one.outcome === 'restored'))
    parts.push('it moved while we wrote');
  return parts.length === 0 ? null : parts.join('; ');
}

function coercions(applied: Applied, planned: Records, context: SyncContext): ParkedWrite[] {
  return applied.coerced.map((write) => {
    const shown = { ...shownValues(write, planned, context), [write.side]: write.returned };
    return coercionRow(context, applied.records[write.side], write.field, write.value, write.returned, shown);
  });
}

/** The vendor answered success and kept something else: parked at once, with both values. */
export function coercionRow(
  context: SyncContext,
  record: SourceRecord,
  field: string,
  sent: Value,
  returned: Value,
  shown: Readonly<Partial<Record<Side, Value | undefined>>>,
): ParkedWrite {
  context.meters.coercion(context.profile.name, field);
  const { side, id } = record.ref;
  const name = (value: Value) => showValue(context, field, side, value);
  return {
    side,
    id,
    field,
    kind: 'coercion',
    reason: `${record.key} answered success but shows ${name(returned)} where ${name(sent)} was written`,
    cure: 'Correct the value where it was entered, or widen the field (length, options), then run: parked retry',
    values: knownValues(shown),
  };
}

function showValue(context: SyncContext, fieldName: string, side: Side, value: Value): string {
  const field = context.profile.fields.find((candidate) => candidate.name === fieldName);
  if (field === undefined) return JSON.stringify(value);
  return value === null ? 'nothing' : `"${field.mapper.show(value, side)}"`;
}

function conflictRows(decision: Decision, planned: Records, now: number): ConflictWrite[] {
  return decision.conflicts.map((conflict) => ({
    field: conflict.field,
    base: conflict.base,
    values: conflict.values,
    changedAt: { jira: planned.jira.updatedAt, crm: planned.crm.updatedAt },
    changedBy: { jira: planned.jira.updatedBy, crm: planned.crm.updatedBy },
    policy: conflict.policy,
    outcome: conflict.outcome,
    status: conflict.outcome === 'held' ? 'open' : 'settled',
    at: now,
  }));
}

/** What was given back is not listed here: the next merge finds both edits, and its conflict tells of them once. */
function overwriteRows(
  applied: Applied,
  planned: Records,
  known: Known,
  context: SyncContext,
  now: number,
): ConflictWrite[] {
  const kept = applied.overwritten.filter((one) => one.outcome !== 'restored');
  return kept.map(({ write, before, outcome }) => {
    const shown = shownValues(write, planned, context);
    return {
      field: write.field,
      base: settledOf(known.base, write.field) ?? null,
      values: { jira: shown.jira ?? null, crm: shown.crm ?? null, [write.side]: before },
      changedAt: { jira: planned.jira.updatedAt, crm: planned.crm.updatedAt, [write.side]: now },
      changedBy: { jira: planned.jira.updatedBy, crm: planned.crm.updatedBy, [write.side]: null },
      policy: 'seen after our write',
      outcome: outcome === 'lost' ? 'overwritten, not given back' : `overwritten, ${otherSide(write.side)} wins`,
      status: 'settled',
      at: now,
    };
  });
}

function journalRows(
  context: SyncContext,
  work: Work,
  linkId: number | null,
  planned: Records,
  applied: Applied,
  now: number,
): JournalEntry[] {
  return [...applied.done, ...applied.coerced].map((write) => ({
    at: now,
    profile: context.profile.name,
    profileVersion: context.profile.version,
    linkId,
    side: write.side,
    recordId: planned[write.side].ref.id,
    field: write.field,
    action: 'update',
    before: write.from,
    after: write.returned,
    cause: work.cause,
    run: work.run,
  }));
}
