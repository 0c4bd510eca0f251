// crm.item.fields, get, add, update, delete.
import { type Call, entityOf, itemOf, type Method, yes } from './call.ts';
import { missingParameter } from './errors.ts';
import type { Field } from './field.ts';
import { isMap } from './form.ts';
import { listItems } from './item-list.ts';
import type { Answer } from './paging.ts';
import { printItem, WHOLE } from './print.ts';
import { createItem, deleteItem, updateItem } from './save.ts';
import { schemaOf } from './schema.ts';

export const ITEM_METHODS: Readonly<Record<string, Method>> = {
  'crm.item.fields': { scope: 'crm', run: itemFields },
  'crm.item.list': { scope: 'crm', run: listItems },
  'crm.item.get': { scope: 'crm', run: getItem },
  'crm.item.add': { scope: 'crm', run: addItem },
  'crm.item.update': { scope: 'crm', run: changeItem },
  'crm.item.delete': { scope: 'crm', run: removeItem },
};

function itemFields(call: Call): Answer {
  const entity = entityOf(call);
  const originalNames = yes(call.params.useOriginalUfNames);
  const fields = schemaOf(call.portal, entity.name).fields.map((field) => [
    originalNames ? (field.dynamic ? field.upperName : field.name) : field.name,
    describe(field),
  ]);
  return { result: { fields: Object.fromEntries(fields) } };
}

function describe(field: Field): Record<string, unknown> {
  const labels = { listLabel: field.title, formLabel: field.title, filterLabel: field.title };
  return {
    type: field.type,
    isRequired: field.required,
    isReadOnly: field.readOnly,
    isImmutable: field.immutable,
    isMultiple: field.multiple,
    isDynamic: field.dynamic,
    ...(field.dictionary === null ? {} : { statusType: field.dictionary }),
    ...(field.name === 'contactId' ? { isDeprecated: true } : {}),
    ...(field.type === 'enumeration' ? { items: optionRows(field) } : {}),
    title: field.title,
    ...(field.dynamic ? { ...labels, settings: fieldSettings(field.type) } : {}),
    upperName: field.upperName,
  };
}

/** Options carry id and text only; the XML_ID comes from the user field methods. */
function optionRows(field: Field): unknown[] {
  return field.options.map((option) => ({ ID: String(option.id), VALUE: option.value }));
}

export function fieldSettings(type: string): unknown {
  if (type !== 'enumeration') return { DEFAULT_VALUE: null };
  return { DISPLAY: 'LIST', LIST_HEIGHT: 1, CAPTION_NO_VALUE: '', SHOW_NO_VALUE: 'Y' };
}

export function inputOf(call: Call): Record<string, unknown> {
  const { fields } = call.params;
  if (isMap(fields)) return fields;
  // PHP cannot tell an empty map from an empty list.
  if (Array.isArray(fields) && fields.length === 0) return {};
  throw missingParameter('fields');
}

function shown(call: Call) {
  return { ...WHOLE, originalNames: yes(call.params.useOriginalUfNames) };
}

function getItem(call: Call): Answer {
  const entity = entityOf(call);
  if (call.params.id === undefined) throw missingParameter('id');
  const item = itemOf(call, entity.name, call.params.id);
  return { result: { item: printItem(call.portal, entity.name, item, shown(call)) } };
}

function addItem(call: Call): Answer {
  const entity = entityOf(call);
  const item = createItem(call.portal, {
    entity: entity.name,
    input: inputOf(call),
    by: call.user.id,
    originalNames: yes(call.params.useOriginalUfNames),
  });
  return { result: { item: printItem(call.portal, entity.name, item, shown(call)) } };
}

function changeItem(call: Call): Answer {
  const entity = entityOf(call);
  if (call.params.id === undefined) throw missingParameter('id');
  const item = updateItem(call.portal, itemOf(call, entity.name, call.params.id), {
    entity: entity.name,
    input: inputOf(call),
    by: call.user.id,
    originalNames: yes(call.params.useOriginalUfNames),
  });
  return { result: { item: printItem(call.portal, entity.name, item, shown(call)) } };
}

function removeItem(call: Call): Answer {
  const entity = entityOf(call);
  if (call.params.id === undefined) throw missingParameter('id');
  deleteItem(call.portal, entity.name, itemOf(call, entity.name, call.params.id).id);
  return { result: [] };
}
