// `fields` and `update` of a create, edit or transition request: from the request to stored values, or all refusals at
// once under the ids of the fields.

import { type AdfDocument, isAdfDocument } from './adf.ts';
import { general, invalid, malformed } from './answer.ts';
import type { Json } from './render.ts';
import { offered } from './routes/meta.ts';
import { byId, type FieldDef } from './schema.ts';
import { readValue, ValueRefused } from './values.ts';
import type { Issue, Value, World } from './world.ts';

export type FieldInput = {
  readonly values: ReadonlyMap<string, Value | null>;
  /** From `update.comment: [{add: {body}}]`. */
  readonly comments: readonly AdfDocument[];
};

function asObject(value: unknown, name: string): Json {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw malformed(`${name} must be an object`);
  return value as Json;
}

const notSettable = (id: string) => `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`;

/** One verb of `update` applied to what the field holds. */
function applyVerb(world: World, field: FieldDef, before: Value | null, verb: string, operand: unknown): Value | null {
  if (verb === 'set') return readValue(world, field, operand);
  if ((verb !== 'add' && verb !== 'remove') || (field.kind !== 'labels' && field.kind !== 'options')) {
    throw new ValueRefused(`Field with id '${field.id}' and name '${field.name}' does not support operation '${verb}'`);
  }
  const items = readValue(world, field, [operand]);
  const have = Array.isArray(before) ? (before as string[]) : [];
  const given = Array.isArray(items) ? (items as string[]) : [];
  const after =
    verb === 'add' ? [...new Set([...have, ...given])].sort() : have.filter((item) => !given.includes(item));
  return after.length === 0 ? null : after;
}

function verbsOf(operations: unknown): [string, unknown][] {
  if (!Array.isArray(operations)) throw new ValueRefused('data was not an array');
  return operations.flatMap((operation) => {
    if (typeof operation !== 'object' || operation === null) throw new ValueRefused('data was not an object');
    return Object.entries(operation);
  });
}

function commentBody(operand: unknown): AdfDocument {
  const body = typeof operand === 'object' && operand !== null ? (operand as Json).body : undefined;
  if (!isAdfDocument(body)) {
    throw new ValueRefused('Operation value must be an Atlassian Document (see the Atlassian Document Format)');
  }
  return body;
}

export type Screen = (field: FieldDef) => boolean;

/** `issue` null for a create. Throws the 400 that lists every refused field; nothing is written before that. */
export function readFieldInput(
  world: World,
  issue: Issue | null,
  screen: Screen,
  body: Json,
  ignored: readonly string[],
): FieldInput {
  const fields = asObject(body.fields, 'fields');
  const update = asObject(body.update, 'update');
  const errors: Record<string, string> = {};
  const values = new Map<string, Value | null>();
  const comments: AdfDocument[] = [];

  function settable(id: string): FieldDef | null {
    const field = byId(world.fields, id);
    return field && offered(world, field) && screen(field) ? field : null;
  }

  function guarded(id: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ValueRefused)) throw error;
      errors[id] = error.message;
    }
  }

  for (const [id, raw] of Object.entries(fields)) {
    if (ignored.includes(id)) continue;
    const field = settable(id);
    if (!field) errors[id] = notSettable(id);
    else guarded(id, () => values.set(id, readValue(world, field, raw)));
  }
  for (const [id, operations] of Object.entries(update)) {
    if (Object.hasOwn(fields, id)) {
      throw general(400, `Field '${id}' cannot appear in both 'fields' and 'update'`);
    }
    if (id === 'comment') {
      guarded(id, () => {
        for (const [verb, operand] of verbsOf(operations)) if (verb === 'add') comments.push(commentBody(operand));
      });
      continue;
    }
    const field = settable(id);
    if (!field) {
      errors[id] = notSettable(id);
      continue;
    }
    guarded(id, () => {
      let value = issue?.data.values.get(id) ?? null;
      for (const [verb, operand] of verbsOf(operations)) value = applyVerb(world, field, value, verb, operand);
      values.set(id, value);
    });
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return { values, comments };
}

const MAX_PROPERTY = 32_768;

export function readProperty(key: string, value: unknown): { key: string; value: unknown } {
  if (key.length > 255) throw general(400, 'The property key cannot be longer than 255 characters.');
  if (value === undefined || JSON.stringify(value).length > MAX_PROPERTY) {
    throw general(400, `The property value is invalid: it must be JSON of at most ${MAX_PROPERTY} characters.`);
  }
  return { key, value };
}

/** `properties: [{key, value}]` of a create, edit or comment. */
export function readProperties(raw: unknown): { key: string; value: unknown }[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw malformed('properties must be an array');
  return raw.map((item: unknown) => {
    const entry = asObject(item, 'properties');
    if (typeof entry.key !== 'string' || entry.key === '') throw malformed('properties need a key');
    return readProperty(entry.key, entry.value);
  });
}
