// Reads what a piece of work needs, and no more: the hinted side first, and the other one only if that differs from
// what was settled.
import { type Lane, otherSide, type Side, type SourceRecord } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Claim, Link } from '../state/store.ts';
import { askFor, type SyncContext } from './context.ts';
import { sightingOf } from './sighting.ts';

export type Records = Readonly<Record<Side, SourceRecord | null>>;

/** All that was hinted is what we last read or wrote ourselves: an echo, known without a request. */
export function isEcho(claim: Claim, profile: Profile): boolean {
  const link = claim.link;
  if (link === null || !isSettled(link, profile)) return false;
  return claim.rows.every((row) => row.version !== null && row.version === link.versions[row.side]);
}

/** Nothing is pending on the link: no parked field, no open conflict, no write in doubt, no newer profile version. */
function isSettled(link: Link, profile: Profile): boolean {
  if (link.announced !== null) return false;
  return link.state === 'active' && link.reason === null && link.profileVersion === profile.version;
}

/** Both records of a link; 'unchanged' when the one hinted side still shows what was settled. */
export async function loadLinked(claim: Claim, link: Link, context: SyncContext): Promise<Records | 'unchanged'> {
  const hinted = claim.rows.length === 1 ? claim.rows[0] : undefined;
  const lane = laneOf(claim);
  // Whoever asks for a record by name means the pair: of the other side nobody may have told.
  if (hinted === undefined || hinted.cause === 'command' || !isSettled(link, context.profile)) {
    const [jira, crm] = await Promise.all([
      readSide('jira', link.ids.jira, lane, context),
      readSide('crm', link.ids.crm, lane, context),
    ]);
    return { jira, crm };
  }
  const first = await readSide(hinted.side, link.ids[hinted.side], lane, context);
  if (first?.inScope && shows(first, link, context.profile)) return 'unchanged';
  const other = otherSide(hinted.side);
  const second = await readSide(other, link.ids[other], lane, context);
  return hinted.side === 'jira' ? { jira: first, crm: second } : { jira: second, crm: first };
}

function shows(record: SourceRecord, link: Link, profile: Profile): boolean {
  // Not the vendor's version: some vendors count whole seconds, and two edits may share one.
  return sightingOf(profile, record).fingerprint === link.fingerprints[record.ref.side];
}

export function laneOf(claim: Claim): Lane {
  return claim.rows.some((row) => row.lane === 'live') ? 'live' : 'bulk';
}

export function readSide(side: Side, id: string, lane: Lane, context: SyncContext): Promise<SourceRecord | null> {
  const { scope, reads } = context.profile.sides[side];
  return context.connectors[side].read(scope, id, reads, askFor(context, lane));
}
