// What a method gets and what its row in the route table says.
import { ENTITIES, type Entity, type EntityName } from './entities.ts';
import { accessDenied, itemNotFound, missingParameter, RestError, typeNotFound } from './errors.ts';
import type { Params } from './form.ts';
import type { Answer } from './paging.ts';
import type { Item, Portal, User } from './portal.ts';
import { grantedScopes } from './rights.ts';

export type Call = { readonly portal: Portal; readonly params: Params; readonly user: User };

export type Method = {
  /** One of these must be granted; null: none is needed. */
  readonly scope: string | readonly string[] | null;
  readonly run: (call: Call) => Answer;
};

export function entityOf(call: Call): Entity {
  const raw = call.params.entityTypeId;
  if (raw === undefined || raw === '') throw missingParameter('entityTypeId');
  const typeId = Number(raw);
  // Old invoices (5) and 0 are told apart from a type that does not exist.
  if (typeId === 0 || typeId === 5) throw new RestError(400, 'ENTITY_TYPE_NOT_SUPPORTED', 'Тип не поддерживается');
  const entity = ENTITIES.find((candidate) => candidate.typeId === typeId);
  if (!entity) throw typeNotFound();
  if (call.portal.settings.denyEntity[entity.name] === 'denied') throw accessDenied();
  return entity;
}

export function inScope(portal: Portal, method: Method): boolean {
  if (method.scope === null) return true;
  const granted = grantedScopes(portal);
  return [method.scope].flat().some((scope) => granted.includes(scope));
}

export function looksEmpty(portal: Portal, entity: EntityName): boolean {
  return portal.settings.revokeToken === 'empty-pages' || portal.settings.denyEntity[entity] === 'empty';
}

export function isHidden(portal: Portal, entity: EntityName, id: number): boolean {
  return portal.settings.hiddenItems[entity]?.includes(id) ?? false;
}

/** The item that the caller names and may read. */
export function itemOf(call: Call, entity: EntityName, rawId: unknown): Item {
  const id = Number(rawId);
  const item = looksEmpty(call.portal, entity) ? undefined : call.portal.items[entity].get(id);
  if (!item) throw itemNotFound();
  if (isHidden(call.portal, entity, id)) throw accessDenied();
  return item;
}

export function yes(value: unknown): boolean {
  return value === 'Y' || value === true;
}
