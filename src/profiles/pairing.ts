// Which two kinds of field can be one shared field, and how their values are translated.
import type { FieldSchema, FieldType } from '../model.ts';
import { quoted } from '../nearest.ts';
import type { Schemas } from './compile-values.ts';
import type { FieldLine } from './draft.ts';

export type MapperKind = 'plain' | 'table' | 'set' | 'user' | 'money';

export type Pairing =
  | { readonly ok: true; readonly kind: MapperKind; readonly type: FieldType }
  | { readonly ok: false; readonly at: number; readonly message: string; readonly cure: string };

const PLAIN: readonly FieldType[] = ['text', 'number', 'date', 'datetime', 'boolean'];
const CHOICES: readonly FieldType[] = ['enum', 'status'];

export function pairUp(line: FieldLine, schemas: Schemas): Pairing {
  const { jira, crm } = schemas;
  for (const side of ['jira', 'crm'] as const) {
    const why = unmapped(schemas[side].type);
    if (why !== null)
      return refuse(
        line.names[side].at,
        `${quoted(schemas[side].label)} on the \`${side}\` side is ${why}`,
        'Remove the line; the field stays as it is on both sides.',
      );
  }
  const found = typeOf(jira, crm);
  if (found === null) {
    return refuse(
      line.at,
      `${quoted(jira.label)} is ${article(jira)} and ${quoted(crm.label)} is ${article(crm)}; they cannot be one field.`,
      'Pair fields of the same kind.',
    );
  }
  const { kind, type } = found;
  if (line.as !== null && !agrees(line.as.value, type, jira, crm)) {
    return refuse(
      line.as.at,
      `${quoted(jira.label)} is ${article(jira)} and ${quoted(crm.label)} is ${article(crm)}, not \`${line.as.value}\`.`,
      `Write \`as: ${type}\`, or leave \`as\` out.`,
    );
  }
  const needsTable = kind === 'table' && !(hasOptions(jira) && hasOptions(crm)) && line.values === null;
  if (needsTable) {
    const example = hasOptions(jira) ? first(jira) : 'text';
    return refuse(
      line.at,
      `${quoted(jira.label)} is ${article(jira)} and ${quoted(crm.label)} is ${article(crm)}: nobody can tell which value is which.`,
      `Add \`values: { ${JSON.stringify(example)}: ${crm.type === 'boolean' ? 'true' : JSON.stringify(hasOptions(crm) ? first(crm) : 'text')}, … }\`.`,
    );
  }
  const tabled = kind === 'table' || (kind === 'set' && (hasOptions(jira) || hasOptions(crm)));
  if (!tabled && line.values !== null)
    return refuse(
      line.values.at,
      `\`values\` has no meaning for ${article({ type } as FieldSchema)}.`,
      'Remove `values`.',
    );
  const fallback = line.defaults.jira ?? line.defaults.crm;
  if (!tabled && fallback !== null)
    return refuse(
      fallback.at,
      `\`default\` has no meaning for ${article({ type } as FieldSchema)}.`,
      'Remove `default`.',
    );
  return checkCurrency(line, schemas, kind) ?? { ok: true, kind, type };
}

function checkCurrency(line: FieldLine, { jira, crm }: Schemas, kind: MapperKind): Pairing | null {
  const mixed = kind === 'money' && jira.type !== crm.type;
  if (mixed && line.currency === null) {
    return refuse(
      line.at,
      `${quoted(jira.type === 'money' ? crm.label : jira.label)} is a number without a currency.`,
      'Add the currency that it is in, for example `currency: RUB`.',
    );
  }
  if (kind !== 'money' && line.currency !== null)
    return refuse(line.currency.at, '`currency` has a meaning for money only.', 'Remove `currency`.');
  return null;
}

function typeOf(jira: FieldSchema, crm: FieldSchema): { kind: MapperKind; type: FieldType } | null {
  const types = [jira.type, crm.type];
  if (jira.type === 'set' && crm.type === 'set') {
    return (jira.items === 'user') === (crm.items === 'user') ? { kind: 'set', type: 'set' } : null;
  }
  if (jira.type === crm.type && jira.type === 'user') return { kind: 'user', type: 'user' };
  if (types.every((type) => type === 'money' || type === 'number') && types.includes('money'))
    return { kind: 'money', type: 'money' };
  if (jira.type === crm.type && PLAIN.includes(jira.type)) return { kind: 'plain', type: jira.type };
  const choice = types.find((type) => CHOICES.includes(type));
  if (choice === undefined || !types.every((type) => CHOICES.includes(type) || type === 'boolean' || type === 'text'))
    return null;
  return { kind: 'table', type: types.includes('status') ? 'status' : 'enum' };
}

/** What may be written as `as` for a pair: its type, or what either side calls it. */
function agrees(as: FieldType, type: FieldType, jira: FieldSchema, crm: FieldSchema): boolean {
  if (as === type) return true;
  return (type === 'enum' || type === 'status') && (as === 'enum' || as === jira.type || as === crm.type);
}

export function isUnmapped(type: FieldType): boolean {
  return unmapped(type) !== null;
}

function unmapped(type: FieldType): string | null {
  if (type === 'rich-text') return 'formatted text, which is not in this version.';
  if (type === 'link') return 'a link to another record, which is not in this version.';
  return type === 'other' ? 'of a kind that cannot be synced.' : null;
}

function hasOptions(field: FieldSchema): boolean {
  return field.options !== undefined || CHOICES.includes(field.type);
}

function first(field: FieldSchema): string {
  return field.options?.[0]?.label ?? 'value';
}

function article({ type, items }: Pick<FieldSchema, 'type' | 'items'>): string {
  if (type === 'set') return items === 'user' ? 'a set of users' : 'a set';
  return type === 'enum' ? 'an enum' : `a ${type}`;
}

function refuse(at: number, message: string, cure: string): Pairing {
  return { ok: false, at, message, cure };
}
