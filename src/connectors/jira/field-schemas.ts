// Fields as profiles see them: the create screen tells what may and must be written, the list of all fields what else
// can be read.
import type { FieldSchema, Option } from '../../model.ts';
import { fieldTypeOf, isSetKind, type Kind, kindOf } from './fields.ts';
import { PSEUDO_FIELDS } from './records.ts';
import { STATUS } from './transitions.ts';
import type { WireField, WireMetaField } from './wire.ts';

export type FieldSources = {
  readonly projectId: string;
  readonly listed: readonly WireField[];
  readonly onCreate: readonly WireMetaField[];
  readonly statuses: readonly { readonly id: string; readonly name: string }[];
};

/** Set by the scope itself, never by a profile. */
const FIXED = new Set(['project', 'issuetype']);
/** Jira moves these by itself; the schema of the list does not say so. */
const READ_ONLY = new Set([
  'created',
  'updated',
  'creator',
  'resolutiondate',
  'lastViewed',
  'statuscategorychangedate',
]);

export function fieldSchemas(sources: FieldSources): {
  fields: readonly FieldSchema[];
  kinds: Readonly<Record<string, Kind>>;
} {
  const kinds: Record<string, Kind> = {};
  const fields: FieldSchema[] = PSEUDO_FIELDS.map((id) =>
    readOnly(id, id === 'id' ? 'Id' : id === 'key' ? 'Key' : 'URL'),
  );
  const onCreate = new Map(sources.onCreate.map((field) => [field.fieldId, field]));

  for (const field of sources.listed) {
    const meta = onCreate.get(field.id);
    onCreate.delete(field.id);
    const schema = meta?.schema ?? field.schema;
    if (!schema || (!meta && !belongsTo(field, sources.projectId))) continue;
    const kind = kindOf(schema);
    kinds[field.id] = kind;
    fields.push(schemaOf(field.id, field.name, aliasesOf(field), kind, meta, field.custom === true, sources));
  }
  // A field that is on the screen but not in the list is new since, or hidden from the list.
  for (const meta of onCreate.values()) {
    const kind = kindOf(meta.schema);
    kinds[meta.fieldId] = kind;
    fields.push(schemaOf(meta.fieldId, meta.name, [], kind, meta, meta.schema.custom != null, sources));
  }
  return { fields, kinds };
}

/** Team-managed projects have fields of their own, often with the same names. */
function belongsTo(field: WireField, projectId: string): boolean {
  const owner = field.scope?.project?.id;
  return owner === undefined || owner === projectId;
}

function schemaOf(
  id: string,
  label: string,
  aliases: readonly string[],
  kind: Kind,
  meta: WireMetaField | undefined,
  custom: boolean,
  sources: FieldSources,
): FieldSchema {
  const type = fieldTypeOf(kind);
  const isStatus = kind === 'status' && id === STATUS;
  const encodable = kind !== 'other' && kind !== 'rich' && kind !== 'status' && !FIXED.has(id) && !READ_ONLY.has(id);
  const options = isStatus ? sources.statuses.map(({ id, name }) => ({ id, label: name })) : optionsOf(meta);
  return {
    id,
    label,
    aliases: aliases.filter((alias) => alias !== id && alias !== label),
    type,
    ...(isSetKind(kind) ? { items: itemsOf(kind) } : {}),
    requiredOnCreate: meta?.required === true && meta.hasDefaultValue !== true && !FIXED.has(id),
    // A new issue starts where its workflow starts; a status is reached by a transition, once the issue exists.
    writableOnCreate: !isStatus && encodable && meta !== undefined,
    // Edits are not bound to a screen on Jira Cloud: what is not on the create screen may be written all the same.
    writableOnUpdate: isStatus || (encodable && (custom || meta !== undefined)),
    ...(type === 'enum' || type === 'status' || kind === 'entities' ? { options } : {}),
    ...(id === 'summary' ? { maxLength: 255 } : {}),
    ...(kind === 'string' ? { singleLine: true } : {}),
  };
}

function readOnly(id: string, label: string): FieldSchema {
  return {
    id,
    label,
    aliases: [],
    type: 'text',
    requiredOnCreate: false,
    writableOnCreate: false,
    writableOnUpdate: false,
  };
}

function itemsOf(kind: Kind): 'text' | 'enum' | 'user' {
  return kind === 'labels' ? 'text' : kind === 'users' ? 'user' : 'enum';
}

function optionsOf(meta: WireMetaField | undefined): Option[] {
  const options: Option[] = [];
  for (const { id, value, name, disabled } of meta?.allowedValues ?? []) {
    if (id == null) continue;
    options.push({ id, label: value ?? name ?? id, ...(disabled ? { disabled: true } : {}) });
  }
  return options;
}

/** JQL's names for the field, which do not change with the language of the site. */
function aliasesOf(field: WireField): string[] {
  return (field.clauseNames ?? []).filter((name) => !/^issue\.property/.test(name));
}
