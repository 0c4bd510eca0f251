// Jira's values to canonical values and back. Pure. The shape of a value follows from its field's schema, so a kind is
// settled once at discovery and travels with the scope.
import { RejectedError } from '../../errors.ts';
import type { FieldType, Value } from '../../model.ts';
import { isMarkerLabel } from './marker.ts';
import { plainText } from './richtext.ts';

/** How Jira writes a value down. `entity` is anything with an id (option, priority, version …), `entities` a list of them. */
export type Kind =
  | 'string'
  | 'rich'
  | 'number'
  | 'date'
  | 'datetime'
  | 'entity'
  | 'entities'
  | 'status'
  | 'user'
  | 'users'
  | 'labels'
  | 'other';

type Schema = {
  readonly type: string;
  readonly items?: string | null | undefined;
  readonly system?: string | null | undefined;
  readonly custom?: string | null | undefined;
};

const ENTITY_TYPES = new Set(['option', 'priority', 'issuetype', 'resolution', 'securitylevel', 'version']);
const ENTITY_ITEMS = new Set(['option', 'component', 'version']);

export function kindOf(schema: Schema): Kind {
  if (schema.type === 'string') {
    const rich = schema.system === 'description' || schema.system === 'environment';
    return rich || schema.custom?.endsWith(':textarea') ? 'rich' : 'string';
  }
  if (schema.type === 'array') {
    if (schema.items === 'string') return 'labels';
    if (schema.items === 'user') return 'users';
    return ENTITY_ITEMS.has(schema.items ?? '') ? 'entities' : 'other';
  }
  if (ENTITY_TYPES.has(schema.type)) return 'entity';
  if (schema.type === 'number' || schema.type === 'date' || schema.type === 'datetime') return schema.type;
  return schema.type === 'user' || schema.type === 'status' ? schema.type : 'other';
}

const TYPES: Readonly<Record<Kind, FieldType>> = {
  string: 'text',
  rich: 'rich-text',
  number: 'number',
  date: 'date',
  datetime: 'datetime',
  entity: 'enum',
  entities: 'set',
  status: 'status',
  user: 'user',
  users: 'set',
  labels: 'set',
  other: 'other',
};

export function fieldTypeOf(kind: Kind): FieldType {
  return TYPES[kind];
}

/** Undefined: not readable as this kind, so the field is unknown rather than empty. */
export function decode(kind: Kind, raw: unknown): Value | undefined {
  if (raw === undefined || kind === 'other') return undefined;
  if (raw === null) return null;
  switch (kind) {
    case 'string':
      return typeof raw === 'string' ? canonicalText(raw) : undefined;
    case 'rich':
      return canonicalText(typeof raw === 'string' ? raw : plainText(raw));
    case 'number':
      return typeof raw === 'number' || typeof raw === 'string' ? canonicalNumber(String(raw)) : undefined;
    case 'date':
      return typeof raw === 'string' ? civilDate(raw.slice(0, 10)) : undefined;
    case 'datetime':
      return typeof raw === 'string' ? canonicalInstant(raw) : undefined;
    case 'entity':
    case 'status':
      return memberOf(raw, 'id');
    case 'user':
      return memberOf(raw, 'accountId');
    case 'users':
      return listOf(raw, (item) => memberOf(item, 'accountId'));
    case 'entities':
      return listOf(raw, (item) => memberOf(item, 'id'));
    case 'labels':
      return listOf(raw, (item) => (typeof item === 'string' ? item : undefined), isMarkerLabel);
  }
}

/** What goes into `fields` of a create or edit. Sets are whole here; edits write them as add and remove. */
export function encode(kind: Kind, value: Value, field: string): unknown {
  if (kind === 'other' || kind === 'rich' || kind === 'status') {
    throw unwritable(field, `The field ${field} cannot be written by this version`);
  }
  if (value === null) return kind === 'labels' || kind === 'entities' || kind === 'users' ? [] : null;
  if (Array.isArray(value)) return value.map((item: string) => encodeItem(kind, item));
  if (typeof value !== 'string') throw unwritable(field, `The field ${field} does not take such a value`);
  switch (kind) {
    case 'number': {
      const number = Number(value);
      // Jira keeps numbers as doubles: what does not come back the same would be changed by the way.
      if (canonicalNumber(String(number)) === value) return number;
      throw unwritable(field, `Jira cannot hold the number ${value} exactly`);
    }
    case 'datetime':
      return value.replace(/Z$/, '+0000');
    case 'entity':
    case 'user':
      return encodeItem(kind, value);
    default:
      return value;
  }
}

/** One element of a set, or the value of a single choice. */
export function encodeItem(kind: Kind, item: string): unknown {
  if (kind === 'user' || kind === 'users') return { accountId: item };
  return kind === 'labels' ? item : { id: item };
}

export function isSetKind(kind: Kind): boolean {
  return kind === 'labels' || kind === 'entities' || kind === 'users';
}

function unwritable(field: string, message: string): RejectedError {
  return new RejectedError(message, 'Change the mapping of the field in the profile.', 'jira', field);
}

export function canonicalText(text: string): string | null {
  const canonical = text.replace(/\r\n?/g, '\n').normalize('NFC');
  return canonical === '' ? null : canonical;
}

/** Decimal text without exponent, leading or trailing zeros; undefined for what is no number. */
export function canonicalNumber(text: string): string | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i.exec(text.trim());
  if (!match || (match[2] === '' && match[3] === '')) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, -point))}${whole}${fraction}`.padEnd(point, '0');
  const at = Math.max(0, point);
  const left = digits.slice(0, at).replace(/^0+/, '') || '0';
  const right = digits.slice(at).replace(/0+$/, '');
  const number = right === '' ? left : `${left}.${right}`;
  return sign === '-' && number !== '0' ? `-${number}` : number;
}

/** Jira's `2026-11-20T14:03:21.417+0100` as an instant in UTC; offsets have no colon, and the zone is the site's. */
export function canonicalInstant(text: string): string | undefined {
  // Left to itself, Date.parse finds a time in "Pump 1".
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  const time = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** A day of the calendar, or unknown. */
function civilDate(text: string): string | undefined {
  const day = canonicalInstant(`${text}T00:00:00Z`);
  return day?.slice(0, 10) === text ? text : undefined;
}

function memberOf(raw: unknown, name: 'id' | 'accountId'): string | undefined {
  if (raw === null || typeof raw !== 'object' || !Object.hasOwn(raw, name)) return undefined;
  const member = (raw as Record<string, unknown>)[name];
  return typeof member === 'string' || typeof member === 'number' ? String(member) : undefined;
}

function listOf(
  raw: unknown,
  itemOf: (item: unknown) => string | undefined,
  hidden: (item: string) => boolean = () => false,
): Value | undefined {
  if (!Array.isArray(raw)) return undefined;
  const items = new Set<string>();
  for (const element of raw) {
    const item = itemOf(element);
    if (item === undefined) return undefined;
    if (!hidden(item)) items.add(item.normalize('NFC'));
  }
  return items.size === 0 ? null : [...items].sort();
}
