// One table after the other, some rows at a time, and read back from where they went.
import { createHash, type Hash } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import { all, get, type Param, runEach, type Sql } from '../sql.ts';
import type { End } from './end.ts';
import { type Table, tablesOf } from './tables.ts';

const CHUNK = 1000;

export type CopiedTable = { readonly table: string; readonly rows: number };

type Row = Readonly<Record<string, Param>>;

/** Nothing is committed here. Throws a SyncError when the target has rows already, or shows other ones than were sent. */
export async function copyRows(source: End, target: End): Promise<readonly CopiedTable[]> {
  const { copied, names } = tablesOf();
  for (const name of names) {
    if ((await target.drive(get(`SELECT 1 FROM ${name} LIMIT 1`))) !== undefined) throw notEmpty(name);
  }
  const told: CopiedTable[] = [];
  for (const table of copied) told.push(await copyTable(table, source, target));
  return told;
}

async function copyTable(table: Table, source: End, target: End): Promise<CopiedTable> {
  const { name, columns } = table;
  const insert = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  const read = await pass(table, source, async (rows) => {
    const values = rows.map((row) => columns.map((column) => row[column] ?? null));
    await target.drive(runEach(insert, values));
  });
  const written = await pass(table, target, async () => {});
  if (read.rows !== written.rows || read.digest !== written.digest) throw notTheSame(name, read.rows, written.rows);
  if (table.givesIds) {
    const highest = await source.drive(source.highestId(name));
    await target.drive(target.raiseIds(name, highest));
  }
  return { table: name, rows: read.rows };
}

/** Every row in the order of the key, which is the same in every dialect. */
async function pass(
  table: Table,
  end: End,
  each: (rows: readonly Row[]) => Promise<void>,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const digest = createHash('sha256');
  let rows = 0;
  for (let last: Row | null = null; ; ) {
    const chunk: readonly Row[] = await end.drive(chunkAfter(table, last));
    await each(chunk);
    for (const row of chunk) add(digest, table, row);
    rows += chunk.length;
    last = chunk.at(-1) ?? null;
    if (chunk.length < CHUNK) return { rows, digest: digest.digest('hex') };
  }
}

function chunkAfter({ name, columns, key }: Table, last: Row | null): Sql<Row[]> {
  const after = last === null ? '' : `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  const sql = `SELECT ${columns.join(', ')} FROM ${name} ${after} ORDER BY ${key.join(', ')} LIMIT ?`;
  return all<Row>(sql, ...(last === null ? [] : key.map((column) => last[column] ?? null)), CHUNK);
}

function add(digest: Hash, { columns }: Table, row: Row): void {
  digest.update(JSON.stringify(columns.map((column) => row[column] ?? null)));
}

function notEmpty(table: string): SyncError {
  return new SyncError(
    `The state to copy to is not empty: there are rows in ${table}`,
    'Name a new file or another schema (`?schema=…`), or remove what is there.',
  );
}

function notTheSame(table: string, read: number, written: number): SyncError {
  return new SyncError(
    `The copy does not show what was copied: ${table}, ${read} rows read, ${written} there`,
    'Nothing was kept; look at the disk of the state to copy to and try again.',
  );
}
