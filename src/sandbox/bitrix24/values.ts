// What a caller may write into a field, turned into what an item keeps.
import { readDay, readInstant } from './dates.ts';
import { RestError } from './errors.ts';
import type { Field } from './field.ts';
import { baseCurrency, type Portal } from './portal.ts';
import { refersTo } from './schema.ts';

const REFERENCES = new Set(['crm_company', 'crm_contact', 'crm_lead', 'crm_quote', 'crm_entity', 'crm_category']);

export function valueNotValid(field: Field): RestError {
  return new RestError(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', `Неверное значение поля "${field.title}"`);
}

/** One value or a list of them; a scalar for a multiple field is the vendor's error 100. */
export function readValue(portal: Portal, field: Field, raw: unknown): unknown {
  if (!field.multiple) return coerced(portal, field, readOne(portal, field, Array.isArray(raw) ? raw[0] : raw));
  if (typeof raw !== 'object' || raw === null) {
    const got = raw === null ? 'NULL' : typeof raw === 'number' ? 'integer' : typeof raw;
    throw new RestError(400, '100', `Expected iterable value for multiple field, but got ${got} instead`);
  }
  const values: unknown[] = [];
  for (const one of Object.values(raw)) {
    const value = coerced(portal, field, readOne(portal, field, one));
    const isTwin = typeof value !== 'string' && values.includes(value);
    if (value !== null && value !== '' && !isTwin) values.push(value);
  }
  return values;
}

function readOne(portal: Portal, field: Field, raw: unknown): unknown {
  if (field.type === 'boolean') return readFlag(raw) ? 'Y' : 'N';
  if (raw === null || raw === undefined) return null;
  const text = typeof raw === 'object' ? '' : String(raw);
  if (REFERENCES.has(field.type)) return Math.trunc(Number(text)) || null;
  switch (field.type) {
    case 'integer':
      return text.trim() === '' ? null : Math.trunc(Number.parseFloat(text)) || 0;
    case 'double':
      return text.trim() === '' ? null : Number.parseFloat(text.replace(',', '.')) || 0;
    case 'date':
      return text === '' ? null : (readDay(text, portal.settings.portalOffset) ?? refuse(field));
    case 'datetime':
      return text === '' ? null : (readInstant(text, portal.settings.portalOffset) ?? refuse(field));
    case 'enumeration':
      return readOption(field, text);
    case 'money':
      return readMoney(portal, field, text);
    case 'user':
    case 'employee':
      return readUser(portal, field, text);
    case 'crm_currency':
      if (text === '') return baseCurrency(portal);
      return portal.currencies.some((currency) => currency.code === text) ? text : refuse(field);
    case 'crm_status':
      return readStatus(portal, field, text);
    default:
      return text;
  }
}

function refuse(field: Field): never {
  throw valueNotValid(field);
}

function readFlag(raw: unknown): boolean {
  return ['Y', 'y', 'true', '1'].includes(String(raw));
}

/** An option that does not exist is dropped without a word. */
function readOption(field: Field, text: string): number | null {
  const id = Number(text);
  return field.options.some((option) => option.id === id) ? id : null;
}

function readMoney(portal: Portal, field: Field, text: string): string | null {
  if (text === '') return null;
  const [amount = '', currency = ''] = text.split('|');
  const number = Number(amount.replace(',', '.'));
  if (Number.isNaN(number)) return refuse(field);
  return `${number}|${currency === '' ? baseCurrency(portal) : currency}`;
}

function readUser(portal: Portal, field: Field, text: string): number | null {
  const id = Number(text);
  if (text === '' || id === 0) return null;
  return portal.users.some((user) => user.id === id) ? id : refuse(field);
}

/** Stages are checked where the pipeline is known (stages.ts); an unknown entry of another dictionary is refused here. */
function readStatus(portal: Portal, field: Field, text: string): string | null {
  if (text === '') return null;
  if (field.name === 'stageId' || field.dictionary === null) return text;
  const entries = portal.statuses.filter((status) => status.dictionary === field.dictionary);
  return entries.some((status) => status.statusId === text) ? text : refuse(field);
}

function coerced(portal: Portal, field: Field, value: unknown): unknown {
  let result = value;
  for (const rule of portal.settings.coerce) {
    if (!refersTo(rule.field, field)) continue;
    if (rule.cut !== undefined && typeof result === 'string') result = result.slice(0, rule.cut);
    if (rule.round !== undefined && typeof result === 'number') result = roundTo(result, rule.round);
    if (rule.dropOption !== undefined && isOption(field, result, rule.dropOption)) result = null;
  }
  return result;
}

function roundTo(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

function isOption(field: Field, value: unknown, named: string): boolean {
  const option = field.options.find((candidate) => candidate.id === value);
  return String(value) === named || option?.value === named;
}

/** Null, empty text, 0 references and empty lists are all "nothing" to the comparison before a save. */
export function sameValue(left: unknown, right: unknown): boolean {
  return JSON.stringify(normal(left)) === JSON.stringify(normal(right));
}

function normal(value: unknown): unknown {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  return value;
}
