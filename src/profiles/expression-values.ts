// How values look inside an expression: labels for ids, numbers as doubles, dates and times as days since 1970 (so that
// `+ days(n)`, comparison and equality are those of numbers).
import type { FieldSchema, FieldType, Money, Value } from '../model.ts';

export type Raw = null | boolean | number | string | readonly string[];

export type Kind = 'text' | 'label' | 'number' | 'boolean' | 'date' | 'datetime' | 'days' | 'list' | 'null' | 'record';

export const DAY_MS = 86_400_000;

/** The name of a user or an option as the admin sees it. */
export type ShowPerson = (id: string) => string;

export function kindOfField(field: FieldSchema): Kind | null {
  return KINDS[field.type];
}

const KINDS: Readonly<Record<FieldType, Kind | null>> = {
  text: 'text',
  'rich-text': 'text',
  link: 'text',
  number: 'number',
  money: 'number',
  date: 'date',
  datetime: 'datetime',
  boolean: 'boolean',
  enum: 'label',
  status: 'label',
  user: 'label',
  set: 'list',
  other: null,
};

export function toRaw(value: Value, field: FieldSchema, person: ShowPerson): Raw {
  if (value === null || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return (value as readonly string[]).map((one) => labelOf(one, field, person));
  if (typeof value === 'object') return Number((value as Money).amount);
  switch (kindOfField(field)) {
    case 'number':
      return Number(value);
    case 'date':
      return civilDay(value);
    case 'datetime':
      return Date.parse(value) / DAY_MS;
    case 'label':
      return labelOf(value, field, person);
    default:
      return value;
  }
}

function labelOf(id: string, field: FieldSchema, person: ShowPerson): string {
  if (field.type === 'user' || field.items === 'user') return person(id);
  return field.options?.find((option) => option.id === id)?.label ?? id;
}

/** Days since 1970-01-01, or null when the text is not an existing date `YYYY-MM-DD`. */
export function civilDay(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || civilText(ms / DAY_MS) !== text) return null;
  return ms / DAY_MS;
}

export function civilText(day: number): string {
  return new Date(Math.floor(day) * DAY_MS).toISOString().slice(0, 10);
}

/** Which civil day it is in a time zone. */
export function dayIn(zone: string): (now: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (now) => civilDay(format.format(new Date(now))) ?? Math.floor(now / DAY_MS);
}

/** The canonical value of a result, or undefined when there is none (an endless number). */
export function fromRaw(raw: Raw, kind: Kind): Value | undefined {
  if (raw === null || typeof raw === 'boolean') return raw;
  if (typeof raw === 'string') return raw === '' ? null : raw.normalize('NFC');
  if (typeof raw !== 'number') return raw.length === 0 ? null : [...new Set(raw)].sort();
  if (!Number.isFinite(raw)) return undefined;
  if (kind === 'date') return civilText(raw);
  if (kind === 'datetime') return new Date(Math.round(raw * DAY_MS)).toISOString();
  return decimalText(raw);
}

/** Without exponent and without the noise of binary fractions. */
export function decimalText(number: number): string {
  const rounded = Number(number.toPrecision(15));
  if (Object.is(rounded, -0)) return '0';
  const short = String(rounded);
  if (!short.includes('e')) return short;
  if (Math.abs(rounded) >= 1) return BigInt(rounded).toString();
  return rounded.toFixed(20).replace(/0+$/, '').replace(/\.$/, '').replace(/^-0$/, '0');
}
