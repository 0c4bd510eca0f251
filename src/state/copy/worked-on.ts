import { SILENT_MS } from '../lease-table.ts';
import { type PostgresAddress, postgresAddress } from '../postgres/address.ts';
import { asSyncError } from '../postgres/failures.ts';
import { stateVersion } from '../postgres/schema.ts';
import { openPool } from '../postgres/session.ts';

/** Whether some process has shown itself on a state in PostgreSQL lately; nothing is made there. */
export async function isWorkedOn(location: string, now: number): Promise<boolean> {
  const address: PostgresAddress = postgresAddress(location);
  const pool = openPool(address, false);
  try {
    if ((await stateVersion(pool, address)) === 0) return false;
    const { rows } = await pool.query('SELECT at FROM member');
    return rows.some(({ at }) => Math.abs(now - at) < SILENT_MS);
  } catch (error) {
    throw asSyncError(error, address.shown);
  } finally {
    await pool.end();
  }
}
