// Brings the schema to this version. Two that start at once do it one after the other.
import type { Pool } from 'pg';
import { SyncError, UnavailableError } from '../../errors.ts';
import { MIGRATIONS, newerSchema } from '../migrations/migrate.ts';
import type { PostgresAddress } from './address.ts';
import { lockStatement, postgresDdl } from './dialect.ts';
import { asSyncError, sqlState } from './failures.ts';

/** `pg_xact_status` and identity columns are older; older servers get no fixes any more. */
const LEAST_SERVER = 130_000;

/** Answers whether the server has to be told to wait for the disk before it answers a commit. */
export async function preparePostgres(
  pool: Pool,
  address: PostgresAddress,
  migrations: readonly string[] = MIGRATIONS,
): Promise<{ readonly forgetful: boolean }> {
  try {
    const { rows } = await pool.query(SETTINGS);
    const { version, encoding, commit } = rows[0];
    if (Number(version) < LEAST_SERVER) {
      throw new SyncError(
        `The state ${address.shown} is on a PostgreSQL that is too old`,
        'Use PostgreSQL 13 or newer.',
      );
    }
    if (encoding !== 'UTF8') {
      throw new SyncError(
        `The database of the state ${address.shown} has the encoding ${encoding}`,
        "Create one with UTF-8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
      );
    }
    await migratePostgres(pool, address, migrations);
    return { forgetful: commit === 'off' };
  } catch (error) {
    throw sqlState(error) === '42501' ? noRight(address, error) : asSyncError(error, address.shown);
  }
}

const SETTINGS = `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
  current_setting('synchronous_commit') AS commit`;

async function migratePostgres(pool: Pool, address: PostgresAddress, migrations: readonly string[]): Promise<void> {
  const { schema, shown } = address;
  if ((await versionOf(pool, schema)) === migrations.length) return;
  const client = await pool.connect();
  let done = false;
  try {
    await client.query('BEGIN');
    await client.query(lockStatement(schema));
    // Read again under the lock: another process may have migrated while we waited for it.
    const version = await versionOf(client, schema);
    if (version > migrations.length) throw newerSchema(shown, version, migrations.length);
    if (version === 0) await create(client, schema);
    for (const sql of migrations.slice(version)) await client.query(postgresDdl(sql));
    await client.query('UPDATE schema_version SET version = $1', [migrations.length]);
    await client.query('COMMIT');
    done = true;
  } finally {
    client.release(!done);
  }
}

/** 0: nothing of ours is there. */
export async function stateVersion(pool: Pool, address: PostgresAddress): Promise<number> {
  try {
    return await versionOf(pool, address.schema);
  } catch (error) {
    throw asSyncError(error, address.shown);
  }
}

type Asking = Pick<Pool, 'query'>;

async function versionOf(db: Asking, schema: string): Promise<number> {
  // to_regclass would not do: it answers from a cache that may be older than the lock that we waited for.
  const sql = `SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'`;
  if ((await db.query(sql, [schema])).rows.length === 0) return 0;
  const { rows } = await db.query(`SELECT version FROM ${schema}.schema_version`);
  return rows[0]?.version ?? 0;
}

async function create(db: Asking, schema: string): Promise<void> {
  // Asked for only where it is missing: IF NOT EXISTS wants the right to create one all the same.
  const found = await db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (found.rows.length === 0) await db.query(`CREATE SCHEMA ${schema}`);
  await db.query('CREATE TABLE schema_version (version INTEGER NOT NULL)');
  await db.query('INSERT INTO schema_version (version) VALUES (0)');
}

function noRight({ schema, shown, user }: PostgresAddress, cause: unknown): UnavailableError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError(
    `The state ${shown} cannot be used: ${message}`,
    `Make the schema by hand: CREATE SCHEMA ${schema} AUTHORIZATION ${user ?? '…'}`,
    { ambiguous: false, cause },
  );
}
