// The options of the connections: references and durations are resolved here, then each connector's own schema decides.
import { isMap, isScalar, isSeq } from 'yaml';
import type { z } from 'zod';
import type { ConnectionOptions } from '../connectors/registry.ts';
import { nearest, quoted, suggest } from '../nearest.ts';
import { parseDuration } from '../profiles/durations.ts';
import { type Entry, isEmpty, type Reader } from '../profiles/reader.ts';
import { nodeStart } from '../profiles/yaml-source.ts';
import { isSecretKey, type References } from './references.ts';

/** The registry of connectors, or as much of it as reading their options takes. */
export type ConnectorTypes = Readonly<
  Record<string, { readonly options: z.ZodType<ConnectionOptions>; keepsTokens?(options: ConnectionOptions): boolean }>
>;

const DURATION_KEYS = new Set(['index-lag', 'time-limit', 'overlap']);
const CURE = 'Correct it; config/sync.example.yaml shows every option.';

export function readConnections(
  reader: Reader,
  entry: Entry | undefined,
  types: ConnectorTypes,
  references: References,
  hasKey: boolean,
): Readonly<Record<string, ConnectionOptions>> {
  const connections: Record<string, ConnectionOptions> = {};
  if (entry === undefined || isEmpty(entry.node)) return connections;
  const pairs = reader.pairs(entry.node, '`connections`', 'connections: { jira: { type: jira } }') ?? [];
  for (const pair of pairs) {
    const name = pair.key.value;
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
      reader.problems.add(
        pair.key.at,
        `${quoted(name)} is not a connection name.`,
        'Use small letters a–z, digits and `-`, at most 63.',
      );
    }
    const options = readConnection(reader, pair, types, references);
    if (options === null) continue;
    connections[name] = options;
    if (hasKey || !types[options.type]?.keepsTokens?.(options)) continue;
    reader.problems.add(
      pair.key.at,
      `The connection ${quoted(name)} gets tokens that have to be stored encrypted, and there is no \`secrets-key\`.`,
      `Add \`secrets-key: "\${SECRETS_KEY}"\` and set that variable; \`openssl rand -hex 32\` makes one.`,
    );
  }
  if (pairs.length === 0)
    reader.problems.add(entry.key.at, '`connections` names no connection.', 'Add one for Jira and one for the CRM.');
  return connections;
}

function readConnection(
  reader: Reader,
  pair: Entry,
  types: ConnectorTypes,
  references: References,
): ConnectionOptions | null {
  const { problems } = reader;
  const entries = isEmpty(pair.node)
    ? []
    : reader.pairs(pair.node, quoted(pair.key.value), 'jira: { type: jira, url: … }');
  if (entries === null) return null;
  const type = reader.text(entries.find((entry) => entry.key.value === 'type'));
  const schema = type === null ? undefined : types[type.value]?.options;
  const known = Object.keys(types);
  if (type === null)
    problems.add(
      pair.key.at,
      `The connection ${quoted(pair.key.value)} has no \`type\`.`,
      `Add \`type:\` with one of: ${known.join(', ')}.`,
    );
  else if (schema === undefined)
    problems.add(type.at, `${quoted(type.value)} is not a type of connection.`, suggest(type.value, known, CURE));

  const before = problems.all().length;
  const values = plainValue(pair.node, '', reader, references);
  if (schema === undefined) return null;
  const checked = schema.safeParse(values);
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues) reportIssue(reader, pair, schema, issue, problems.all().length > before);
  return null;
}

/** A value that could not be resolved is left out; its reason is reported already. */
function plainValue(node: unknown, key: string, reader: Reader, references: References): unknown {
  if (isMap(node)) {
    const values: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const name = String((pair.key as { value?: unknown } | null)?.value);
      const value = plainValue(pair.value, name, reader, references);
      if (value !== undefined) values[name] = value;
    }
    return { ...values };
  }
  if (isSeq(node)) return node.items.map((item) => plainValue(item, key, reader, references));
  if (!isScalar(node) || isEmpty(node)) return undefined;
  const at = nodeStart(node);
  if (isSecretKey(key)) return references.secret(key, String(node.source ?? node.value), at);
  if (typeof node.value !== 'string') return node.value;
  if (DURATION_KEYS.has(key)) return parseDuration(node.value) ?? node.value;
  return references.plain(key, node.value, at);
}

function reportIssue(reader: Reader, pair: Entry, schema: z.ZodType, issue: z.core.$ZodIssue, reported: boolean): void {
  const { problems } = reader;
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    for (const key of issue.keys) {
      const close = nearest(key, known, 2);
      const cure =
        close.length > 0
          ? `Did you mean ${close.map(quoted).join(' or ')}?`
          : `Write one of: ${known.map(quoted).join(', ')}.`;
      problems.add(
        placeOf(pair, [...path, key]).key,
        `${quoted(key)} is not an option of \`${[pair.key.value, ...path].join('.')}\`.`,
        cure,
      );
    }
    return;
  }
  const { at, found } = placeOf(pair, path);
  const name = path.join('.') || pair.key.value;
  if (found) {
    // The value is there, but its reference leads nowhere: that is said already.
    if (issue.code === 'invalid_type' && reported) return;
    problems.add(at, `${quoted(name)}${sentence(issue.message)}.`, CURE);
    return;
  }
  problems.add(
    at,
    `${quoted(name)} is missing in the connection ${quoted(pair.key.value)}.`,
    `Add \`${path.at(-1)}: …\`; config/sync.example.yaml shows every option.`,
  );
}

/** Our connectors' messages go on from the name ("must use https"); zod's own are sentences of their own. */
function sentence(message: string): string {
  const plain = message.replace(/\.$/, '').replaceAll('"', '`');
  return /^[A-Z]/.test(plain) ? `: ${plain[0]?.toLowerCase()}${plain.slice(1)}` : ` ${plain}`;
}

/** Where a path of options stands: `at` its value (its key for one without, else the nearest parent), and its `key`. */
function placeOf(pair: Entry, path: readonly string[]): { at: number; key: number; found: boolean } {
  let at = pair.key.at;
  let place = at;
  let node: unknown = pair.node;
  for (const [depth, key] of path.entries()) {
    const items = isMap(node) ? node.items : [];
    const next = items.find((item) => String((item.key as { value?: unknown } | null)?.value) === key);
    if (next === undefined) {
      const element = isSeq(node) ? node.items[Number(key)] : undefined;
      if (element === undefined) return { at, key: place, found: false };
      node = element;
      at = nodeStart(element);
      continue;
    }
    node = next.value;
    place = nodeStart(next.key);
    at = depth === path.length - 1 && !isMap(node) && !isEmpty(node) ? nodeStart(node) : nodeStart(next.key);
  }
  return { at, key: place, found: true };
}

function keysAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let shape = (schema as { shape?: Record<string, z.ZodType> }).shape;
  for (const key of path) shape = (shape?.[key] as { shape?: Record<string, z.ZodType> } | undefined)?.shape;
  return Object.keys(shape ?? {});
}
