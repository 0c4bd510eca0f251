// One connection to PostgreSQL as the verbs need it: named statements, our types, a verb's statements one by one.
import { type Client, type ClientConfig, Pool, type PoolClient, types } from 'pg';
import type { Param, Sql, Statement } from '../sql.ts';
import type { PostgresAddress } from './address.ts';
import { fromPostgres, numbered, toPostgres } from './dialect.ts';

const CONNECTIONS = 8;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
/** Longer than a frozen process keeps the lock. */
const LOCK_MS = 20_000;
/** A process that stops in the middle of a transaction loses it, and with it the lock, after this. */
const IDLE_MS = 5_000;

const INT8 = 20;
const TEXT_TYPES = [25, 1043, 19];

/** `durable`: insist on waiting for the disk, where the server's default does not. */
export function openPool(address: PostgresAddress, durable: boolean): Pool {
  const settings = {
    search_path: address.schema,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_MS,
    ...(durable ? { synchronous_commit: 'on' } : {}),
  };
  const config: ClientConfig & { pipeline: boolean } = {
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    password: address.password,
    ssl: tlsOptions(address),
    application_name: 'jira-crm-sync',
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    connectionTimeoutMillis: CONNECT_MS,
    // A server that is gone without a word: its answer is waited for no longer than it may take.
    query_timeout: STATEMENT_MS + CONNECT_MS,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => parserOf(oid, format) } as typeof types,
  };
  const pool = new Pool({ ...config, max: CONNECTIONS, idleTimeoutMillis: 60_000 });
  // What breaks while nobody uses it is thrown away; without listeners it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  return pool;
}

function tlsOptions({ tls }: PostgresAddress): ClientConfig['ssl'] {
  if (tls === null) return false;
  return { rejectUnauthorized: tls.verify, ...(tls.rootCertificate === null ? {} : { ca: tls.rootCertificate }) };
}

function parserOf(oid: number, format: 'text' | 'binary' | undefined): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.includes(oid)) return fromPostgres;
  return types.getTypeParser(oid, format);
}

/** Statements keep their names for as long as the process lives. */
const names = new Map<string, { readonly name: string; readonly text: string }>();

function named(text: string): { readonly name: string; readonly text: string } {
  let statement = names.get(text);
  if (statement === undefined) {
    statement = { name: `s${names.size}`, text: numbered(text) };
    names.set(text, statement);
  }
  return statement;
}

type Connection = Client | PoolClient;
type Answered = { readonly rows: readonly Record<string, unknown>[]; readonly rowCount: number | null };

function sent(connection: Connection, text: string, params: readonly (readonly Param[])[]): Promise<Answered>[] {
  const query = named(text);
  return params.map((each) => connection.query({ ...query, values: each.map(toPostgres) }));
}

/** All are waited for, so that none fails unheard; the first that failed is the reason. */
async function allOf<T>(answers: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(answers);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function answer(connection: Connection, statement: Exclude<Statement, { kind: 'send' }>): Promise<unknown> {
  if (statement.kind === 'each' || statement.kind === 'gets') {
    const answers = await allOf(sent(connection, statement.text, statement.params));
    if (statement.kind === 'gets') return answers.map(({ rows }) => rows[0]);
    return answers.map(({ rowCount }) => rowCount ?? 0);
  }
  const { kind, text, params } = statement;
  const [{ rows, rowCount } = { rows: [], rowCount: 0 }] = await allOf(
    sent(connection, kind === 'insert' ? `${text} RETURNING id` : text, [params]),
  );
  if (kind === 'all') return rows;
  if (kind === 'get') return rows[0];
  if (kind === 'insert') return rows[0]?.id ?? null;
  return rowCount ?? 0;
}

/** Runs a verb's statements, one after the other; the server answers in that order, also what nobody waits for. */
export async function drive<T>(connection: Connection, sql: Sql<T>): Promise<T> {
  const unheard: Promise<Answered>[] = [];
  // What failed first: everything behind it in the transaction only says that it is over.
  let failure: { readonly error: unknown } | null = null;
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  let step = sql.next();
  while (!step.done) {
    const statement = step.value;
    if (statement.kind === 'send') {
      for (const one of sent(connection, statement.text, statement.params)) {
        one.catch(fail);
        unheard.push(one);
      }
      step = sql.next();
      continue;
    }
    let answered: unknown;
    try {
      answered = await answer(connection, statement);
    } catch (error) {
      fail(error);
      step = sql.throw((failure ?? { error }).error);
      continue;
    }
    step = sql.next(answered);
  }
  await allOf(unheard);
  return step.value;
}
