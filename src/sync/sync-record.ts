// The path of a change, one record (or one pair) at a time:
//
//   claim -> load both sides -> merge with base -> brake -> apply -> record
//
// Whatever woke us only marked the record dirty; what is true is read here, afresh. Everything a piece of work leaves
// behind is committed in one transaction, and a failure at any step leaves the dirty row to try again.
import type { Cause, SourceRecord } from '../model.ts';
import type { Claim, Link } from '../state/store.ts';
import { ownCreate } from './adopt.ts';
import { announce } from './announced.ts';
import { apply } from './apply.ts';
import { settleArrived } from './arrived.ts';
import { brakeOnOverwrites } from './brake.ts';
import type { Held, SyncContext } from './context.ts';
import { costOf } from './cost.ts';
import { type Decision, decide, type Known } from './decide.ts';
import { syncGone } from './gone.ts';
import { isEcho, laneOf, loadLinked } from './load.ts';
import { pairUp } from './pair-up.ts';
import { afterCreate, linkedReport, plainReport, type Report, unlessSetAside } from './report.ts';
import {
  conflictsFirst,
  isSettledByUs,
  NOTHING,
  outOfScope,
  parkedWhole,
  settlementOf,
  type Work,
} from './settlement.ts';
import { stampPair } from './stamp-pair.ts';

type Pair = { readonly jira: SourceRecord; readonly crm: SourceRecord };

/** Never throws for what a record, a vendor or the network did: that ends in a retry or a parked row, and a report. */
export async function syncRecord(claim: Claim, context: SyncContext): Promise<Report> {
  const { store, clock, random, meters, profile } = context;
  const work: Work = { run: random.hex(8), cause: claim.rows[0]?.cause ?? 'command', origin: 'match' };
  const held: Held = { claim };
  let report: Report;
  try {
    if (claim.link !== null) {
      report = await syncLinked(held, claim.link, work, context);
    } else {
      const paired = await pairUp(held, work, context);
      report = paired.report ?? (await syncPair(held, paired.pair, { ...work, origin: paired.origin }, context));
      if (paired.created !== null) report = afterCreate(paired.created, report);
    }
  } catch (error) {
    const disposition = context.dispose(error, attemptsOf(held.claim));
    const keys = held.claim.link?.keys ?? {};
    if (disposition.kind === 'retry') {
      await store.release(held.claim, disposition.retry, clock.now());
      report = plainReport(profile.name, 'retry', disposition.retry.reason, keys);
    } else {
      await store.settle(held.claim, parkedWhole(held.claim, disposition), clock.now());
      report = plainReport(profile.name, 'parked', disposition.reason, keys);
    }
  }
  meters.synced(profile.name, report.outcome);
  const isNothingNew = report.outcome === 'echo' || report.outcome === 'unchanged';
  if (isNothingNew && isFromOutside(work.cause)) meters.echo(profile.name);
  return report;
}

export function isFromOutside(cause: Cause): boolean {
  return cause === 'webhook' || cause === 'event';
}

async function syncLinked(held: Held, link: Link, work: Work, context: SyncContext): Promise<Report> {
  const { claim } = held;
  const { store, clock, profile } = context;
  if (isEcho(claim, profile)) {
    await store.settle(claim, NOTHING, clock.now());
    return plainReport(profile.name, 'echo', '', link.keys);
  }
  const records = await loadLinked(claim, link, context);
  if (records === 'unchanged') {
    await store.settle(claim, { ...NOTHING, present: claim.rows }, clock.now());
    return plainReport(profile.name, 'unchanged', '', link.keys);
  }
  const { jira, crm } = records;
  if (jira === null || crm === null) return syncGone(held, link, records, work, context);
  if (!jira.inScope || !crm.inScope) {
    const { settlement, why } = outOfScope(link, { jira, crm }, context);
    await store.settle(claim, settlement, clock.now());
    return plainReport(profile.name, 'out-of-scope', why, link.keys);
  }
  return syncPair(held, { jira, crm }, work, context);
}

/** Both records are known and in scope: merge, apply, record. */
async function syncPair(held: Held, pair: Pair, work: Work, context: SyncContext): Promise<Report> {
  const { profile, store, clock } = context;
  await settleArrived(held, pair, work, context);
  let known = await knownOf(held.claim.link, pair, context);
  const decision = decide(profile, pair, known, clock.now());
  if (work.origin !== 'created') context.quota?.take(costOf(decision, pair, known.link, context));
  if (decision.conflicts.some(isSettledByUs)) {
    known = await recordConflicts(held, pair, work, known, decision, context);
  }
  if (known.link !== null) await brakeOnOverwrites(decision.writes, context);
  const lane = laneOf(held.claim);
  const ready = announce(held, decision.writes, pair, context);
  const written = await apply(decision.writes, pair, lane, context, ready);
  const isNew = known.link === null || known.link.settledAt === 0;
  const applied = isNew && decision.waiting === null ? await stampPair(written, lane, context) : written;
  const settlement = settlementOf(context, work, known, pair, decision, applied, {
    attempts: attemptsOf(held.claim),
    since: Math.min(clock.now(), ...held.claim.rows.map((row) => row.since)),
    intentDone: isNew ? (ownCreate(pair, context)?.intentKey ?? null) : null,
  });
  await store.settle(held.claim, settlement, clock.now());
  return unlessSetAside(settlement, linkedReport(profile, pair, decision, applied, isNew));
}

/** A conflict is on disk before one of its values is overwritten; the link may be new, so it is stored with it. */
async function recordConflicts(
  held: Held,
  pair: Pair,
  work: Work,
  known: Known,
  decision: Decision,
  context: SyncContext,
): Promise<Known> {
  const { store, clock } = context;
  const settlement = conflictsFirst(context, work, known, pair, decision);
  const link = await store.settle(held.claim, settlement, clock.now());
  held.claim = { ...held.claim, link };
  for (const { outcome } of decision.conflicts.filter(isSettledByUs)) {
    context.meters.conflictSettled(context.profile.name, outcome);
  }
  return { ...known, link };
}

async function knownOf(link: Link | null, pair: Pair, context: SyncContext): Promise<Known> {
  const { store, profile, clock } = context;
  const ids = { jira: pair.jira.ref.id, crm: pair.crm.ref.id };
  const since = clock.now() - FLIP_FLOP_WINDOW_MS;
  return { link, base: link?.base ?? {}, ...(await store.standing(profile.name, ids, link?.id ?? null, since)) };
}

const FLIP_FLOP_WINDOW_MS = 10 * 60_000;

function attemptsOf(claim: Claim): number {
  return Math.max(0, ...claim.rows.map((row) => row.attempts)) + 1;
}
