import { hash } from 'node:crypto';
import { z } from 'zod';
import { BadResponseError } from '../../errors.ts';
import type { Fields, Marker, Scope, SourceRecord, Value } from '../../model.ts';
import { plainOf } from '../plain.ts';
import { decodeField, type Item } from './fields.ts';
import type { EntityFields } from './schema.ts';
import { clausesOf, isInScope } from './scope.ts';

const ORIGINATOR = 'jira:';
/** What every record is read with, whatever the profile asks for. */
const ALWAYS = ['id', 'createdTime', 'updatedTime', 'updatedBy', 'originatorId', 'originId'];

/** Only what is always there is looked at; all other fields are judged by their kinds. */
const itemSchema = z.object({
  id: z.coerce.number().int().positive(),
  createdTime: z.string(),
  updatedTime: z.string(),
  updatedBy: z.union([z.string(), z.number(), z.null()]).optional(),
  originatorId: z.string().nullish(),
  originId: z.union([z.string(), z.number()]).nullish(),
});

export type RecordView = {
  readonly scope: Scope;
  readonly fields: readonly string[];
  readonly schema: EntityFields;
  readonly origin: string;
};

/** Names for `select`. An unknown name in it is skipped by the portal, so nothing is checked here. */
export function selectOf(scope: Scope, fields: readonly string[]): readonly string[] {
  const names = new Set(ALWAYS);
  for (const field of fields) {
    if (field !== 'url') names.add(field);
    if (field === 'opportunity') names.add('currencyId');
  }
  for (const { field } of clausesOf(scope)) {
    names.add(field);
    if (field === 'opportunity') names.add('currencyId');
  }
  return [...names];
}

/** Throws BadResponseError when what came is no record. */
export function readItem(raw: unknown, method: string): Item & z.infer<typeof itemSchema> {
  const parsed = itemSchema.safeParse(raw);
  if (parsed.success) return { ...(raw as Item), ...parsed.data };
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new BadResponseError(
    `${method} answered a record that cannot be read (${path})`,
    'Report it with the Bitrix24 version; the record is set aside until then.',
    { path: `item.${path}`, excerpt: '' },
  );
}

export function toRecord(raw: unknown, view: RecordView, method: string): SourceRecord {
  const item = readItem(raw, method);
  const id = String(item.id);
  const { scope, schema } = view;
  const url = `${view.origin}/crm/${scope.entity}/details/${id}/`;
  const fields = fieldsOf(item, view, id, url);
  const by = plainOf(item.updatedBy);
  return {
    ref: { side: 'crm', connection: scope.connection, entity: scope.entity, id },
    key: id,
    url,
    version: versionOf(item.updatedTime, fields),
    createdAt: timeAt(item.createdTime, 'createdTime', method),
    updatedAt: timeAt(item.updatedTime, 'updatedTime', method),
    updatedBy: by === '' || by === '0' ? null : by,
    fields,
    marker: markerOf(item),
    inScope: isInScope(clausesOf(scope), schema.kinds, item),
  };
}

function fieldsOf(item: Item, { fields, schema }: RecordView, id: string, url: string): Fields {
  const decoded: Record<string, Value> = {};
  for (const field of fields) {
    const value = field === 'id' ? id : field === 'url' ? url : decodeNamed(field, item, schema);
    if (value !== undefined) decoded[field] = value;
  }
  return decoded;
}

export function decodeNamed(field: string, item: Item, schema: EntityFields): Value | undefined {
  const kind = schema.kinds.get(field);
  return kind ? decodeField(kind, item) : undefined;
}

/** `updatedTime` counts in seconds, so two changes within one would look like none without the content. */
function versionOf(updatedTime: string, fields: Fields): string {
  const digest = hash('sha256', JSON.stringify(fields), 'hex').slice(0, 12);
  return `${updatedTime}#${digest}`;
}

function timeAt(text: string, path: string, method: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new BadResponseError(`${method} answered a time that cannot be read`, 'Report it with the Bitrix24 version.', {
    path: `item.${path}`,
    excerpt: text.slice(0, 40),
  });
}

/** Other products use the same two fields; ours are known by the prefix. */
export function markerOf(item: Item): Marker | null {
  const originator = typeof item.originatorId === 'string' ? item.originatorId : '';
  const key = plainOf(item.originId);
  if (!originator.startsWith(ORIGINATOR) || key === '') return null;
  return { key, tenant: originator.slice(ORIGINATOR.length) };
}

export function markerFields(marker: Marker): Readonly<Record<string, string>> {
  return { originatorId: `${ORIGINATOR}${marker.tenant}`, originId: marker.key };
}
