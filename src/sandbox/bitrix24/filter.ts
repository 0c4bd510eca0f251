// Filters of list methods: operator prefixes, nested groups with `logic`. Prefixes by the page of crm.item.list.
import { readDay, readInstant } from './dates.ts';
import { invalidArgument } from './errors.ts';
import { asMap } from './form.ts';

/** What the filter must know of a field; `type` as in schema.ts. */
export type FilterField = { readonly key: string; readonly type: string; readonly dynamic: boolean };
export type Row = Readonly<Record<string, unknown>>;
export type Test = (row: Row) => boolean;

type Lookup = (name: string) => FilterField | undefined;
type Operator = {
  readonly not: boolean;
  readonly kind: 'equal' | 'in' | 'contains' | 'like' | 'compare';
  readonly sign: string;
};

const PREFIX = /^(!=%|!%=|!=|!@|!%|!|>=|<=|>|<|@|=%|%=|=|%)?(.*)$/;

export function compileFilter(filter: unknown, lookup: Lookup, offset: string): Test {
  const map = asMap(filter);
  const anyOf = String(map.logic ?? 'AND').toUpperCase() === 'OR';
  const tests: Test[] = [];
  for (const [key, value] of Object.entries(map)) {
    if (key === 'logic') continue;
    tests.push(/^\d+$/.test(key) ? compileFilter(value, lookup, offset) : condition(key, value, lookup, offset));
  }
  if (anyOf && tests.length > 0) return (row) => tests.some((test) => test(row));
  return (row) => tests.every((test) => test(row));
}

/** The ids that a filter can only match, where it says so at its top: `id`, `=id`, `@id`. */
export function namedIds(filter: unknown): number[] | null {
  const map = asMap(filter);
  if (map.logic !== undefined) return null;
  for (const key of ['id', '=id', '@id']) {
    const value = map[key];
    if (value === undefined || value === null || value === '') continue;
    const ids = typeof value === 'object' ? Object.values(value) : [value];
    return [...new Set(ids.map(Number))].sort((left, right) => left - right);
  }
  return null;
}

function operatorOf(prefix: string): Operator {
  const not = prefix.startsWith('!');
  const sign = not ? prefix.slice(1) : prefix;
  if (sign === '@') return { not, kind: 'in', sign };
  if (sign === '%') return { not, kind: 'contains', sign };
  if (sign === '=%' || sign === '%=') return { not, kind: 'like', sign };
  if (sign.startsWith('>') || sign.startsWith('<')) return { not, kind: 'compare', sign };
  return { not, kind: 'equal', sign };
}

function condition(key: string, raw: unknown, lookup: Lookup, offset: string): Test {
  const [, prefix = '', name = ''] = PREFIX.exec(key) ?? [];
  const field = lookup(name);
  if (!field) throw invalidArgument(`Invalid filter: field '${name}' is not allowed in filter`);
  const operator = operatorOf(prefix);
  const list = typeof raw === 'object' && raw !== null ? Object.values(raw) : [raw];
  const wanted = list.map((one) => comparable(field, name, one, offset));
  const [only] = wanted;
  const matches =
    wanted.length === 1
      ? (value: unknown) => matchesOne(operator, stored(field, value), only)
      : (value: unknown) => wanted.some((one) => matchesOne(operator, stored(field, value), one));
  return (row) => {
    const value = row[field.key];
    const hit =
      Array.isArray(value) && value.length > 0 ? value.some(matches) : matches(isEmptyList(value) ? null : value);
    return operator.not ? !hit : hit;
  };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Texts compare without regard to case, as the portal's database does. */
function stored(field: FilterField, value: unknown): unknown {
  if (value === '' || value === undefined || value === null)
    return field.type === 'boolean' ? storedFlag(field, 'N') : null;
  if (field.type === 'boolean') return storedFlag(field, value);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function storedFlag(field: FilterField, value: unknown): unknown {
  const on = value === 'Y';
  return field.dynamic ? Number(on) : on ? 'y' : 'n';
}

function comparable(field: FilterField, name: string, raw: unknown, offset: string): unknown {
  // A user field's flag is kept as 1/0: the letter Y reads as 0 there, so it finds the wrong half.
  if (field.type === 'boolean' && field.dynamic) return Math.trunc(Number(raw)) === 1 || raw === true ? 1 : 0;
  if (raw === null || raw === '' || raw === false) return null;
  const text = String(raw);
  switch (field.type) {
    case 'datetime':
      return readInstant(text, offset) ?? refuse(name);
    case 'date':
      return readDay(text, offset) ?? refuse(name);
    case 'string':
    case 'text':
    case 'url':
    case 'money':
    case 'location':
    case 'crm_status':
    case 'crm_currency':
    case 'boolean':
      return text.toLowerCase();
    default: {
      const number = Number(text);
      return Number.isNaN(number) ? refuse(name) : number;
    }
  }
}

function refuse(name: string): never {
  throw invalidArgument(`Invalid filter: field '${name}' has invalid value`);
}

function matchesOne(operator: Operator, value: unknown, wanted: unknown): boolean {
  if (operator.kind === 'contains') return String(value ?? '').includes(String(wanted ?? ''));
  if (operator.kind === 'like') return like(String(value ?? ''), String(wanted ?? ''));
  if (operator.kind === 'compare') {
    // NULL compares with nothing.
    if (value === null || wanted === null) return false;
    const order = compareValues(value, wanted);
    if (operator.sign === '>') return order > 0;
    if (operator.sign === '>=') return order >= 0;
    return operator.sign === '<' ? order < 0 : order <= 0;
  }
  // An empty reference is kept as 0 or null: both are nothing.
  if (wanted === 0 && value === null) return true;
  return value === wanted;
}

/** `%` stands for any run of characters. */
function like(value: string, pattern: string): boolean {
  const parts = pattern.split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}

/** Nothing sorts first, as in MySQL. */
export function compareValues(left: unknown, right: unknown): number {
  const a = left === undefined || left === '' ? null : left;
  const b = right === undefined || right === '' ? null : right;
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a).toLowerCase(), String(b).toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
