// Write verbs of all processes are serial, as in SQLite: each transaction first takes one lock of the whole state. What
// waits in this process while one runs is then committed together.
import type { Pool, PoolClient } from 'pg';
import { UnavailableError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Sql } from '../sql.ts';
import type { PostgresAddress } from './address.ts';
import { lockStatement } from './dialect.ts';
import { asSyncError, isBroken } from './failures.ts';
import { type Talk, talkOn } from './session.ts';

/** How long a connection that breaks is ridden out before a verb fails. */
const RIDE_OUT_MS = 5_000;
const AGAIN_MS = 50;
const AGAIN_MOST_MS = 1_000;
const GROUP = 100;
/** Looks that share a connection: what they ask leaves in one packet, and a slow one holds up no more than these. */
const LOOKS = 50;

type Shared = { readonly client: Promise<PoolClient>; users: number; spoilt: boolean };

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
  const looking = createLooking(pool);
  let waiting: Waiting[] = [];
  let pumping: Promise<void> | null = null;

  /** Again on another connection for as long as they break: a server that restarts costs a moment. */
  async function ridingOut<T>(once: (client: PoolClient) => Promise<T>): Promise<T> {
    return again(() => onConnection(pool, once));
  }

  async function again<T>(once: () => Promise<T>): Promise<T> {
    const begun = clock.steady();
    for (let wait = AGAIN_MS; ; wait = Math.min(wait * 2, AGAIN_MOST_MS)) {
      try {
        return await once();
      } catch (error) {
        if (!isBroken(error) || clock.steady() - begun >= RIDE_OUT_MS) throw asSyncError(error, shown);
      }
      await clock.sleep(wait);
    }
  }

  /** The first statements leave together with BEGIN and the lock: without the lock the server refuses them, too. */
  async function together(client: PoolClient, group: readonly Waiting[]): Promise<readonly unknown[]> {
    const talk = talkOn(client);
    talk.say('BEGIN');
    const locked = talk.say(lock);
    const answers: unknown[] = [];
    for (const { work } of group) answers.push(await talk.drive(work()));
    const { rows } = await locked;
    await commit(talk, String(rows[0]?.id));
    return answers;
  }

  /** Where a statement failed that nobody waited for, COMMIT only ends the transaction. */
  async function commit(talk: Talk, id: string): Promise<void> {
    talk.say('COMMIT');
    try {
      await talk.heard();
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
        const talk = talkOn(client);
        talk.say('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const answer = await talk.drive(work());
        talk.say('COMMIT');
        await talk.heard();
        return answer;
      }),
    look: (work) => again(() => looking((client) => talkOn(client).drive(work()))),
    settled: async () => {
      await pumping;
    },
  };
}

/** Lends one connection to several at once: only for what is no transaction. */
function createLooking(pool: Pool): <T>(use: (client: PoolClient) => Promise<T>) => Promise<T> {
  let current: Shared | null = null;

  function enter(): Shared {
    if (current === null || current.users >= LOOKS) {
      current = { client: pool.connect(), users: 0, spoilt: false };
    }
    current.users += 1;
    return current;
  }

  function leave(shared: Shared): void {
    shared.users -= 1;
    if (current === shared && (shared.spoilt || shared.users === 0)) current = null;
    if (shared.users > 0) return;
    shared.client.then(
      (client) => client.release(shared.spoilt),
      () => {},
    );
  }

  return async (use) => {
    const shared = enter();
    try {
      return await use(await shared.client);
    } catch (error) {
      if (isBroken(error)) shared.spoilt = true;
      throw error;
    } finally {
      leave(shared);
    }
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
