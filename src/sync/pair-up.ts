// A record without a partner: it finds the one that exists, waits, or gets one created.
import { StaleError } from '../errors.ts';
import { otherSide, type Side, type SourceRecord } from '../model.ts';
import type { Link, Settlement } from '../state/store.ts';
import { adoption } from './adopt.ts';
import type { Held, SyncContext } from './context.ts';
import { createPartner, holdBack } from './create-partner.ts';
import { lookBackFor, resolveDoubt } from './doubt.ts';
import { findPartner } from './find-partner.ts';
import { laneOf, readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { oneAtATime } from './serialise.ts';
import { NOTHING, newLink, type Work } from './settlement.ts';
import { sightingOf } from './sighting.ts';
import { takeOver } from './take-over.ts';
import { KEPT_APART, parkedField, unlinkedSettlement } from './unlinked.ts';

export type { Held };

/** A pair to be merged (with the report of its create, if it was created just now), or work that has ended here. */
export type PairedUp =
  | {
      readonly report: null;
      readonly pair: Readonly<Record<Side, SourceRecord>>;
      readonly origin: Link['origin'];
      readonly created: Report | null;
    }
  | { readonly report: Report; readonly created: null };

export async function pairUp(held: Held, work: Work, context: SyncContext): Promise<PairedUp> {
  const { claim } = held;
  const { store, clock, profile } = context;
  const row = claim.rows[0];
  if (row === undefined) return ended(plainReport(profile.name, 'unchanged', ''));
  const record = await readSide(row.side, row.id, laneOf(claim), context);
  const keys = { [row.side]: record?.key ?? row.id };
  const settle = (settlement: Settlement) => store.settle(claim, settlement, clock.now());

  if (record === null) {
    await settle({ ...NOTHING, unpark: [{ side: row.side, id: row.id, field: null }], present: [row], forget: [row] });
    return ended(plainReport(profile.name, 'gone', 'the record is gone or hidden', keys));
  }
  if (!record.inScope) {
    await settle(unlinkedSettlement(record, [], context));
    return ended(plainReport(profile.name, 'out-of-scope', 'the record is outside the scope of the profile', keys));
  }

  if (await store.isApart({ profile: profile.name, side: row.side, id: row.id })) {
    await settle(unlinkedSettlement(record, [], context));
    return ended(plainReport(profile.name, 'unmatched', KEPT_APART, keys));
  }
  // On record before a partner is looked for: of two that are made by hand at the same time, one sees the other.
  await settle({ ...NOTHING, seen: [{ ...sightingOf(profile, record), side: row.side }], next: 'keep' });
  const { pair: own, theirs } = await takeOver(held, record, context);
  if (own !== null) return { report: null, pair: own, origin: held.claim.link?.origin ?? 'match', created: null };
  const early = await pairWithExisting(held, record, work, context);
  if (early !== null) return early;
  const doubt = await resolveDoubt(record, claim, context);
  if (doubt.kind === 'found') return pairWith(held, record, doubt.partner, { ...work, origin: 'stamp' }, context);
  if (doubt.kind === 'open') {
    await settle(doubt.settlement);
    return ended(doubt.report);
  }

  const reason = theirs === null ? holdBack(record, context) : pairedElsewhere(theirs);
  if (reason !== null) {
    const cure = 'Nothing to do: it goes over by itself as soon as the condition holds';
    const park = parkedField(record, '', 'waiting', { message: reason.why, cure });
    await settle(unlinkedSettlement(record, reason.outcome === 'waiting' ? [park] : [], context));
    return ended(plainReport(profile.name, reason.outcome, reason.why, keys));
  }
  return oneAtATime(record, context, async () => {
    // Not since it was created: it may have waited for days, and somebody made its partner by hand right before it was let go.
    if (await context.seeAllSince(otherSide(row.side), { moved: record.updatedAt, marked: row.since })) {
      const late = await pairWithExisting(held, record, work, context);
      if (late !== null) return late;
    }
    const past = await lookBackFor(record, claim, context);
    if (past.kind === 'found') return pairWith(held, record, past.partner, { ...work, origin: 'stamp' }, context);
    if (past.kind === 'open') {
      await settle(past.settlement);
      return ended(past.report);
    }
    context.quota?.take(1);
    const { report, settlement, pair } = await createPartner(record, claim, work, context);
    const link = await settle(settlement);
    if (pair === null || settlement.next !== 'keep') return ended(report);
    held.claim = { ...claim, link };
    return { report: null, pair, origin: 'created', created: report };
  });
}

/** The partner that exists already, or the reason why it is not guessed; null when there is none. */
async function pairWithExisting(
  held: Held,
  record: SourceRecord,
  work: Work,
  context: SyncContext,
): Promise<PairedUp | null> {
  const { store, clock, profile } = context;
  const found = await findPartner(record, held.claim, context);
  if (found.kind === 'none') return null;
  if (found.kind === 'one') return pairWith(held, record, found.partner, { ...work, origin: found.origin }, context);
  const message = `more than one pairing fits by ${found.rule}: ${[record.key, ...found.ids].join(', ')}`;
  const cure = `What is not unique is never guessed. Settle it: jira-crm-sync link ${profile.name} <jira record> <crm record>; or make the values differ`;
  const park = parkedField(record, '', 'two-matches', { message, cure });
  await store.settle(held.claim, unlinkedSettlement(record, [park], context), clock.now());
  return ended(plainReport(profile.name, 'parked', message, { [record.ref.side]: record.key }));
}

/** The key of a create names its source alone: a second partner for it would be a double, whatever profile makes it. */
function pairedElsewhere(link: Link): ReturnType<typeof holdBack> {
  const why = `is paired by the profile "${link.profile}": ${link.keys.jira} <> ${link.keys.crm}`;
  return { outcome: 'unmatched', why };
}

/** Takes the partner too, so that both sides are worked on by nobody else. */
async function pairWith(
  held: Held,
  record: SourceRecord,
  partner: SourceRecord,
  work: Work,
  context: SyncContext,
): Promise<PairedUp> {
  const { store, profile, clock } = context;
  const { side, id } = partner.ref;
  const { linkedTo } = await store.claimPartner(held.claim, { profile: profile.name, side, id });
  if (linkedTo !== null) throw new StaleError(`${partner.key} was paired meanwhile`, 'It is looked at again');
  const pair = side === 'crm' ? { jira: record, crm: partner } : { jira: partner, crm: record };
  const adopted = await adoption(pair, work, context);
  if (adopted === null) {
    if (context.quota !== null) {
      // A staged resync pairs everything, whatever it may write.
      const link = { ...newLink(context, work, pair), reason: 'paired, its fields are still to be merged' };
      const stored = await store.settle(held.claim, { ...NOTHING, link, next: 'keep' }, clock.now());
      held.claim = { ...held.claim, link: stored };
    }
    return { report: null, pair, origin: work.origin, created: null };
  }
  const link = await store.settle(held.claim, adopted.settlement, clock.now());
  held.claim = { ...held.claim, link };
  return { report: null, pair, origin: 'created', created: adopted.report };
}

function ended(report: Report): PairedUp {
  return { report, created: null };
}
