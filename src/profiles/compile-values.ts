// Tables of a line: `values` and `default`, from labels as written to the canonical values of both sides.
import type { TableDefaults, TableRow } from '../mapping/table.ts';
import type { FieldSchema, Side, Value } from '../model.ts';
import { quoted, suggest } from '../nearest.ts';
import type { FieldLine } from './draft.ts';
import type { ProblemList } from './problem-list.ts';
import type { Located } from './reader.ts';

export type Schemas = Readonly<Record<Side, FieldSchema>>;

/** Undefined when the line has no `values`; the mapper then pairs options that read alike. */
export function compileTable(
  line: FieldLine,
  schemas: Schemas,
  problems: ProblemList,
): readonly TableRow[] | undefined {
  if (line.values === null) return undefined;
  const rows: TableRow[] = [];
  const seen = new Map<string, string>();
  for (const { jira, crm } of line.values.lines) {
    const left = meant(jira, 'jira', schemas.jira, problems);
    const right = meant(crm, 'crm', schemas.crm, problems);
    if (left === undefined || right === undefined) continue;
    const key = JSON.stringify(right);
    const before = seen.get(key);
    if (before !== undefined && before !== jira.value) {
      problems.add(
        crm.at,
        `${quoted(crm.value)} is the translation of ${quoted(before)} already.`,
        'Name it once: on the way back the first line would win.',
      );
    }
    seen.set(key, before ?? jira.value);
    rows.push({ jira: left, crm: right });
  }
  return rows;
}

export function compileDefaults(line: FieldLine, schemas: Schemas, problems: ProblemList): TableDefaults | undefined {
  const { jira, crm } = line.defaults;
  const left = jira === null ? undefined : meant(jira, 'jira', schemas.jira, problems);
  const right = crm === null ? undefined : meant(crm, 'crm', schemas.crm, problems);
  if (left === undefined && right === undefined) return undefined;
  return { ...(left === undefined ? {} : { jira: left }), ...(right === undefined ? {} : { crm: right }) };
}

/** The canonical value that a person means by `written`, or undefined after reporting that there is none. */
export function meant(
  written: Located<string>,
  side: Side,
  field: FieldSchema,
  problems: ProblemList,
): Value | undefined {
  const text = written.value.normalize('NFC').trim();
  if (field.type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    problems.add(
      written.at,
      `${quoted(text)} is not a value of ${quoted(field.label)}, which is yes or no.`,
      'Write `true` or `false`.',
    );
    return undefined;
  }
  if (field.options === undefined) return text === '' ? null : text;
  const byId = field.options.find((option) => option.id === text);
  if (byId !== undefined) return byId.id;
  const labelled = field.options.filter((option) => fold(option.label) === fold(text));
  const exact = labelled.filter((option) => option.label === text);
  const [only, ...rest] = exact.length > 0 ? exact : labelled;
  if (only !== undefined && rest.length === 0) return only.id;
  if (only !== undefined) {
    const ids = [only, ...rest].map((option) => quoted(option.id));
    problems.add(
      written.at,
      `${quoted(text)} is the label of ${ids.length} options of ${quoted(field.label)}.`,
      `Write the id: ${ids.join(' or ')}.`,
    );
    return undefined;
  }
  const labels = field.options.map((option) => option.label);
  problems.add(
    written.at,
    `${quoted(text)} is not an option of ${quoted(field.label)} on the \`${side}\` side.`,
    suggest(text, labels, 'Write an option as the product shows it.'),
  );
  return undefined;
}

function fold(label: string): string {
  return label.normalize('NFC').trim().toLowerCase();
}
