// `where:` of a profile: field labels and value labels become ids, every mistake a problem with the nearest right name.
import type { FieldSchema, Option, ScopeProblem, ScopeSpec, Value } from '../../model.ts';
import { nearest } from '../../nearest.ts';
import { calendarDate, decimalText, instant, textOf } from './fields.ts';
import type { Clause } from './scope.ts';

type Wanted = string | number | boolean;
export type ResolvedWhere = { readonly clauses: readonly Clause[]; readonly problems: readonly ScopeProblem[] };

export function resolveWhere(where: ScopeSpec['where'], fields: readonly FieldSchema[]): ResolvedWhere {
  if (where === undefined) return { clauses: [], problems: [] };
  if (typeof where === 'string') {
    const message = 'where is a text, but Bitrix24 has no query language';
    return { clauses: [], problems: [{ path: ['where'], message, cure: 'Write it as a map: { category: Закупки }.' }] };
  }
  const clauses: Clause[] = [];
  const problems: ScopeProblem[] = [];
  for (const [name, wanted] of Object.entries(where)) {
    const field = fieldNamed(name, fields);
    if (typeof field === 'string') {
      problems.push({ path: ['where', name], message: `"${name}" ${field}`, cure: cureFor(name, namesOf(fields)) });
      continue;
    }
    const values: Value[] = [];
    for (const one of Array.isArray(wanted) ? wanted : [wanted as Wanted]) {
      const value = readWanted(field, one);
      if (value !== undefined) values.push(value);
      else problems.push(badValue(name, field, one));
    }
    clauses.push({ field: field.id, anyOf: values });
  }
  return { clauses, problems };
}

/** The field, or what is wrong with the name. Ids win over labels, exact spelling over another letter case. */
function fieldNamed(name: string, fields: readonly FieldSchema[]): FieldSchema | string {
  const wanted = name.normalize('NFC');
  const folded = wanted.toLowerCase();
  const passes: ((field: FieldSchema) => boolean)[] = [
    (field) => field.id === wanted,
    (field) => field.label === wanted,
    (field) => field.aliases.includes(wanted),
    (field) => [field.label, ...field.aliases].some((one) => one.toLowerCase() === folded),
  ];
  for (const pass of passes) {
    const found = fields.filter(pass);
    if (found.length === 1 && found[0]) return judged(found[0]);
    if (found.length > 1) return `names ${found.length} fields (${found.map(({ id }) => id).join(', ')}): use the id`;
  }
  return 'is no field of this entity';
}

function judged(field: FieldSchema): FieldSchema | string {
  const usable = field.id !== 'url' && field.type !== 'other' && field.type !== 'money';
  return usable ? field : `is a field of type ${field.type}, which cannot narrow a scope`;
}

function readWanted(field: FieldSchema, wanted: Wanted): Value | undefined {
  if (field.options) return optionNamed(String(wanted), field.options)?.id;
  const text = String(wanted);
  switch (field.type) {
    case 'boolean':
      return booleanOf(wanted);
    case 'number':
      return decimalText(wanted);
    case 'date':
      return calendarDate(text);
    case 'datetime':
      return instant(text);
    case 'user':
    case 'link':
      return /^\d+$/.test(text) ? text : undefined;
    case 'set':
      return field.items === 'user' && !/^\d+$/.test(text) ? undefined : (textOf(text) ?? undefined);
    default:
      return textOf(text);
  }
}

function booleanOf(wanted: Wanted): boolean | undefined {
  if (typeof wanted === 'boolean') return wanted;
  const text = String(wanted).toLowerCase();
  if (['y', 'yes', '1', 'true', 'да'].includes(text)) return true;
  return ['n', 'no', '0', 'false', 'нет'].includes(text) ? false : undefined;
}

function optionNamed(wanted: string, options: readonly Option[]): Option | undefined {
  const label = wanted.normalize('NFC');
  const folded = label.toLowerCase();
  return (
    options.find((option) => option.label === label) ??
    options.find((option) => option.id === wanted) ??
    options.find((option) => option.label.toLowerCase() === folded)
  );
}

function badValue(name: string, field: FieldSchema, wanted: Wanted): ScopeProblem {
  const labels = (field.options ?? []).map((option) => option.label);
  const message = field.options
    ? `"${wanted}" is no value of ${field.label}`
    : `"${wanted}" is no ${field.type === 'set' ? field.items : field.type} for ${field.label}`;
  const cure = field.options ? cureFor(String(wanted), labels) : CURES[field.type];
  return { path: ['where', name], message, cure: cure ?? 'Correct the value.' };
}

const CURES: Partial<Record<FieldSchema['type'], string>> = {
  boolean: 'Write true or false.',
  number: 'Write a number.',
  date: 'Write a date like 2026-11-21.',
  datetime: 'Write a time with its offset, like 2026-11-21T09:00:00+03:00.',
  user: 'Write the id of the user.',
  set: 'Write the id of the user.',
  link: 'Write the id of the record.',
};

function namesOf(fields: readonly FieldSchema[]): readonly string[] {
  return fields.flatMap((field) => [field.label, field.id, ...field.aliases]);
}

export function cureFor(wanted: string, names: readonly string[]): string {
  const near = nearest(wanted, names);
  if (near.length > 0) return `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`;
  const some = names.slice(0, 8).map((name) => `"${name}"`);
  return some.length === 0
    ? 'There is nothing to choose from here.'
    : `There are ${some.join(', ')}${names.length > 8 ? ', …' : ''}.`;
}
