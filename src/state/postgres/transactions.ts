// Write verbs of all processes are serial, as in SQLite: each transaction first takes one lock of the whole state. What
// waits in this process while one runs is then committed together.
import type { Pool, PoolClient } from 'pg';
import { UnavailableError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Sql } from '../sql.ts';
import type { PostgresAddress } from './address.ts';
import { lockStatement } from './dialect.ts';
import { asSyncError, isBroken } from './failures.ts';
import { drive } from './session.ts';

/** How long a connection that breaks is ridden out before a verb fails. */
const RIDE_OUT_MS = 5_000;
const AGAIN_MS = 50;
const AGAIN_MOST_MS = 1_000;
const GROUP = 100;

type Waiting = {
  readonly work: () => Sql<unknown>;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
};

export type Transactions = {
  write<T>(work: () => Sql<T>): Promise<T>;
  read<T>(work: () => Sql<T>): Promise<T>;
  look<T>(work: () => Sql<T>): Promise<T>;
  /** Resolves when what was asked for is written. */
  settled(): Promise<void>;
};

export function createTransactions(pool: Pool, address: PostgresAddress, clock: Clock): Transactions {
  const { shown, schema } = address;
  const lock = lockStatement(schema, 'pg_current_xact_id()::text AS id');
  let waiting: Waiting[] = [];
  let pumping: Promise<void> | null = null;

  /** Again on another connection for as long as they break: a server that restarts costs a moment. */
  async function ridingOut<T>(once: (client: PoolClient) => Promise<T>): Promise<T> {
    const begun = clock.steady();
    for (let wait = AGAIN_MS; ; wait = Math.min(wait * 2, AGAIN_MOST_MS)) {
      try {
        return await onConnection(pool, once);
      } catch (error) {
        if (!isBroken(error) || clock.steady() - begun >= RIDE_OUT_MS) throw asSyncError(error, shown);
      }
      await clock.sleep(wait);
    }
  }

  async function together(client: PoolClient, group: readonly Waiting[]): Promise<readonly unknown[]> {
    const [begun, locked] = await Promise.allSettled([client.query('BEGIN'), client.query(lock)]);
    if (begun.status === 'rejected') throw begun.reason;
    if (locked.status === 'rejected') throw locked.reason;
    const { id } = locked.value.rows[0];
    const answers: unknown[] = [];
    for (const { work } of group) answers.push(await drive(client, work()));
    await commit(client, id);
    return answers;
  }

  async function commit(client: PoolClient, id: string): Promise<void> {
    try {
      await client.query('COMMIT');
    } catch (error) {
      if (!isBroken(error)) throw error;
      const became = await whatBecameOf(id).catch(() => null);
      if (became === 'committed') return;
      // Nothing of it is there, so that it may be done again.
      if (became === 'aborted') throw error;
      throw asSyncError(error, shown, true);
    }
  }

  /** The answer to a COMMIT was lost: the server remembers how the transaction ended. */
  async function whatBecameOf(id: string): Promise<string | null> {
    return ridingOut(async (client) => {
      const { rows } = await client.query('SELECT pg_xact_status($1::text::xid8) AS status', [id]);
      if (rows[0]?.status === 'in progress') throw new Error('the connection of a transaction is not given up yet');
      return rows[0]?.status ?? null;
    });
  }

  async function carryOut(group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await ridingOut((client) => together(client, group));
      for (const [i, { resolve }] of group.entries()) resolve(answers[i] as never);
    } catch (error) {
      if (group.length > 1 && !(error instanceof UnavailableError)) {
        // One that fails must not cost the others their success.
        for (const one of group) await carryOut([one]);
        return;
      }
      for (const { reject } of group) reject(error);
    }
  }

  async function pump(): Promise<void> {
    // Verbs that are asked for in the same moment begin together.
    await null;
    while (waiting.length > 0) {
      const group = waiting.slice(0, GROUP);
      waiting = waiting.slice(GROUP);
      await carryOut(group);
    }
    pumping = null;
  }

  return {
    write(work) {
      return new Promise((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        pumping ??= pump();
      });
    },
    read: (work) =>
      ridingOut(async (client) => {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const answer = await drive(client, work());
        await client.query('COMMIT');
        return answer;
      }),
    look: (work) => ridingOut((client) => drive(client, work())),
    settled: async () => {
      await pumping;
    },
  };
}

/** Gives the connection back as it was, or not at all. */
async function onConnection<T>(pool: Pool, use: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let spoilt = true;
  try {
    const answer = await use(client);
    spoilt = false;
    return answer;
  } catch (error) {
    if (!isBroken(error))
      spoilt = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
    throw error;
  } finally {
    client.release(spoilt);
  }
}
