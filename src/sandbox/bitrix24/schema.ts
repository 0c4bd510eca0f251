// The fields of an entity as they stand now: standard ones, then user fields, with the settings laid over both.
import { ENTITIES, type EntityName } from './entities.ts';
import type { Field, Schema } from './field.ts';
import { STANDARD_FIELDS } from './field-tables.ts';
import type { Portal } from './portal.ts';
import { restName } from './user-fields.ts';

export function schemaOf(portal: Portal, entity: EntityName): Schema {
  const known = portal.schemas.get(entity);
  if (known) return known;
  const fields = [...standardFields(portal, entity), ...userFields(portal, entity)]
    .filter((field) => !portal.settings.removeField.some((ref) => refersTo(ref, field)))
    .map((field) => withSettings(portal, field));
  const schema: Schema = {
    fields,
    byKey: new Map(fields.map((field) => [field.key, field])),
    byName: new Map(fields.map((field) => [field.name, field])),
  };
  portal.schemas.set(entity, schema);
  return schema;
}

/** By REST name; user fields by their upper-case name when the call asks for original names. */
export function fieldNamed(schema: Schema, name: string, originalNames: boolean): Field | undefined {
  if (!originalNames) return schema.byName.get(name);
  const field = schema.byKey.get(name);
  return field && (field.dynamic || field.key === field.name) ? field : undefined;
}

/** As a person names it: REST name, upper-case name or label. */
export function refersTo(ref: string, field: Field): boolean {
  const wanted = ref.toLowerCase();
  return [field.name, field.upperName, field.title].some((name) => name.toLowerCase() === wanted);
}

function derivedUpperName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function standardFields(portal: Portal, entity: EntityName): Field[] {
  const lines = STANDARD_FIELDS[entity].trim().split('\n');
  return lines.map((line) => {
    const [names = '', typing = '', flags = '', ...title] = line.split(' ');
    const [name = '', classicName] = names.split('=');
    const [type = '', dictionary] = typing.split(':');
    const derived = derivedUpperName(name);
    return {
      key: name,
      name,
      upperName: portal.settings.variants['item-upper-name'] === 'A' ? (classicName ?? derived) : derived,
      type,
      dictionary: dictionary ?? null,
      title: title.join(' '),
      required: flags.includes('R'),
      readOnly: flags.includes('O'),
      immutable: flags.includes('I'),
      multiple: flags.includes('M'),
      dynamic: false,
      options: [],
    };
  });
}

function userFields(portal: Portal, entity: EntityName): Field[] {
  const owner = ENTITIES.find((candidate) => candidate.name === entity)?.userFieldEntity;
  const mine = portal.userFields.filter((field) => field.owner === owner);
  const taken = new Set<string>();
  return mine.map((field) => {
    const camel = restName(field.name, portal.settings.variants['uf-letters-without-number']);
    const name = taken.has(camel) ? field.name : camel;
    taken.add(name);
    return {
      key: field.name,
      name,
      upperName: field.name,
      type: field.type,
      dictionary: null,
      title: field.label,
      required: false,
      readOnly: false,
      immutable: false,
      multiple: field.multiple,
      dynamic: true,
      options: field.options,
    };
  });
}

function withSettings(portal: Portal, field: Field): Field {
  const { settings } = portal;
  const renamed = Object.entries(settings.renameField).find(([ref]) => refersTo(ref, field));
  const removed = Object.entries(settings.removeOption).find(([ref]) => refersTo(ref, field))?.[1] ?? [];
  return {
    ...field,
    title: renamed?.[1] ?? field.title,
    required: field.required || settings.requiredFields.some((ref) => refersTo(ref, field)),
    readOnly: field.readOnly || settings.readOnlyFields.some((ref) => refersTo(ref, field)),
    options: field.options.filter((option) => !removed.includes(option.value) && !removed.includes(String(option.id))),
  };
}
