// Values of Bitrix24 to canonical values and back. Pure. `undefined` from a decoder means "cannot be read now", which
// is never the same as empty.
import type { FieldType, Money, Value } from '../../model.ts';

/**
 * How a field travels. `amount`: the entity's sum, whose currency is a field of its own; `money`: a user field holding
 * both; `option`: an option of a user field, by number; `code`: an entry of a dictionary, by text.
 */
export type Shape =
  | 'text'
  | 'number'
  | 'amount'
  | 'money'
  | 'date'
  | 'datetime'
  | 'boolean'
  | 'option'
  | 'code'
  | 'user'
  | 'link'
  | 'other';

export type FieldKind = {
  readonly id: string;
  readonly shape: Shape;
  readonly type: FieldType;
  readonly multiple: boolean;
  /** A user field: empty is an empty text, where system references have 0. */
  readonly custom: boolean;
};

export type Item = Readonly<Record<string, unknown>>;

export function decodeField(kind: FieldKind, item: Item): Value | undefined {
  const raw = item[kind.id];
  if (raw === undefined) return undefined;
  if (kind.shape === 'amount') return decodeAmount(raw, item.currencyId);
  if (kind.multiple) return decodeSet(kind, raw);
  return decodeOne(kind, raw);
}

function decodeOne(kind: FieldKind, raw: unknown): Value | undefined {
  if (raw === null || raw === '' || raw === undefined) return null;
  switch (kind.shape) {
    case 'text':
      return typeof raw === 'object' ? undefined : textOf(String(raw));
    case 'number':
      return decimalText(raw);
    case 'money':
      return decodeMoney(raw);
    case 'date':
      return typeof raw === 'string' ? calendarDate(raw) : undefined;
    case 'datetime':
      return typeof raw === 'string' ? instant(raw) : undefined;
    case 'boolean':
      return decodeBoolean(raw);
    case 'option':
    case 'user':
    case 'link':
      return decodeId(raw);
    case 'code':
      return typeof raw === 'object' ? undefined : String(raw);
    default:
      return undefined;
  }
}

function decodeSet(kind: FieldKind, raw: unknown): Value | undefined {
  // An empty multiple field is `false` or null on some portals, a scalar where it was single before.
  if (raw === null || raw === false || raw === '') return null;
  const list = Array.isArray(raw) ? raw : typeof raw === 'object' ? Object.values(raw) : [raw];
  const found = new Set<string>();
  for (const one of list) {
    const value = decodeOne(kind, one);
    if (value === null) continue;
    if (typeof value !== 'string') return undefined;
    found.add(value);
  }
  return found.size === 0 ? null : [...found].sort();
}

export function textOf(text: string): string | null {
  const plain = text.replace(/\r\n?/g, '\n').normalize('NFC');
  return plain === '' ? null : plain;
}

/** 0 is how Bitrix24 writes an empty reference. */
function decodeId(raw: unknown): Value | undefined {
  if (typeof raw !== 'string' && typeof raw !== 'number') return raw === false ? null : undefined;
  const id = String(raw);
  return id === '0' ? null : id;
}

function decodeBoolean(raw: unknown): Value | undefined {
  if (raw === 'Y' || raw === true || raw === 1 || raw === '1') return true;
  if (raw === 'N' || raw === false || raw === 0 || raw === '0') return false;
  return undefined;
}

/** The sum is never empty on the wire: 0 is what a deal without an amount shows. */
function decodeAmount(raw: unknown, currency: unknown): Value | undefined {
  const amount = raw === null || raw === '' ? '0' : decimalText(raw);
  if (amount === undefined) return undefined;
  if (amount === '0') return null;
  return typeof currency === 'string' && currency !== '' ? { amount, currency } : undefined;
}

/** `480000.5|RUB`; `|RUB` is an empty one. */
function decodeMoney(raw: unknown): Value | undefined {
  const [amountText = '', currency = ''] = String(raw).split('|');
  if (amountText.trim() === '') return null;
  const amount = decimalText(amountText);
  return amount === undefined || currency === '' ? undefined : { amount, currency };
}

/** Canonical decimal text. Binary noise beyond fifteen digits is the wire's, not a person's. */
export function decimalText(raw: unknown): string | undefined {
  if (typeof raw === 'string' && /^\s*[+-]?\d+(\.\d*)?\s*$/.test(raw)) return trimmed(raw.trim());
  const value = typeof raw === 'number' ? raw : typeof raw === 'string' ? Number(raw) : Number.NaN;
  return Number.isFinite(value) ? trimmed(withoutExponent(value)) : undefined;
}

function withoutExponent(value: number): string {
  const [mantissa = '', exponentText] = String(Number(value.toPrecision(15))).split('e');
  if (exponentText === undefined) return mantissa;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const exponent = Number(exponentText);
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - whole.length)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(exponent, '0')}`;
}

function trimmed(text: string): string {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const plainWhole = whole.replace(/^0+(?=\d)/, '');
  const plainFraction = fraction.replace(/0+$/, '');
  const plain = plainFraction === '' ? plainWhole : `${plainWhole}.${plainFraction}`;
  return negative && plain !== '0' ? `-${plain}` : plain;
}

const DAY_MS = 86_400_000;
const STAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The day that was written. Portals print midnight UTC of it in their own offset (`T03:00:00+03:00`; west of UTC that is
 * the evening before), or midnight of their own zone: an instant at UTC midnight is the first form, else the printed day.
 */
export function calendarDate(raw: string): string | undefined {
  const [, printed, offset] = STAMP.exec(raw) ?? [];
  if (printed === undefined || !isDay(printed)) return undefined;
  if (offset === undefined) return printed;
  const at = Date.parse(raw.replace(' ', 'T'));
  if (Number.isNaN(at)) return undefined;
  return at % DAY_MS === 0 ? new Date(at).toISOString().slice(0, 10) : printed;
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** Offsets are parsed, never assumed: a time without one cannot be read. */
export function instant(raw: string): string | undefined {
  if (STAMP.exec(raw)?.[2] === undefined) return undefined;
  const at = Date.parse(raw.replace(' ', 'T'));
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** What goes into `fields` of add and update. Null where the value does not fit the field. */
export function encodeField(kind: FieldKind, value: Value): Readonly<Record<string, unknown>> | null {
  if (kind.shape === 'other' || kind.shape === 'link') return null;
  if (kind.shape === 'amount') return encodeAmount(value);
  const encoded = kind.multiple ? encodeSet(kind, value) : encodeOne(kind, value);
  return encoded === undefined ? null : { [kind.id]: encoded };
}

/** A sum is recomputed from product rows until it is declared manual. */
function encodeAmount(value: Value): Readonly<Record<string, unknown>> | null {
  if (value === null) return { opportunity: 0, isManualOpportunity: 'Y' };
  if (!isMoney(value)) return null;
  return { opportunity: numeric(value.amount), currencyId: value.currency, isManualOpportunity: 'Y' };
}

function encodeSet(kind: FieldKind, value: Value): unknown {
  if (value === null) return [];
  if (!Array.isArray(value)) return undefined;
  return value.map((one) => encodeOne(kind, one));
}

/** Empty is an empty text, which a query string carries and null is turned into. */
function encodeOne(kind: FieldKind, value: Value): unknown {
  if (value === null) return kind.custom || kind.shape !== 'user' ? '' : 0;
  if (kind.shape === 'boolean') return typeof value === 'boolean' ? (value ? 'Y' : 'N') : undefined;
  if (kind.shape === 'money') return isMoney(value) ? `${value.amount}|${value.currency}` : undefined;
  if (typeof value !== 'string') return undefined;
  switch (kind.shape) {
    case 'number':
    case 'option':
    case 'user':
      return numeric(value);
    case 'datetime':
      return `${value.slice(0, 19)}+00:00`;
    default:
      return value;
  }
}

/** A number where it survives the way there and back, else its text. */
function numeric(text: string): number | string {
  const value = Number(text);
  return decimalText(value) === text ? value : text;
}

function isMoney(value: Value): value is Money {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
