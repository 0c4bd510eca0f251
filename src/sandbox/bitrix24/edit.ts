// A change by a person in the portal: fields by label or name, values by what the card shows.
import { type SandboxEdit, SandboxEditError, type SandboxEdited } from '../http.ts';
import { type EntityName, entityNamed } from './entities.ts';
import { RestError } from './errors.ts';
import type { Field } from './field.ts';
import { actAs, byHand, type Item, type Portal, stageDictionary, type User, userNamed } from './portal.ts';
import { createItem, deleteItem, updateItem } from './save.ts';
import { refersTo, schemaOf } from './schema.ts';

export function editPortal(portal: Portal, edit: SandboxEdit): SandboxEdited {
  const entity = entityNamed(edit.in);
  if (!entity) throw new SandboxEditError(`no entity "${edit.in}": lead, deal, contact or company`);
  const by = personOf(portal, edit.user)?.id ?? portal.users[0]?.id ?? 1;
  try {
    const id = actAs(portal, byHand(portal, by), () => apply(portal, entity.name, edit, by));
    return { id: String(id), key: String(id) };
  } catch (error) {
    if (error instanceof RestError) throw new SandboxEditError(`the portal refused: ${error.message}`);
    throw error;
  }
}

function apply(portal: Portal, entity: EntityName, edit: SandboxEdit, by: number): number {
  if (edit.op === 'create') {
    return createItem(portal, { entity, input: inputOf(portal, entity, null, edit), by }).id;
  }
  const item = portal.items[entity].get(Number(edit.id));
  if (!item) throw new SandboxEditError(`no ${entity} with the id ${edit.id}`);
  if (edit.op === 'delete') deleteItem(portal, entity, item.id);
  else updateItem(portal, item, { entity, input: inputOf(portal, entity, item, edit), by });
  return item.id;
}

function personOf(portal: Portal, named: string | undefined): User | undefined {
  if (named === undefined) return undefined;
  const user = userNamed(portal, named);
  if (!user) throw new SandboxEditError(`no person "${named}" in the portal`);
  return user;
}

function inputOf(portal: Portal, entity: EntityName, item: Item | null, edit: SandboxEdit): Record<string, unknown> {
  const fields = schemaOf(portal, entity).fields;
  const found = Object.entries(edit.fields ?? {}).map(([ref, value]) => {
    const field = fields.find((candidate) => refersTo(ref, candidate) || isNickname(candidate, ref));
    if (!field) throw new SandboxEditError(`no field "${ref}" on a ${entity}`);
    return { field, value };
  });
  const pipeline = found.find(({ field }) => field.name === 'categoryId')?.value;
  const categoryId = pipeline === undefined ? item?.categoryId : categoryOf(portal, pipeline);
  const input: Record<string, unknown> = {};
  // A person makes a purchase in the purchasing pipeline unless they say otherwise.
  if (entity === 'deal' && item === null && pipeline === undefined) input.categoryId = portal.categories[0]?.id ?? 0;
  const stageCategory = categoryId ?? input.categoryId;
  for (const { field, value } of found) input[field.name] = byLabel(portal, entity, stageCategory, field, value);
  return input;
}

/** `stage` and `pipeline`, as profiles call them. */
function isNickname(field: Field, ref: string): boolean {
  const nickname = ref.toLowerCase();
  return (nickname === 'stage' && field.name === 'stageId') || (nickname === 'category' && field.name === 'categoryId');
}

function categoryOf(portal: Portal, named: unknown): number {
  const category = portal.categories.find((one) => one.name === named || String(one.id) === String(named));
  if (!category) throw new SandboxEditError(`no pipeline "${named}"`);
  return category.id;
}

function byLabel(portal: Portal, entity: EntityName, categoryId: unknown, field: Field, value: unknown): unknown {
  if (field.multiple && Array.isArray(value)) {
    return value.map((one) => byLabel(portal, entity, categoryId, { ...field, multiple: false }, one));
  }
  if (value === null || value === '') return field.multiple ? [] : '';
  const text = String(value);
  if (field.name === 'categoryId') return categoryOf(portal, value);
  if (field.type === 'user' || field.type === 'employee') return personOf(portal, text)?.id;
  if (field.type === 'enumeration') {
    const option = field.options.find((one) => one.value === text || String(one.id) === text);
    if (!option) throw new SandboxEditError(`no option "${text}" in "${field.title}"`);
    return option.id;
  }
  if (field.type === 'crm_status' && field.dictionary !== null) {
    const dictionary = field.name === 'stageId' ? stageDictionary(entity, categoryId) : field.dictionary;
    const statuses = portal.statuses.filter((one) => one.dictionary === dictionary);
    const status = statuses.find((one) => one.name === text || one.statusId === text);
    if (!status) throw new SandboxEditError(`no "${text}" in "${field.title}"`);
    return status.statusId;
  }
  return field.multiple ? [value] : value;
}
