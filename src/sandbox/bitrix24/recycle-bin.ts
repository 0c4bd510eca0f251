// The recycle bin: deleted items wait there and can be put back, without their comments. Times stay as they were, so
// that only the event and a look at all ids tell of it.
import { SandboxEditError } from '../http.ts';
import type { EntityName } from './entities.ts';
import { keepItem } from './item-store.ts';
import { type Item, nextId, type Portal } from './portal.ts';
import { eventOf } from './save.ts';

/** Under its old id or (variant recycle-restore) a new one. */
export function restoreItem(portal: Portal, entity: EntityName, id: number): void {
  const deleted = portal.bin[entity].get(id);
  if (!deleted) throw new SandboxEditError(`no ${entity} with the id ${id} in the recycle bin`);
  portal.bin[entity].delete(id);
  const asNew = portal.settings.variants['recycle-restore'] === 'A';
  const item: Item = asNew ? { ...deleted, id: nextId(portal, entity) } : deleted;
  keepItem(portal, entity, item);
  if (!asNew) sortById(portal.items[entity]);
  portal.raise(`ONCRM${eventOf(entity)}ADD`, item.id);
}

/** Lists rely on the order of ids, which an old one breaks. */
function sortById(items: Map<number, Item>): void {
  const sorted = [...items].sort(([left], [right]) => left - right);
  items.clear();
  for (const [id, item] of sorted) items.set(id, item);
}
