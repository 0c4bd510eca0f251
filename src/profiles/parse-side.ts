import { isMap, isSeq } from 'yaml';
import type { ScopeSpec, Side } from '../model.ts';
import { quoted, suggest } from '../nearest.ts';
import type { DraftSide } from './draft.ts';
import { type Block, type Entry, isEmpty, type Reader } from './reader.ts';
import { CRM, JIRA, LATER_ENTITIES } from './side-keys.ts';

const ENTITIES: Readonly<Record<Side, readonly string[]>> = {
  jira: ['issue'],
  crm: ['lead', 'deal', 'contact', 'company'],
};

/** Null when the block is so incomplete that nobody could be asked to describe it. */
export function parseSide(reader: Reader, entry: Entry | undefined, side: Side): DraftSide | null {
  if (entry === undefined || isEmpty(entry.node)) return null;
  const block = reader.block(entry.node, side === 'jira' ? JIRA : CRM, entry.key.at);
  if (block === null) return null;
  const connection = reader.text(block.entries.get('connection'));
  const entity = readEntity(reader, block, side);
  const project = reader.text(block.entries.get('project'));
  const type = reader.text(block.entries.get('type'));
  const where = side === 'jira' ? (reader.text(block.entries.get('where'))?.value ?? null) : readFilter(reader, block);
  if (connection === null || entity === null) return null;
  if (side === 'jira' && project === null) return null;
  const spec: ScopeSpec = {
    entity,
    ...(project === null ? {} : { project: project.value }),
    ...(type === null ? {} : { type: type.value }),
    ...(where === null ? {} : { where }),
  };
  return {
    connection: connection.value,
    connectionAt: connection.at,
    spec,
    placeOf: (path) => placeIn(block, entry.key.at, path),
  };
}

function readEntity(reader: Reader, block: Block, side: Side): string | null {
  const entity = reader.text(block.entries.get('entity'));
  if (entity === null || ENTITIES[side].includes(entity.value)) return entity?.value ?? null;
  const later = LATER_ENTITIES[side].includes(entity.value) || entity.value.startsWith('smart/');
  const known = ENTITIES[side];
  if (later) {
    reader.problems.add(
      entity.at,
      `\`entity: ${entity.value}\` is not in this version.`,
      `Use one of: ${known.map(quoted).join(', ')}.`,
    );
  } else {
    reader.problems.add(
      entity.at,
      `${quoted(entity.value)} is not an entity of the \`${side}\` side.`,
      suggest(entity.value, known, `Use one of: ${known.join(', ')}.`),
    );
  }
  return null;
}

function readFilter(reader: Reader, block: Block): Record<string, string | readonly string[]> | null {
  const entry = block.entries.get('where');
  if (entry === undefined || isEmpty(entry.node)) return null;
  const pairs = reader.pairs(entry.node, '`where`', 'where: { category: Закупки }');
  if (pairs === null) return null;
  const filter: Record<string, string | readonly string[]> = {};
  for (const pair of pairs) {
    const what = quoted(pair.key.value);
    if (isEmpty(pair.node)) {
      reader.problems.add(pair.key.at, `${what} has no value.`, 'Write the wanted value or a list of values.');
    } else if (isSeq(pair.node)) {
      filter[pair.key.value] = pair.node.items.map((item) => reader.label(item, what)?.value ?? '');
    } else {
      const value = reader.label(pair.node, what);
      if (value !== null) filter[pair.key.value] = value.value;
    }
  }
  return filter;
}

function placeIn(block: Block, fallback: number, path: readonly string[]): number {
  const [first, second] = path;
  const entry = first === undefined ? undefined : block.entries.get(first);
  if (entry === undefined) return fallback;
  if (second !== undefined && isMap(entry.node)) {
    for (const pair of entry.node.items) {
      const key = pair.key as { value?: unknown; range?: readonly number[] } | null;
      if (String(key?.value) === second) return valueAt(pair.value) ?? key?.range?.[0] ?? entry.key.at;
    }
  }
  return valueAt(entry.node) ?? entry.key.at;
}

function valueAt(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null)?.range?.[0];
}
