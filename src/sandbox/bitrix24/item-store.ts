// The one place that puts items in and takes them out: it keeps the index by external key, which connectors ask for
// before every create.
import type { EntityName } from './entities.ts';
import type { Item, Portal } from './portal.ts';

export function keepItem(portal: Portal, entity: EntityName, item: Item): void {
  const old = portal.items[entity].get(item.id);
  if (old && old.originId !== item.originId) forget(portal, entity, old);
  portal.items[entity].set(item.id, item);
  const key = originKey(entity, item.originId);
  if (key === null) return;
  const ids = portal.origins.get(key) ?? new Set();
  portal.origins.set(key, ids.add(item.id));
}

export function dropItem(portal: Portal, entity: EntityName, item: Item): void {
  portal.items[entity].delete(item.id);
  forget(portal, entity, item);
}

/** Ids of the items that may carry this external id, ascending; null when the id is none. */
export function idsByOrigin(portal: Portal, entity: EntityName, originId: unknown): number[] | null {
  const key = originKey(entity, originId);
  return key === null ? null : [...(portal.origins.get(key) ?? [])].sort((left, right) => left - right);
}

function forget(portal: Portal, entity: EntityName, item: Item): void {
  const key = originKey(entity, item.originId);
  if (key !== null) portal.origins.get(key)?.delete(item.id);
}

/** Without regard to case, as the database compares. */
function originKey(entity: EntityName, originId: unknown): string | null {
  return typeof originId === 'string' && originId !== '' ? `${entity} ${originId.toLowerCase()}` : null;
}
