// Pairs that a person makes or takes apart. What is said here stands until a person says otherwise.
import { SyncError } from '../errors.ts';
import type { Side, SourceRecord } from '../model.ts';
import type { Claim, Link, RecordKey } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import { readSide } from './load.ts';
import { plainReport, type Report } from './report.ts';
import { NOTHING, newLink } from './settlement.ts';
import { syncRecord } from './sync-record.ts';
import { KEPT_APART } from './unlinked.ts';

/** `claim` is that of the Jira record. Throws SyncError when the two cannot be a pair; merges them otherwise. */
export async function linkByHand(claim: Claim, ids: Link['ids'], context: SyncContext): Promise<Report> {
  const { store, profile, clock } = context;
  const { jira: jiraId, crm: crmId } = ids;
  if (claim.link !== null && claim.link.ids.crm !== crmId) throw taken(claim.link.keys.jira, claim.link.keys.crm);
  if (claim.link === null) {
    const { linkedTo } = await store.claimPartner(claim, { profile: profile.name, side: 'crm', id: crmId });
    if (linkedTo !== null) throw taken(linkedTo.keys.crm, linkedTo.keys.jira);
    const jira = await pairable('jira', jiraId, context);
    const crm = await pairable('crm', crmId, context);
    const work = { run: '', cause: 'command', origin: 'command' } as const;
    const link = { ...newLink(context, work, { jira, crm }), reason: 'paired by hand, about to be merged' };
    const unpark = [
      { side: 'jira', id: jiraId, field: null },
      { side: 'crm', id: crmId, field: null },
    ] as const;
    const stored = await store.settle(claim, { ...NOTHING, link, unpark, next: 'keep' }, clock.now());
    await lookAgainAtDoubles(context);
    return syncRecord({ ...claim, link: stored }, context);
  }
  return syncRecord(claim, context);
}

/** The pair ends, or the single record is left alone: neither is paired or gets a partner until a person links it. */
export async function unlinkByHand(claim: Claim, { side, id }: RecordKey, context: SyncContext): Promise<Report> {
  const { store, profile, clock } = context;
  await store.unlink(claim, clock.now());
  await lookAgainAtDoubles(context);
  const keys = claim.link?.keys ?? { [side]: id };
  return plainReport(profile.name, 'unmatched', KEPT_APART, keys);
}

/** Both records stay with the products as they are; what the state knew of them is gone but for their ids. */
export async function forgetByHand(claim: Claim, { side, id }: RecordKey, context: SyncContext): Promise<Report> {
  const { store, profile, clock } = context;
  const { journal, conflicts } = await store.forget(claim, clock.now());
  const ids = claim.link?.ids ?? { [side]: id };
  return plainReport(profile.name, 'unmatched', forgotten(journal, conflicts), ids);
}

function forgotten(journal: number, conflicts: number): string {
  const rows = `${journal} journal ${journal === 1 ? 'entry' : 'entries'}, ${conflicts} conflict${conflicts === 1 ? '' : 's'}`;
  return `is forgotten (${rows}) and kept apart from now on; link pairs it again`;
}

/** What was ambiguous before may be clear now. */
async function lookAgainAtDoubles(context: SyncContext): Promise<void> {
  const { store, profile, clock } = context;
  const parked = await store.parked({ profile: profile.name });
  const doubles = parked.filter((row) => row.kind === 'two-matches' && row.field === '');
  const marks = doubles.map(({ side, id }) => ({
    profile: profile.name,
    side,
    id,
    lane: 'live' as const,
    cause: 'command' as const,
    version: null,
  }));
  await store.markDirty(marks, clock.now());
}

async function pairable(side: Side, id: string, context: SyncContext): Promise<SourceRecord> {
  const record = await readSide(side, id, 'live', context);
  if (record === null) {
    throw new SyncError(`There is no ${side} record ${id}, or our account does not see it`, 'Check its number.');
  }
  if (!record.inScope) {
    const cure = 'Name a record of the scope, or widen the scope in the profile.';
    throw new SyncError(`${record.key} is outside the scope of the profile "${context.profile.name}"`, cure);
  }
  return record;
}

function taken(record: string, partner: string): SyncError {
  return new SyncError(
    `${record} is paired with ${partner} already`,
    `Take them apart first: jira-crm-sync unlink <profile> ${record}`,
  );
}
