// How a person names a record: `BUY-12`, `7405`, or without doubt `jira:10023`, `crm:7405`.
import { SyncError } from '../errors.ts';
import type { RecordKey, Store } from '../state/store.ts';

export async function findRecord(store: Store, profile: string, name: string): Promise<RecordKey> {
  const exact = /^(jira|crm):(\d+)$/.exec(name);
  if (exact) return { profile, side: exact[1] as 'jira' | 'crm', id: exact[2] as string };
  const found = await store.findRecord(profile, name);
  if (found !== null) return found;
  throw new SyncError(
    `Profile "${profile}" has not seen a record "${name}"`,
    'Name it as Jira or the CRM does (BUY-12, 7405), or by side and id: jira:10023, crm:7405. A new record is seen by the next sweep or resync.',
  );
}
