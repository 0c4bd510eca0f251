// Sweeps by keyset: fifty list commands of fifty rows in one request, each starting after the last id of the one
// before (`$result[p0][items][49][id]`). Offsets would skip rows while others change.
import { z } from 'zod';
import { BadResponseError, UnavailableError } from '../../errors.ts';
import type { Scope } from '../../model.ts';
import type { Ask, ChangePage } from '../connector.ts';
import { type Command, type CommandOutcome, keyAt, MAX_COMMANDS, type Params } from './batch.ts';
import type { Client } from './client.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import { readItem, selectOf, toRecord } from './records.ts';
import type { EntityFields } from './schema.ts';
import { clausesOf, entityOf, serverFilter } from './scope.ts';

export const PAGE_SIZE = 50;
const LIST = 'crm.item.list';

type ListQuery = { readonly entityTypeId: number; readonly select: readonly string[]; readonly filter: Params };
type Row = ReturnType<typeof readItem>;
type RowPage = {
  readonly rows: readonly Row[];
  readonly lastId: number;
  readonly end: boolean;
  readonly at: number | null;
};

export type SweepParts = {
  readonly client: Client;
  readonly schemaOf: (scope: Scope, ask: Ask) => Promise<EntityFields>;
  readonly now: () => number;
  readonly overlapMs: number;
};

export async function* sweepChanges(
  parts: SweepParts,
  scope: Scope,
  cursor: string | null,
  fields: readonly string[],
  ask: Ask,
): AsyncIterable<ChangePage> {
  const from = readCursor(cursor);
  const schema = await parts.schemaOf(scope, ask);
  const query: ListQuery = {
    entityTypeId: entityOf(scope).entityTypeId,
    select: selectOf(scope, fields),
    filter: { ...serverFilter(clausesOf(scope)), ...since(from) },
  };
  let { next } = from;
  // Few records change between two sweeps: one plain page first, so that a quiet portal is not asked for fifty.
  for await (const page of pages(parts.client, query, from.afterId, from.since !== null, ask)) {
    next ??= Math.max(from.since ?? 0, (page.at ?? parts.now()) - parts.overlapMs);
    const view = { scope, fields, schema, origin: parts.client.origin() };
    const records = page.rows.map((row) => toRecord(row, view, LIST));
    yield {
      records: from.since === null ? records.filter((record) => record.inScope) : records,
      cursor: writeCursor(page.end ? { since: next, afterId: 0, next: null } : { ...from, afterId: page.lastId, next }),
      end: page.end,
    };
  }
}

function since({ since: at }: Cursor): Params {
  return at === null ? {} : { '>=updatedTime': `${new Date(at).toISOString().slice(0, 19)}+00:00` };
}

async function* pages(
  client: Client,
  query: ListQuery,
  afterId: number,
  singleFirst: boolean,
  ask: Ask,
): AsyncIterable<RowPage> {
  let lastId = afterId;
  let single = singleFirst;
  for (;;) {
    ask.signal?.throwIfAborted();
    const commands = chain(query, lastId, single ? 1 : MAX_COMMANDS);
    const { outcomes, at } = await run(client, commands, ask);
    single = false;
    for (const [index, outcome] of outcomes.entries()) {
      const page = readPage(client, outcome, lastId, index, at);
      if (page === null) break;
      lastId = page.lastId;
      yield page;
      if (page.end) return;
    }
  }
}

/** The last page of a full batch counts what is left, so that a full last page needs no further request. */
function chain(query: ListQuery, afterId: number, length: number): readonly Command[] {
  const commands: Command[] = [];
  for (let index = 0; index < length; index += 1) {
    const last = index === MAX_COMMANDS - 1;
    const after = index === 0 ? afterId : `$result[${keyAt(index - 1)}][items][${PAGE_SIZE - 1}][id]`;
    commands.push({
      method: LIST,
      params: {
        entityTypeId: query.entityTypeId,
        select: query.select,
        filter: { ...query.filter, '>id': after },
        order: { id: 'ASC' },
        start: last ? 0 : -1,
      },
    });
  }
  return commands;
}

async function run(
  client: Client,
  commands: readonly Command[],
  ask: Ask,
): Promise<{ readonly outcomes: readonly CommandOutcome[]; readonly at: number | null }> {
  client.refuseHeld(LIST, ask.lane);
  const how = { lane: ask.lane, writes: false, signal: ask.signal };
  const [first] = commands;
  if (commands.length === 1 && first) {
    const outcome = await client.call(first, how);
    return { outcomes: [outcome], at: outcome.kind === 'done' ? outcome.answer.time.start : null };
  }
  const { outcomes, time } = await client.batch(commands, how);
  return { outcomes, at: time.start };
}

/** Null: this page cannot be used, and the sweep goes on from the last good one. */
function readPage(
  client: Client,
  outcome: CommandOutcome,
  lastId: number,
  index: number,
  at: number | null,
): RowPage | null {
  if (outcome.kind !== 'done') {
    if (index > 0) return null;
    if (outcome.kind === 'failed') throw client.error(outcome.failure, LIST, false);
    throw new UnavailableError(`Bitrix24 did not run ${LIST}`, 'It is tried again by itself.', { ambiguous: false });
  }
  const listed = itemsIn(outcome.answer.result);
  const rows = listed.filter((row) => row.id > lastId).sort((a, b) => a.id - b.id);
  // A reference that could not be resolved starts over at the first record.
  if (index > 0 && rows.length < listed.length) {
    client.tally.anomaly('broken-chain');
    return null;
  }
  if (rows.length === 0 && listed.length > 0) {
    client.tally.anomaly('repeated-token');
    throw new BadResponseError('The list does not go on after the last id', 'Report it with the Bitrix24 version.', {
      path: 'items',
      excerpt: `after ${lastId}`,
    });
  }
  const { total } = outcome.answer;
  const counted = index === MAX_COMMANDS - 1 && total !== null && total > 0 && total <= PAGE_SIZE;
  return { rows, lastId: rows.at(-1)?.id ?? lastId, end: listed.length < PAGE_SIZE || counted, at };
}

// Made once: a schema that is new compiles its checks anew.
const listSchema = z.object({ items: z.array(z.unknown()) });

export function itemsIn(result: unknown): readonly Row[] {
  const parsed = listSchema.safeParse(result);
  if (!parsed.success) {
    throw new BadResponseError(`${LIST} answered no list`, 'Report it with the Bitrix24 version.', {
      path: 'items',
      excerpt: '',
    });
  }
  return parsed.data.items.map((item) => readItem(item, LIST));
}
