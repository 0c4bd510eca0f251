// A record without a partner: it finds the one that exists, waits, or gets one created.
import { StaleError } from '../errors.ts';
import type { Side, SourceRecord } from '../model.ts';
import type { Claim, Link, Settlement } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import { createPartner, holdBack } from './create-partner.ts';
import { adoption, resolveDoubt } from './doubt.ts';
import { findPartner } from './find-partner.ts';
import { laneOf, readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { NOTHING, type Work } from './settlement.ts';
import { parkedField, unlinkedSettlement } from './unlinked.ts';

/** The claim as it is now: a settlement half-way puts the new link into it. */
export type Held = { claim: Claim };

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
    await settle({ ...NOTHING, unpark: [{ side: row.side, id: row.id, field: null }] });
    return ended(plainReport(profile.name, 'gone', 'the record is gone or hidden', keys));
  }
  if (!record.inScope) {
    await settle(unlinkedSettlement(record, [], context));
    return ended(plainReport(profile.name, 'out-of-scope', 'the record is outside the scope of the profile', keys));
  }

  const found = await findPartner(record, claim, context);
  if (found.kind === 'one') return pairWith(held, record, found.partner, { ...work, origin: found.origin }, context);
  if (found.kind === 'many') {
    const message = `more than one pairing fits by ${found.rule}: ${[record.key, ...found.ids].join(', ')}`;
    const cure = 'Make the values differ or clear the wrong one; what is not unique is never guessed';
    await settle(unlinkedSettlement(record, [parkedField(record, '', 'two-matches', { message, cure })], context));
    return ended(plainReport(profile.name, 'parked', message, keys));
  }
  const doubt = await resolveDoubt(record, claim, context);
  if (doubt.kind === 'found') return pairWith(held, record, doubt.partner, { ...work, origin: 'stamp' }, context);
  if (doubt.kind === 'open') {
    await settle(doubt.settlement);
    return ended(doubt.report);
  }

  const reason = holdBack(record, context);
  if (reason !== null) {
    const cure = 'Nothing to do: it goes over by itself as soon as the condition holds';
    const park = parkedField(record, '', 'waiting', { message: reason.why, cure });
    await settle(unlinkedSettlement(record, reason.outcome === 'waiting' ? [park] : [], context));
    return ended(plainReport(profile.name, reason.outcome, reason.why, keys));
  }
  const { report, settlement, pair } = await createPartner(record, claim, work, context);
  const link = await settle(settlement);
  if (pair === null || settlement.next !== 'keep') return ended(report);
  held.claim = { ...claim, link };
  return { report: null, pair, origin: 'created', created: report };
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
  if (adopted === null) return { report: null, pair, origin: work.origin, created: null };
  const link = await store.settle(held.claim, adopted.settlement, clock.now());
  held.claim = { ...held.claim, link };
  return { report: null, pair, origin: 'created', created: adopted.report };
}

function ended(report: Report): PairedUp {
  return { report, created: null };
}
