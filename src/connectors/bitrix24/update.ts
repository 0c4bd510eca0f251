// An update is bracketed: get, update, get run in one request, so that what we overwrite and what came out of it are both
// known.
import type { Fields, Scope } from '../../model.ts';
import { hooksOf } from '../ask.ts';
import type { WriteAsk, Written } from '../connector.ts';
import { type Command, type CommandOutcome, losesMeaning, type Params } from './batch.ts';
import { toRecord } from './records.ts';
import { entityOf } from './scope.ts';
import {
  decodeAll,
  encodeAll,
  getCommand,
  gone,
  itemIn,
  laneOf,
  UPDATE,
  viewOf,
  type WriteParts,
  writtenItem,
} from './writes.ts';

export async function updateRecord(
  parts: WriteParts,
  scope: Scope,
  id: string,
  patch: Fields,
  fields: readonly string[],
  ask: WriteAsk,
): Promise<Written> {
  const schema = await parts.schemaOf(scope, ask);
  const touched = Object.keys(patch);
  const encoded = encodeAll(schema, patch);
  const { carried, left } = batchable(encoded);
  const send = async (commands: readonly Command[]) => parts.commands.write({ commands, ...hooksOf(ask) }, laneOf(ask));
  const updateOf = (fields: Params): Command => ({
    method: UPDATE,
    params: { entityTypeId: entityOf(scope).entityTypeId, id: Number(id), fields },
  });

  if (Object.keys(carried).length === 0) {
    const found = await parts.readRaw(scope, id, laneOf(ask));
    if (found === null) throw gone(scope, id);
    const [outcome] = await send([updateOf(encoded)]);
    const item = writtenItem(parts, schema, outcome, UPDATE, touched);
    return {
      record: toRecord(item, viewOf(parts, scope, schema, fields), UPDATE),
      before: decodeAll(touched, found, schema),
    };
  }

  const get = getCommand(scope, id);
  const [first, outcome, last] = await send([get, updateOf(carried), get]);
  const before = decodeAll(touched, itemIn(first) ?? {}, schema);
  const rest = restOf(encoded, left, outcome);
  if (Object.keys(rest).length > 0) {
    const [second] = await send([updateOf(rest)]);
    const item = writtenItem(parts, schema, second, UPDATE, touched);
    return { record: toRecord(item, viewOf(parts, scope, schema, fields), UPDATE), before };
  }
  const item = writtenItem(parts, schema, outcome, UPDATE, touched);
  return {
    // The second look also shows what robots made of our write.
    record: toRecord(itemIn(last) ?? item, viewOf(parts, scope, schema, fields), UPDATE),
    before,
  };
}

/**
 * What can be said in a query string, and so within the bracket, and what cannot. An empty list would vanish on the way;
 * a list of one empty text arrives, and an empty text is no member. Not documented, so `restOf` looks what came of it.
 */
function batchable(encoded: Params): { readonly carried: Params; readonly left: Params } {
  const carried: Record<string, unknown> = {};
  const left: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(encoded)) {
    const said = isEmptyList(value) ? [''] : value;
    if (losesMeaning(said)) left[name] = value;
    else carried[name] = said;
  }
  return { carried, left };
}

/** What is still to be said in plain JSON; a portal may refuse the whole for the empty text in it. */
function restOf(encoded: Params, left: Params, outcome: CommandOutcome | undefined): Params {
  const emptied = Object.entries(encoded).filter(([, value]) => isEmptyList(value));
  if (outcome?.kind === 'failed') return emptied.length > 0 ? encoded : {};
  if (outcome?.kind !== 'done') return {};
  const item = itemIn(outcome) ?? {};
  const still = emptied.filter(([name]) => Array.isArray(item[name]) && item[name].length > 0);
  return { ...left, ...Object.fromEntries(still) };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
