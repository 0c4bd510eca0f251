// Creates and stamps, and what they share with updates.
import { BadResponseError, RejectedError, StaleError, UnavailableError } from '../../errors.ts';
import type { Fields, Marker, Scope, SourceRecord, Value } from '../../model.ts';
import { hooksOf } from '../ask.ts';
import type { Ask, WriteAsk } from '../connector.ts';
import { type Command, type CommandOutcome, mapOf, type Params } from './batch.ts';
import type { Client } from './client.ts';
import type { Commands } from './commands.ts';
import { encodeField, type Item } from './fields.ts';
import { decodeNamed, markerFields, markerOf, type RecordView, toRecord } from './records.ts';
import type { EntityFields } from './schema.ts';
import { clausesOf, entityOf } from './scope.ts';

export type WriteParts = {
  readonly client: Client;
  readonly commands: Commands;
  readonly schemaOf: (scope: Scope, ask: Ask) => Promise<EntityFields>;
  /** The item as it stands, or null. */
  readonly readRaw: (scope: Scope, id: string, ask: Ask) => Promise<Item | null>;
};

const ADD = 'crm.item.add';
export const UPDATE = 'crm.item.update';
/** A record always has these. */
const PLACES = new Set(['stageId', 'categoryId']);

export function getCommand(scope: Scope, id: string): Command {
  return { method: 'crm.item.get', params: { entityTypeId: entityOf(scope).entityTypeId, id: Number(id) } };
}

export async function createRecord(
  parts: WriteParts,
  scope: Scope,
  values: Fields,
  marker: Marker,
  fields: readonly string[],
  ask: WriteAsk,
): Promise<SourceRecord> {
  const schema = await parts.schemaOf(scope, ask);
  const filled = { ...placeOf(scope), ...withoutDefaults(values, schema) };
  const command: Command = {
    method: ADD,
    params: {
      entityTypeId: entityOf(scope).entityTypeId,
      fields: { ...encodeAll(schema, filled), ...markerFields(marker) },
    },
  };
  const [outcome] = await parts.commands.write({ commands: [command], ...hooksOf(ask) }, laneOf(ask));
  const item = writtenItem(parts, schema, outcome, ADD, Object.keys(filled));
  return toRecord(item, viewOf(parts, scope, schema, fields), ADD);
}

export async function stampRecord(
  parts: WriteParts,
  scope: Scope,
  id: string,
  marker: Marker,
  fields: readonly string[],
  ask: WriteAsk,
): Promise<SourceRecord> {
  const schema = await parts.schemaOf(scope, ask);
  const found = await parts.readRaw(scope, id, laneOf(ask));
  if (found === null) throw gone(scope, id);
  const known = markerOf(found);
  if (known !== null && known.key === marker.key && known.tenant === marker.tenant) {
    return toRecord(found, viewOf(parts, scope, schema, fields), 'crm.item.get');
  }
  const taken = [found.originatorId, found.originId].filter(
    (text) => text !== null && text !== undefined && text !== '',
  );
  if (taken.length > 0) {
    throw new RejectedError(
      `${scope.entity} ${id} already carries the mark of another system: ${taken.join(' / ')}`,
      'Stamp into a field of your own (`stamp: { crm: { field: … } }`), or clear the mark in Bitrix24.',
      'crm',
      null,
    );
  }
  const params = { entityTypeId: entityOf(scope).entityTypeId, id: Number(id), fields: markerFields(marker) };
  const update: Command = { method: UPDATE, params };
  const unit = { commands: [update, getCommand(scope, id)], ...hooksOf(ask) };
  const [outcome, after] = await parts.commands.write(unit, laneOf(ask));
  const item = writtenItem(parts, schema, outcome, UPDATE, []);
  return toRecord(itemIn(after) ?? item, viewOf(parts, scope, schema, fields), UPDATE);
}

/** What the scope asks of its records, where it leaves no choice: a record created in a pipeline is in that pipeline. */
function placeOf(scope: Scope): Fields {
  const fixed: Record<string, Value> = {};
  for (const { field, anyOf } of clausesOf(scope)) {
    const [only] = anyOf;
    if (anyOf.length === 1 && only !== undefined) fixed[field] = only;
  }
  return fixed;
}

/** A new record is empty by itself, but for the dates and dictionary entries that the portal fills in. */
function withoutDefaults(values: Fields, { kinds }: EntityFields): Fields {
  const filled: Record<string, Value> = {};
  for (const [field, value] of Object.entries(values)) {
    const kind = kinds.get(field);
    const prefilled = kind?.shape === 'date' || (kind?.shape === 'code' && !PLACES.has(field));
    if (value !== null || prefilled) filled[field] = value;
  }
  return filled;
}

/** Unknown names would be ignored in silence by the portal, so they are refused here. */
export function encodeAll(schema: EntityFields, values: Fields): Params {
  const encoded: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values)) {
    const kind = schema.kinds.get(field);
    const part = kind ? encodeField(kind, value) : null;
    if (part === null) throw unwritable(field, kind !== undefined);
    // The amount brings its currency along, whatever else says so.
    for (const [name, one] of Object.entries(part)) {
      if (name !== 'currencyId' || field === 'opportunity' || !Object.hasOwn(encoded, name)) encoded[name] = one;
    }
  }
  return encoded;
}

function unwritable(field: string, known: boolean): RejectedError {
  const why = known ? 'does not take such a value' : 'is not a field of this entity';
  return new RejectedError(
    `${field} ${why} in Bitrix24`,
    'Correct the field or its mapping in the profile.',
    'crm',
    field,
  );
}

export function decodeAll(touched: readonly string[], item: Item, schema: EntityFields): Fields {
  const decoded: Record<string, Value> = {};
  for (const field of touched) {
    const value = decodeNamed(field, item, schema);
    if (value !== undefined) decoded[field] = value;
  }
  return decoded;
}

export function writtenItem(
  { client }: WriteParts,
  schema: EntityFields,
  outcome: CommandOutcome | undefined,
  method: string,
  touched: readonly string[],
): Item {
  if (outcome?.kind === 'failed') {
    throw client.error(outcome.failure, method, true, (text) => namedField(text, touched, schema));
  }
  if (outcome?.kind !== 'done') {
    throw new UnavailableError(
      `The batch was cut before ${method} answered`,
      'It is looked up before it is repeated.',
      {
        ambiguous: true,
        arrived: true,
      },
    );
  }
  const item = itemIn(outcome);
  if (item !== null) return item;
  throw new BadResponseError(`${method} answered no record`, 'Report it with the Bitrix24 version.', {
    path: 'result.item',
    excerpt: '',
  });
}

export function itemIn(outcome: CommandOutcome | undefined): Item | null {
  if (outcome?.kind !== 'done') return null;
  const item = mapOf(mapOf(outcome.answer.result).item);
  return Object.keys(item).length === 0 ? null : item;
}

/** Texts are localised, but name the field as the portal labels it. The longest name wins: labels contain each other. */
export function namedField(text: string, touched: readonly string[], schema: EntityFields): string | null {
  let best: string | null = null;
  let length = 0;
  for (const field of touched) {
    const descriptor = schema.descriptors.get(field);
    for (const name of [
      field,
      descriptor?.upperName,
      descriptor?.formLabel,
      descriptor?.listLabel,
      descriptor?.title,
    ]) {
      if (!name || name.length <= length || !text.toLowerCase().includes(name.toLowerCase())) continue;
      best = field;
      length = name.length;
    }
  }
  return best ?? (touched.length === 1 ? (touched[0] ?? null) : null);
}

export function gone(scope: Scope, id: string): StaleError {
  return new StaleError(
    `${scope.entity} ${id} is gone from Bitrix24`,
    'It is read again; restore it from the recycle bin if it was deleted by mistake.',
  );
}

export function viewOf(
  { client }: WriteParts,
  scope: Scope,
  schema: EntityFields,
  fields: readonly string[],
): RecordView {
  return { scope, fields, schema, origin: client.origin() };
}

export function laneOf({ lane, signal }: Ask): Ask {
  return signal ? { lane, signal } : { lane };
}
