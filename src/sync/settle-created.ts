// What a successful create leaves behind: the link, its base from what the vendor returned, and the journal.
import { MappingError } from '../errors.ts';
import { type Fields, otherSide, SIDES, type Side, type SourceRecord, sameValue, type Value } from '../model.ts';
import type { ProfileField } from '../profiles/profile.ts';
import type { Base, JournalEntry, ParkedWrite, Settlement } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import { expressionContext, imageOf, knownValues } from './decide.ts';
import { derivedValues } from './derived.ts';
import { readsAs } from './merge.ts';
import { baseOfCoerced } from './next-base.ts';
import { mayWrite } from './policy.ts';
import { plainReport, type Report } from './report.ts';
import { coercionRow, type Work } from './settlement.ts';
import { sightingOf } from './sighting.ts';

export type Creation = {
  readonly source: SourceRecord;
  readonly created: SourceRecord;
  /** What was sent, by the target's field id. */
  readonly values: Fields;
  /** Names of fields that can only be written now that the record exists. */
  readonly deferred: readonly string[];
  readonly parks: readonly ParkedWrite[];
  readonly key: string;
  readonly work: Work;
  /** Found after its answer was lost: both records may have been edited since it was sent. */
  readonly adopted: boolean;
};

/** `pair` is null when nothing was created. A settlement that keeps the claim leaves writes to be done on the pair. */
export type Created = {
  readonly report: Report;
  readonly settlement: Settlement;
  readonly pair: Readonly<Record<Side, SourceRecord>> | null;
};

export function settleCreated(creation: Creation, context: SyncContext): Created {
  const { source, created } = creation;
  const { profile, clock } = context;
  const now = clock.now();
  const side = source.ref.side;
  const target = created.ref.side;
  const records = side === 'jira' ? { jira: source, crm: created } : { jira: created, crm: source };
  const { base, coerced } = baseOf(creation, records, context);
  // With the values they were parked on: a change of either tries again.
  const refused = creation.parks.map((row) => ({ ...row, values: shownOf(row.field, records, context) }));
  const parks = [...refused, ...coerced];
  const keys = { jira: records.jira.key, crm: records.crm.key };
  // What is left to be done now. It is the link's reason, so that a later process, too, reads both records and does it.
  const ahead: string[] = [];
  if (creation.deferred.length > 0) ahead.push(`still to be written: ${creation.deferred.join(', ')}`);
  // The number of the new record may have to be shown on its source.
  const stamps = derivedValues(profile, records, expressionContext(records, base, profile, now)).filter(
    (derived) => derived.side === side && !sameValue(derived.value, records[side].fields[derived.id] ?? null),
  );
  if (stamps.length > 0) ahead.push('the source gets its stamp');
  if (creation.adopted) ahead.push('found after its answer was lost: what was edited since is compared next');
  const isUnread = profile.fields.some(({ ids }) => SIDES.some((one) => records[one].fields[ids[one]] === undefined));
  if (isUnread) ahead.push('some of it cannot be read now');
  const unfinished = parks.length > 0 ? [`parked: ${parks.map((row) => row.field).join(', ')}`, ...ahead] : ahead;
  const settlement: Settlement = {
    link: {
      ids: { jira: records.jira.ref.id, crm: records.crm.ref.id },
      keys,
      state: 'active',
      reason: unfinished.length > 0 ? unfinished.join('; ') : null,
      base,
      versions: { jira: records.jira.version, crm: records.crm.version },
      fingerprints: {
        jira: sightingOf(profile, records.jira).fingerprint,
        crm: sightingOf(profile, records.crm).fingerprint,
      },
      profileVersion: profile.version,
      origin: 'created',
      settledAt: now,
    },
    conflicts: [],
    closeConflicts: [],
    park: parks,
    unpark: [{ side, id: source.ref.id, field: '' }],
    journal: journalRows(creation, context, now),
    timers: [],
    seen: [
      { ...sightingOf(profile, source), side },
      { ...sightingOf(profile, created), side: target },
    ],
    intentDone: creation.key,
    next: ahead.length > 0 ? 'keep' : 'clean',
  };
  const report: Report = {
    ...plainReport(profile.name, 'created', `created ${created.key} for ${source.key}`, keys),
    writes: { jira: target === 'jira' ? 1 : 0, crm: target === 'crm' ? 1 : 0 },
  };
  return { report, settlement, pair: records };
}

function shownOf(
  fieldName: string,
  records: Readonly<Record<Side, SourceRecord>>,
  context: SyncContext,
): ParkedWrite['values'] {
  const field = context.profile.fields.find((candidate) => candidate.name === fieldName);
  if (field === undefined) return {};
  return knownValues({ jira: records.jira.fields[field.ids.jira], crm: records.crm.fields[field.ids.crm] });
}

function baseOf(
  creation: Creation,
  records: Readonly<Record<Side, SourceRecord>>,
  context: SyncContext,
): { base: Base; coerced: ParkedWrite[] } {
  const base: Record<string, Base[string]> = {};
  const coerced: ParkedWrite[] = [];
  const target = creation.created.ref.side;
  const parked = new Set(creation.parks.map((row) => row.field));
  for (const field of context.profile.fields) {
    const shown = { jira: records.jira.fields[field.ids.jira], crm: records.crm.fields[field.ids.crm] };
    if (shown.jira === undefined || shown.crm === undefined) continue;
    const both = { jira: shown.jira, crm: shown.crm };
    const sent = creation.values[field.ids[target]] ?? null;
    const isDeferred = creation.deferred.includes(field.name);
    if (creation.adopted && !isDeferred) {
      const settled = baseWhenSent(field, creation, both);
      if (settled !== null) base[field.name] = settled;
      continue;
    }
    const isCoerced = !parked.has(field.name) && sent !== null && !sameValue(sent, both[target]);
    if (isCoerced) coerced.push(coercionRow(context, creation.created, field.name, sent, both[target], both));
    if (isCoerced || parked.has(field.name)) {
      // The source's value is still to be carried over, as soon as one of the two changes.
      base[field.name] = baseOfCoerced(field, undefined, {
        target,
        returned: both[target],
        shown: both[otherSide(target)],
      });
      continue;
    }
    // What the vendor fills in where nothing was sent (an assignee it insists on) stands: writing it back would invent a
    // value nobody entered. Of a deferred field only the new record's side has settled, so the source's value is still
    // carried over.
    base[field.name] = isDeferred ? { ...both, [otherSide(target)]: null } : both;
  }
  return { base, coerced };
}

/**
 * What both sides showed when the create was sent, as far as can be told: edits since then are then merged as edits. Null
 * where the created record shows something else than was sent: a person's edit and a coercion look the same.
 */
function baseWhenSent(field: ProfileField, creation: Creation, both: Base[string]): Base[string] | null {
  const { created, values } = creation;
  const target = created.ref.side;
  const sent = values[field.ids[target]];
  const shown = both[target];
  // Where nothing was sent, an edit and what the vendor fills in look the same, once anybody has touched the record.
  const isTouched = created.updatedAt > created.createdAt;
  if ((sent ?? null) === null && shown !== null && isTouched) return null;
  if (sent === undefined) {
    // Left out as untranslatable or refused: it is still to be carried over. What is never written there stands.
    const wasLeftOut = field.on !== 'update' && mayWrite(field.direction, target);
    return wasLeftOut ? withSource(target, shown, imageOf(field, shown, target)) : both;
  }
  const source = otherSide(target);
  if (sent === null) {
    // What the target shows, the vendor filled in; what the source shows may have been entered since.
    if (readsAs(field, both[source], source, null)) return both;
    return withSource(target, shown, imageOf(field, null, target));
  }
  if (!sameValue(sent, shown)) return null;
  try {
    return withSource(target, sent, field.mapper.translate(sent, target));
  } catch (error) {
    if (error instanceof MappingError) return null;
    throw error;
  }
}

function withSource(target: Side, shown: Value, source: Value): Base[string] {
  return target === 'crm' ? { jira: source, crm: shown } : { jira: shown, crm: source };
}

function journalRows(creation: Creation, context: SyncContext, now: number): JournalEntry[] {
  const { profile } = context;
  const { created, values, work } = creation;
  const target = created.ref.side;
  const filled = Object.entries(values).filter(([, sent]) => sent !== null);
  return filled.map(([id, sent]) => ({
    at: now,
    profile: profile.name,
    profileVersion: profile.version,
    linkId: null,
    side: target,
    recordId: created.ref.id,
    field: fieldName(context, target, id),
    action: 'create',
    before: null,
    after: created.fields[id] ?? sent,
    cause: work.cause,
    run: work.run,
  }));
}

/** The profile's name for a side's field id. */
export function fieldName(context: SyncContext, side: Side, id: string | null): string {
  const field = context.profile.fields.find((candidate) => candidate.ids[side] === id);
  return field?.name ?? context.profile.computed.find((one) => one.id === id)?.name ?? String(id);
}
