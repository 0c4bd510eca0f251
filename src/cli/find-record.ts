// How a person names things: a profile by its name, a record as `BUY-12`, `7405`, or without doubt `jira:10023`, `crm:7405`.
import { SyncError } from '../errors.ts';
import type { RecordKey, Store } from '../state/store.ts';
import { readStatus } from '../work/status.ts';

/** Of the profiles that the engine has loaded, or that left something in the state; SyncError for any other name. */
export async function requireProfile(store: Store, name: string): Promise<void> {
  const status = await readStatus(store);
  if (status.profiles.some((profile) => profile.name === name)) return;
  if ((await store.profileState(name)) !== null) return;
  if (status.waitsFor !== null) {
    throw new SyncError(`Profiles wait for a connection: ${status.waitsFor.reason}`, status.waitsFor.cure);
  }
  throw noSuchProfile(
    name,
    status.profiles.map((profile) => profile.name),
  );
}

export function noSuchProfile(name: string, known: readonly string[]): SyncError {
  const cure = known.length === 0 ? 'No profile is loaded: see jira-crm-sync check.' : `Use: ${known.join(', ')}.`;
  return new SyncError(`There is no profile "${name}"`, cure);
}

export async function findRecord(store: Store, profile: string, name: string): Promise<RecordKey> {
  await requireProfile(store, profile);
  const exact = /^(jira|crm):(\d+)$/.exec(name);
  if (exact) return { profile, side: exact[1] as 'jira' | 'crm', id: exact[2] as string };
  const found = await store.findRecord(profile, name);
  if (found !== null) return found;
  throw new SyncError(
    `Profile "${profile}" has not seen a record "${name}"`,
    'Name it as Jira or the CRM does (BUY-12, 7405), or by side and id: jira:10023, crm:7405. A new record is seen by the next sweep or resync.',
  );
}
