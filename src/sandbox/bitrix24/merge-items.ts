// Merging duplicates: the winner keeps its own values, takes from the losers what it lacks and what can hold several,
// and inherits their comments and links. The losers are deleted.
import { SandboxEditError } from '../http.ts';
import type { EntityName } from './entities.ts';
import { keepItem } from './item-store.ts';
import { type Item, type Portal, portalNow } from './portal.ts';
import { deleteItem, eventOf } from './save.ts';
import { schemaOf } from './schema.ts';
import { sameValue } from './values.ts';

export type Merge = {
  readonly entity: EntityName;
  readonly winner: number;
  readonly losers: readonly number[];
  /** Id of the user who acts. */
  readonly by: number;
};

export function mergeItems(portal: Portal, merge: Merge): void {
  const { entity } = merge;
  if (merge.losers.includes(merge.winner)) throw new SandboxEditError('the winner of a merge cannot be a loser too');
  const winner = { ...itemNamed(portal, entity, merge.winner) };
  const losers = [...new Set(merge.losers)].map((id) => itemNamed(portal, entity, id));
  for (const loser of losers) {
    inherit(portal, entity, winner, loser);
    adopt(portal, entity, winner.id, loser.id);
    deleteItem(portal, entity, loser.id);
  }
  Object.assign(winner, { updatedTime: portalNow(portal), updatedBy: merge.by });
  keepItem(portal, entity, winner);
  portal.raise(`ONCRM${eventOf(entity)}UPDATE`, winner.id);
}

function itemNamed(portal: Portal, entity: EntityName, id: number): Item {
  const item = portal.items[entity].get(id);
  if (!item) throw new SandboxEditError(`no ${entity} with the id ${id}`);
  return item;
}

/** Values that follow from others (flags, stage) stay the winner's. */
function inherit(portal: Portal, entity: EntityName, winner: Item, loser: Item): void {
  for (const field of schemaOf(portal, entity).fields) {
    const theirs = loser[field.key];
    if (field.readOnly || field.type === 'boolean' || sameValue(theirs, null)) continue;
    const own = winner[field.key];
    if (sameValue(own, null)) winner[field.key] = theirs;
    else if (Array.isArray(own) && Array.isArray(theirs)) {
      winner[field.key] = [...own, ...theirs.filter((one) => !own.some((kept) => sameValue(kept, one)))];
    }
  }
}

/** What pointed at the loser points at the winner; nobody is told. */
function adopt(portal: Portal, entity: EntityName, winnerId: number, loserId: number): void {
  for (const comment of portal.comments.values()) {
    if (comment.entity !== entity || comment.ownerId !== loserId) continue;
    portal.comments.set(comment.id, { ...comment, ownerId: winnerId });
  }
  const key = `${entity}Id`;
  const moved = (ids: unknown) => [
    ...new Set((ids as readonly number[]).map((id) => (id === loserId ? winnerId : id))),
  ];
  for (const kind of ['lead', 'deal', 'contact', 'company'] as const) {
    for (const item of portal.items[kind].values()) {
      const many = item[`${key}s`];
      const listed = Array.isArray(many) && many.includes(loserId);
      if (item[key] !== loserId && !listed) continue;
      const one = item[key] === loserId ? { [key]: winnerId } : {};
      keepItem(portal, kind, { ...item, ...one, ...(listed ? { [`${key}s`]: moved(many) } : {}) });
    }
  }
}
