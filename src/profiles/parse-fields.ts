import { isSeq } from 'yaml';
import type { Side } from '../model.ts';
import { otherSide } from '../model.ts';
import { quoted } from '../nearest.ts';
import type { AsType, ComputedLine, FieldLine, ValueLine } from './draft.ts';
import { readExpression } from './expression-text.ts';
import { DEFAULTS, FIELD, LATER_TYPES } from './field-keys.ts';
import { parseConflict } from './parse-policies.ts';
import { type Block, isEmpty, type Located, type Reader } from './reader.ts';
import { nodeStart } from './yaml-source.ts';

const TYPES: readonly (AsType | 'stage')[] = [
  'text',
  'number',
  'money',
  'date',
  'datetime',
  'boolean',
  'enum',
  'set',
  'user',
  'status',
  'stage',
];
const EXAMPLE = 'fields: [{ jira: summary, crm: title }]';

export type FieldLines = { readonly fields: readonly FieldLine[]; readonly computed: readonly ComputedLine[] };

export function parseFields(reader: Reader, node: unknown, text: string): FieldLines {
  const fields: FieldLine[] = [];
  const computed: ComputedLine[] = [];
  const items = reader.list(node, '`fields`', EXAMPLE) ?? [];
  if (items.length === 0 && isSeq(node))
    reader.problems.add(nodeStart(node), '`fields` is empty.', `Write for example \`${EXAMPLE}\`.`);
  for (const item of items) {
    const block = reader.block(item, FIELD);
    if (block === null) continue;
    if (block.entries.has('from')) {
      const line = parseComputed(reader, block, text);
      if (line !== null) computed.push(line);
    } else {
      const line = parseLine(reader, block);
      if (line !== null) fields.push(line);
    }
  }
  return { fields, computed };
}

function parseLine(reader: Reader, block: Block): FieldLine | null {
  const jira = reader.text(block.entries.get('jira'));
  const crm = reader.text(block.entries.get('crm'));
  const values = parseValues(reader, block);
  const defaults = parseDefaults(reader, block);
  const as = parseType(reader, block);
  const currency = reader.text(block.entries.get('currency'));
  if (currency !== null && !/^[A-Z]{3}$/.test(currency.value)) {
    reader.problems.add(
      currency.at,
      `${quoted(currency.value)} is not a currency code.`,
      'Write three capital letters, for example `RUB`.',
    );
  }
  const rest = {
    direction: reader.choice(block.entries.get('direction'), ['both', 'to-crm', 'to-jira']),
    on: reader.choice(block.entries.get('on'), ['always', 'create', 'update'])?.value ?? 'always',
    conflict: parseConflict(reader, block),
    initial: reader.choice(block.entries.get('initial'), ['fill-empty', 'jira', 'crm'])?.value ?? null,
  };
  if (jira === null || crm === null) {
    const missing: Side = jira === null ? 'jira' : 'crm';
    const wrote = block.entries.has('jira') || block.entries.has('crm');
    if (!block.entries.has(missing)) {
      reader.problems.add(
        block.at,
        wrote ? `The line names no \`${missing}\` field.` : 'The line names no field.',
        `Add \`${missing}: <field>\`, or \`from: <expression>\` for a computed field.`,
      );
    }
    return null;
  }
  return { at: block.at, names: { jira, crm }, as, currency, values, defaults, ...rest };
}

function parseType(reader: Reader, block: Block): Located<AsType> | null {
  const entry = block.entries.get('as');
  const found = reader.text(entry);
  if (found === null) return null;
  if (LATER_TYPES.includes(found.value)) {
    reader.problems.add(
      found.at,
      `\`as: ${found.value}\` is not in this version.`,
      'Remove the line; the field stays as it is on both sides.',
    );
    return null;
  }
  const type = reader.choice(entry, TYPES);
  return type === null ? null : { value: type.value === 'stage' ? 'status' : type.value, at: type.at };
}

function parseComputed(reader: Reader, block: Block, text: string): ComputedLine | null {
  const from = readExpression(reader, block.entries.get('from'), text);
  for (const [key, entry] of block.entries) {
    if (key === 'from' || key === 'jira' || key === 'crm') continue;
    reader.problems.add(entry.key.at, `\`${key}\` has no meaning on a computed line.`, `Remove \`${key}\`.`);
  }
  const named = (['jira', 'crm'] as const).filter((side) => block.entries.has(side));
  const side = named[0];
  if (side === undefined || named.length > 1) {
    const cure =
      side === undefined
        ? 'Add `crm: <field>` or `jira: <field>`.'
        : `Remove \`from\`, or remove \`${otherSide(side)}\`.`;
    reader.problems.add(block.at, 'A computed line names the one field that it writes.', cure);
    return null;
  }
  const name = reader.text(block.entries.get(side));
  return name === null || from === null ? null : { at: block.at, side, name, from };
}

function parseValues(reader: Reader, block: Block): FieldLine['values'] {
  const entry = block.entries.get('values');
  if (entry === undefined || isEmpty(entry.node)) return null;
  const pairs = reader.pairs(entry.node, '`values`', 'values: { To Do: Новая, Done: Выиграна }');
  if (pairs === null) return null;
  const lines: ValueLine[] = [];
  for (const pair of pairs) {
    const what = `The value for ${quoted(pair.key.value)}`;
    if (isEmpty(pair.node)) {
      reader.problems.add(
        pair.key.at,
        `${what} is missing.`,
        'Write the CRM value after the colon, or remove the line.',
      );
      continue;
    }
    const items = isSeq(pair.node) ? pair.node.items : [pair.node];
    if (items.length === 0)
      reader.problems.add(pair.key.at, `${what} is an empty list.`, 'Write at least one CRM value.');
    for (const item of items) {
      const crm = reader.label(item, what);
      if (crm !== null) lines.push({ jira: pair.key, crm });
    }
  }
  return { at: entry.key.at, lines };
}

function parseDefaults(reader: Reader, block: Block): FieldLine['defaults'] {
  const entry = block.entries.get('default');
  const found = entry === undefined || isEmpty(entry.node) ? null : reader.block(entry.node, DEFAULTS);
  return { jira: reader.text(found?.entries.get('jira')), crm: reader.text(found?.entries.get('crm')) };
}
