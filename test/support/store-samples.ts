// Purchase requests and deals of Nordhafen Pumps as the store sees them.
import type { Side } from '../../src/model.ts';
import type {
  Claim,
  ConflictWrite,
  DirtyMark,
  JournalEntry,
  Link,
  RecordKey,
  Settlement,
  Sighting,
  Store,
  SweepPage,
} from '../../src/state/store.ts';
import { NOTHING } from '../../src/sync/settlement.ts';

export const PROFILE = 'purchases';
export const NOW = Date.UTC(2026, 4, 18, 9, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function issue(id: string): RecordKey {
  return { profile: PROFILE, side: 'jira', id };
}

export function deal(id: string): RecordKey {
  return { profile: PROFILE, side: 'crm', id };
}

export function marked(record: RecordKey, more: Partial<DirtyMark> = {}): DirtyMark {
  return { ...record, lane: 'live', cause: 'webhook', version: null, ...more };
}

export function sighting(id: string, more: Partial<Sighting> = {}): Sighting {
  return { id, key: id, fingerprint: `print-${id}`, matchKeys: [], ...more };
}

export function page(side: Side, sightings: readonly Sighting[], more: Partial<SweepPage> = {}): SweepPage {
  return { profile: PROFILE, side, sightings, lane: 'bulk', cause: 'sweep', force: false, cursor: null, ...more };
}

export type LinkWrite = NonNullable<Settlement['link']>;

export function paired(jira: string, crm: string, more: Partial<LinkWrite> = {}): LinkWrite {
  return {
    ids: { jira, crm },
    keys: { jira: `BUY-${jira}`, crm },
    state: 'active',
    reason: null,
    base: { summary: { jira: 'Насос НЦ-40', crm: 'Насос НЦ-40' } },
    announced: null,
    versions: { jira: 'j1', crm: 'c1' },
    fingerprints: { jira: `print-${jira}`, crm: `print-${crm}` },
    profileVersion: 'v1',
    origin: 'created',
    settledAt: NOW,
    ...more,
  };
}

export function settlement(more: Partial<Settlement> = {}): Settlement {
  return { ...NOTHING, ...more };
}

export function heldConflict(more: Partial<ConflictWrite> = {}): ConflictWrite {
  return {
    field: 'budget',
    base: { jira: '100', crm: { amount: '100', currency: 'EUR' } },
    values: { jira: '120', crm: { amount: '130', currency: 'EUR' } },
    changedAt: { jira: NOW - 2000, crm: NOW - 1000 },
    changedBy: { jira: 'Anna Weber', crm: null },
    policy: 'hold',
    outcome: 'held',
    status: 'open',
    at: NOW,
    ...more,
  };
}

export function written(more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    at: NOW,
    profile: PROFILE,
    profileVersion: 'v1',
    linkId: null,
    side: 'crm',
    recordId: '7405',
    field: 'title',
    action: 'update',
    before: 'Насос',
    after: 'Насос НЦ-40',
    cause: 'webhook',
    run: 'run-1',
    ...more,
  };
}

export async function claimOne(store: Store, now = NOW): Promise<Claim> {
  const [claim] = await store.claim(1, now);
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
}

/** A clean pair. */
export async function storePair(store: Store, jira: string, crm: string, more: Partial<LinkWrite> = {}): Promise<Link> {
  const claim = await store.claimRecord(issue(jira), NOW);
  const link = await store.settle(claim, settlement({ link: paired(jira, crm, more) }), NOW);
  if (link === null) throw new Error('no link');
  return link;
}
