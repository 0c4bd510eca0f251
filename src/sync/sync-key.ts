// The deterministic key of a create: it names the source record, so it survives the loss of our state and means
// something to a person who sees it on the created record.
import type { Marker, Side } from '../model.ts';

/** `issue-10023` for a Jira record, `crm-deal-7405` for a CRM record. */
export function syncKey(side: Side, entity: string, id: string): string {
  return side === 'jira' ? `${entity}-${id}` : `crm-${entity}-${id}`;
}

/** The id that a marker names on `side`, or null when it speaks of another site or another kind of record. */
export function markedId(marker: Marker | null, side: Side, entity: string, tenant: string): string | null {
  if (marker === null || marker.tenant !== tenant) return null;
  const prefix = syncKey(side, entity, '');
  if (!marker.key.startsWith(prefix)) return null;
  const id = marker.key.slice(prefix.length);
  return /^\d+$/.test(id) ? id : null;
}

/** Unique among all creates of this installation: the target, the source's site, and the key. */
export function intentKey(target: { connection: string; entity: string }, tenant: string, key: string): string {
  return `${target.connection}/${target.entity}/${tenant}/${key}`;
}
