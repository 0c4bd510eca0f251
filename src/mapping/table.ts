// Fields whose values are translated one by one: options, statuses and stages, yes/no beside options.
import { MappingError } from '../errors.ts';
import type { FieldSchema, Option, Side, Value } from '../model.ts';
import { otherSide, valueText } from '../model.ts';
import { showBoolean } from './boolean.ts';
import { canonicalText } from './canonical.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { nameOf } from './rejection.ts';
import { projectText, projectWord } from './text.ts';

export type TableRow = { readonly jira: Value; readonly crm: Value };
export type TableDefaults = { readonly jira?: Value; readonly crm?: Value };

/** Several values of one side may lead to one of the other; on the way back the first row wins. */
export function createTableMapper(ends: Ends, rows: readonly TableRow[], defaults: TableDefaults): Mapper {
  const toCrm = new Map<string, Value>();
  const toJira = new Map<string, Value>();
  for (const row of rows) {
    if (!toCrm.has(valueText(row.jira))) toCrm.set(valueText(row.jira), row.crm);
    if (!toJira.has(valueText(row.crm))) toJira.set(valueText(row.crm), row.jira);
  }
  const show = (value: Value, side: Side) => showOption(ends[side], value);

  return {
    translate(value: Value, from: Side): Value {
      const translations = from === 'jira' ? toCrm : toJira;
      const translated = translations.get(valueText(value));
      if (translated !== undefined) return translated;
      // An empty field is left empty; `default:` is for values that nobody listed.
      if (value === null) return null;
      const target = otherSide(from);
      const substitute = defaults[target];
      if (substitute !== undefined) return substitute;
      throw new MappingError(
        `"${show(value, from)}" of ${nameOf(ends, from)} has no translation to ${nameOf(ends, target)}`,
        `Add it under \`values:\` of the field, give \`default: { ${target}: … }\`, or add an option of that name.`,
        value,
      );
    },
    show,
  };
}

/** The table of a field without `values:`: options that read alike belong together. An enabled option goes first. */
export function rowsByLabel({ jira, crm }: Ends): readonly TableRow[] {
  if (jira.options === undefined) {
    return optionsOf(crm).map(({ id, label }) => ({ jira: spelled(label, 'jira', jira), crm: id }));
  }
  if (crm.options === undefined) {
    return optionsOf(jira).map(({ id, label }) => ({ jira: id, crm: spelled(label, 'crm', crm) }));
  }
  const partners = Map.groupBy(optionsOf(crm), (option) => folded(option.label));
  return optionsOf(jira).flatMap((option) =>
    (partners.get(folded(option.label)) ?? []).map((partner) => ({ jira: option.id, crm: partner.id })),
  );
}

/** An option's label as a text field, or a set of texts, shows it. */
function spelled(label: string, side: Side, schema: FieldSchema): string | null {
  return schema.type === 'set' ? projectWord(label, side, schema) : projectText(label, schema);
}

function optionsOf(schema: FieldSchema): readonly Option[] {
  const options = schema.options ?? [];
  return [...options.filter((option) => !option.disabled), ...options.filter((option) => option.disabled)];
}

function folded(label: string): string | null {
  return canonicalText(label.trim().toLowerCase());
}

function showOption(schema: FieldSchema, value: Value): string {
  const option = schema.options?.find(({ id }) => id === value);
  return option?.label ?? showBoolean(value);
}
