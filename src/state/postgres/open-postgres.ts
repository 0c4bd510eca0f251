import type { Pool } from 'pg';
import type { Clock } from '../../ports.ts';
import type { Database } from '../database.ts';
import { type PostgresAddress, postgresAddress } from './address.ts';
import { asSyncError } from './failures.ts';
import { preparePostgres, stateVersion } from './schema.ts';
import { openPool } from './session.ts';
import { createTransactions } from './transactions.ts';

/** The state in that database for the verbs; its schema is made where it is missing. */
export async function openPostgres(location: string, clock: Clock): Promise<Database> {
  const address = postgresAddress(location);
  const pool = await preparedPool(address);
  const transactions = createTransactions(pool, address, clock);
  return {
    ...transactions,
    // Nobody is held up here while others wait for the disk.
    writeBeside: transactions.write,
    writeSoon: transactions.write,
    // The server looks after its own files.
    faults: async () => [],
    async size() {
      try {
        return Number((await pool.query(SIZE, [address.schema])).rows[0]?.bytes ?? 0);
      } catch (error) {
        throw asSyncError(error, address.shown);
      }
    },
    async close() {
      await transactions.settled();
      await pool.end();
    },
  };
}

/** Whether some process has made its schema. */
export async function postgresIsThere(location: string): Promise<boolean> {
  const address = postgresAddress(location);
  const pool = openPool(address, false);
  try {
    return (await stateVersion(pool, address)) > 0;
  } finally {
    await pool.end();
  }
}

async function preparedPool(address: PostgresAddress): Promise<Pool> {
  const pool = openPool(address, false);
  try {
    const { forgetful } = await preparePostgres(pool, address);
    if (!forgetful) return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
  // A 2xx to a webhook promises that its mark survives a power cut.
  await pool.end();
  return openPool(address, true);
}

const SIZE = `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`;
