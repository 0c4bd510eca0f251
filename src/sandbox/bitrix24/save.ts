// Creating, changing and deleting items: the same save for REST calls, people and robots. Ends with the event.

import { dayOf } from './dates.ts';
import { ENTITIES, type EntityName } from './entities.ts';
import { RestError } from './errors.ts';
import type { Field, Schema } from './field.ts';
import { dropItem, keepItem } from './item-store.ts';
import { multifieldsOf, writeMultifields } from './multifield.ts';
import { baseCurrency, type Item, nextId, type Portal, portalNow, stagesOf } from './portal.ts';
import { fieldNamed, schemaOf } from './schema.ts';
import { noteStage } from './stage-history.ts';
import { settleStage } from './stages.ts';
import { readValue, sameValue } from './values.ts';

export type Save = {
  readonly entity: EntityName;
  readonly input: Readonly<Record<string, unknown>>;
  /** Id of the user who acts. */
  readonly by: number;
  readonly originalNames?: boolean;
  /** crm.item.import: no automation, service fields are taken as sent. */
  readonly asImport?: boolean;
  /** A robot's own save starts no robots. */
  readonly byRobot?: boolean;
};

type Draft = Record<string, unknown>;

const DAY_MS = 86_400_000;
/** Kept in tables of their own: whether they move the item itself is a variant. */
const CONTACT_KEYS = new Set(['contactIds', 'contactId', 'fm', 'hasPhone', 'hasEmail']);
/** Read-only in the field list, yet taken on add (Bitrix24 docs: crm.item.add). */
const TAKEN_ON_ADD = new Set(['leadId', 'quoteId']);
const TAKEN_ON_IMPORT = new Set(['createdTime', 'updatedTime', 'createdBy', 'updatedBy', 'movedTime', 'movedBy']);

export function createItem(portal: Portal, save: Save): Item {
  const entity = portal.settings.simpleCrm && save.entity === 'lead' ? 'deal' : save.entity;
  const schema = schemaOf(portal, entity);
  const written = readInput(portal, schema, null, save);
  const now = portalNow(portal);
  const id = nextId(portal, entity);
  const item: Item = { id, ...defaults(portal, entity, id, save.by, now), ...written };
  settleStage(portal, entity, null, item);
  checkRequired(schema, item, 'add');
  complete(portal, entity, item);
  keepItem(portal, entity, item);
  noteStage(portal, entity, null, item, now);
  portal.raise(`ONCRM${eventOf(entity)}ADD`, id);
  return item;
}

/** Answers the item as saved; the very same object when nothing changed and the save was skipped. */
export function updateItem(portal: Portal, kept: Item, save: Save): Item {
  const { entity } = save;
  // Sample records keep only what was set; compared are whole ones.
  const item = { ...kept };
  complete(portal, entity, item);
  const schema = schemaOf(portal, entity);
  const draft: Item = { ...item, ...readInput(portal, schema, item, save) };
  settleStage(portal, entity, item, draft);
  derive(portal, entity, draft);
  const changed = Object.keys(draft).filter((key) => !sameValue(draft[key], item[key]));
  const variants = portal.settings.variants;
  if (changed.length === 0 && variants['item-noop-update'] === 'A') return kept;
  const stageMoved = changed.includes('stageId');
  if (changed.some((key) => key === 'stageId' || key === 'categoryId') && portal.settings.denyStageChange) {
    throw new RestError(400, '-', 'У вас нет прав для изменения стадии этого элемента');
  }
  checkRequired(schema, draft, stageMoved && !changed.includes('categoryId') ? 'stage' : 'names', changed);

  const now = portalNow(portal);
  const quiet = changed.every((key) => CONTACT_KEYS.has(key));
  const silent = changed.length > 0 && quiet && variants['event-on-contacts-fm'] === 'B';
  if (!silent) Object.assign(draft, { updatedTime: now, updatedBy: save.by });
  if (stageMoved) Object.assign(draft, { movedTime: now, movedBy: save.by });
  keepItem(portal, entity, draft);
  noteStage(portal, entity, item, draft, now);
  if (!silent) raiseUpdate(portal, entity, draft, changed);
  if (!save.byRobot && !save.asImport) portal.afterSave(entity, item.id, changed);
  return draft;
}

export function deleteItem(portal: Portal, entity: EntityName, id: number): void {
  const item = portal.items[entity].get(id);
  if (item) {
    dropItem(portal, entity, item);
    portal.bin[entity].set(id, item);
  }
  for (const comment of portal.comments.values()) {
    if (comment.entity === entity && comment.ownerId === id) portal.comments.delete(comment.id);
  }
  portal.raise(`ONCRM${eventOf(entity)}DELETE`, id);
}

/** A move to another pipeline has an event of its own instead, which outgoing webhooks cannot have. */
function raiseUpdate(portal: Portal, entity: EntityName, item: Item, changed: readonly string[]): void {
  if (!changed.includes('categoryId')) {
    portal.raise(`ONCRM${eventOf(entity)}UPDATE`, item.id);
    return;
  }
  const place = { CATEGORY_ID: item.categoryId, STAGE_ID: item.stageId };
  portal.raise('ONCRMDEALMOVETOCATEGORY', item.id, place);
}

export function eventOf(entity: EntityName): string {
  return ENTITIES.find((candidate) => candidate.name === entity)?.event ?? '';
}

/** Unknown, read-only and (on update) immutable fields are ignored without a word. */
function readInput(portal: Portal, schema: Schema, item: Item | null, save: Save): Draft {
  const draft: Draft = {};
  for (const [name, raw] of Object.entries(save.input)) {
    const field = fieldNamed(schema, name, save.originalNames ?? false);
    if (!field || !isWritable(field, item === null, save.asImport ?? false)) continue;
    if (field.type === 'crm_multifield') {
      draft.fm = writeMultifields(multifieldsOf(item), raw, () => nextId(portal, 'fm'));
      continue;
    }
    if (isEmptyMember(field, raw) && portal.settings.variants['multiple-empty-member'] === 'B') continue;
    draft[field.key] = readValue(portal, field, raw);
  }
  if ('contactIds' in draft) draft.contactId = (draft.contactIds as readonly unknown[])[0] ?? null;
  else if ('contactId' in draft) draft.contactIds = draft.contactId === null ? [] : [draft.contactId];
  return draft;
}

function isEmptyMember(field: Field, raw: unknown): boolean {
  return field.multiple && Array.isArray(raw) && raw.length > 0 && raw.every((one) => one === '');
}

function isWritable(field: Field, onAdd: boolean, asImport: boolean): boolean {
  if (field.readOnly) return (onAdd && TAKEN_ON_ADD.has(field.name)) || (asImport && TAKEN_ON_IMPORT.has(field.name));
  // A deal's pipeline is listed as immutable, yet crm.item.update moves it.
  return onAdd || !field.immutable || field.name === 'categoryId';
}

function defaults(portal: Portal, entity: EntityName, id: number, by: number, now: number): Draft {
  const { portalOffset } = portal.settings;
  const title = `${ENTITIES.find((candidate) => candidate.name === entity)?.title} #${id}`;
  const service = { createdTime: now, updatedTime: now, createdBy: by, updatedBy: by, assignedById: by, opened: 'Y' };
  const activity = { lastActivityBy: by, lastActivityTime: now };
  const moved = { movedBy: by, movedTime: now };
  const money = { opportunity: 0, currencyId: baseCurrency(portal) };
  if (entity === 'contact') return { name: title, ...service, ...activity, export: 'Y' };
  if (entity === 'company') return { title, ...service, ...activity, revenue: 0, currencyId: money.currencyId };
  const source = { sourceId: firstStatus(portal, 'SOURCE') };
  if (entity === 'lead') return { title, ...service, ...activity, ...moved, ...money, ...source };
  const dates = { begindate: dayOf(now, portalOffset), closedate: dayOf(now + 7 * DAY_MS, portalOffset) };
  const deal = { categoryId: 0, typeId: firstStatus(portal, 'DEAL_TYPE'), taxValue: 0, comments: '' };
  return { title, ...service, ...activity, ...moved, ...money, ...source, ...dates, ...deal };
}

function firstStatus(portal: Portal, dictionary: string): string | null {
  return portal.statuses.find((status) => status.dictionary === dictionary)?.statusId ?? null;
}

/** Makes a new item whole: flags that nobody set are N, and what follows from other fields stands. */
function complete(portal: Portal, entity: EntityName, item: Item): void {
  for (const field of schemaOf(portal, entity).fields) {
    if (field.type === 'boolean' && !field.multiple) item[field.key] ??= 'N';
  }
  derive(portal, entity, item);
}

/** What follows from other fields. */
function derive(portal: Portal, entity: EntityName, draft: Draft): void {
  if (entity !== 'deal') {
    const kinds = new Set(((draft.fm ?? []) as readonly { typeId: string }[]).map((one) => one.typeId));
    draft.hasPhone = kinds.has('PHONE') ? 'Y' : 'N';
    draft.hasEmail = kinds.has('EMAIL') ? 'Y' : 'N';
  }
  if (entity === 'contact' || entity === 'company') return;
  draft.opportunity ??= 0;
  const stages = stagesOf(portal, entity, draft.categoryId);
  const stage = stages.find((candidate) => candidate.statusId === draft.stageId);
  draft.stageSemanticId = stage?.semantics ?? 'P';
  if (entity === 'deal') {
    draft.closed = stage?.semantics ? 'Y' : 'N';
    draft.isNew = stage === stages[0] ? 'Y' : 'N';
  }
  const total = portal.settings.productRowsTotal;
  if (total !== null && draft.isManualOpportunity !== 'Y') draft.opportunity = total;
}

/**
 * On add an empty name has got its default; on update required fields are checked when the stage moves within its
 * pipeline, the fields that the vendor itself requires whenever they are written. Several texts are joined by <br>.
 */
function checkRequired(
  schema: Schema,
  draft: Draft,
  when: 'add' | 'stage' | 'names',
  changed: readonly string[] = [],
): void {
  const missing: string[] = [];
  const isEmpty = (key: string) => sameValue(draft[key], null);
  for (const field of schema.fields) {
    if (!field.required || !isEmpty(field.key)) continue;
    // Name, second name and last name are "required" together: one of them is enough.
    if (schema.byKey.has('secondName') && ['name', 'secondName', 'lastName'].includes(field.key)) {
      if (!isEmpty('name') || !isEmpty('lastName') || !isEmpty('secondName')) continue;
    }
    if (when === 'names' && !changed.includes(field.key)) continue;
    missing.push(`Не заполнено обязательное поле "${field.title}"`);
  }
  if (missing.length > 0) throw new RestError(400, 'CRM_FIELD_ERROR_REQUIRED', missing.join('<br>'));
}
