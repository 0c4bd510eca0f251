import { postgresAddress } from '../postgres/address.ts';
import { lockStatement } from '../postgres/dialect.ts';
import { asSyncError } from '../postgres/failures.ts';
import { preparePostgres, stateVersion } from '../postgres/schema.ts';
import { openPool, talkOn } from '../postgres/session.ts';
import { get } from '../sql.ts';
import { type End, nothingThere, type Role } from './end.ts';

export async function postgresEnd(location: string, role: Role): Promise<End> {
  const address = postgresAddress(location);
  const pool = openPool(address, true);
  const failed = (error: unknown) => asSyncError(error, address.shown);
  try {
    if (role === 'source' && (await stateVersion(pool, address)) === 0) throw nothingThere(address.shown);
    await preparePostgres(pool, address);
    const client = await pool.connect();
    const end = async (statement: 'COMMIT' | 'ROLLBACK') => {
      try {
        await client.query(statement);
        client.release();
      } catch (error) {
        client.release(true);
        throw failed(error);
      } finally {
        await pool.end();
      }
    };
    if (role === 'source') await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    else {
      await client.query('BEGIN');
      await client.query(lockStatement(address.schema));
    }
    return {
      async drive(sql) {
        try {
          const talk = talkOn(client);
          const answer = await talk.drive(sql);
          await talk.heard();
          return answer;
        } catch (error) {
          throw failed(error);
        }
      },
      *highestId(table) {
        const sql = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS id FROM ${table}_id_seq`;
        return (yield* get<{ id: number }>(sql))?.id ?? 0;
      },
      *raiseIds(table, to) {
        if (to > 0) yield* get('SELECT setval(pg_get_serial_sequence(?, ?), ?)', table, 'id', to);
      },
      finish: () => end('COMMIT'),
      drop: () => end('ROLLBACK'),
    };
  } catch (error) {
    await pool.end();
    throw failed(error);
  }
}
