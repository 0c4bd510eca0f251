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
type Question = { readonly text: string } | { readonly name: string; readonly text: string; readonly values: Param[] };
type Single = Exclude<Statement, { kind: 'together' }>;

/** What is asked on one connection for one transaction, or one look. The server answers in the order of the questions. */
export type Talk = {
  /** Not waited for: it leaves with what is asked in the same moment. */
  say(text: string): Promise<Answered>;
  /** Runs a verb's statements, one after the other; what nobody waits for may still be under way then. */
  drive<T>(sql: Sql<T>): Promise<T>;
  /** Resolves when everything was answered; throws what failed first: what comes behind it only says that it is over. */
  heard(): Promise<void>;
};

export function talkOn(connection: Connection): Talk {
  const underWay: Promise<unknown>[] = [];
  let failure: { readonly error: unknown } | null = null;

  function ask(question: Question): Promise<Answered> {
    holdBack(connection);
    const answer = connection.query(question);
    underWay.push(
      answer.catch((error: unknown) => {
        failure ??= { error };
      }),
    );
    return answer;
  }

  function askEach(text: string, params: readonly (readonly Param[])[]): Promise<Answered>[] {
    const query = named(text);
    return params.map((each) => ask({ ...query, values: each.map(toPostgres) }));
  }

  /** Undefined: nobody waits. */
  function put(statement: Single): Promise<unknown> | undefined {
    const { kind, text, params } = statement;
    if (kind === 'send') {
      askEach(text, params);
      return undefined;
    }
    if (kind === 'gets') return allOf(askEach(text, params).map(firstRow));
    if (kind === 'each') return allOf(askEach(text, params).map(changed));
    const [answer] = askEach(kind === 'insert' ? `${text} RETURNING id` : text, [params]) as [Promise<Answered>];
    if (kind === 'all') return answer.then(({ rows }) => rows);
    if (kind === 'get') return firstRow(answer);
    if (kind === 'insert') return answer.then(({ rows }) => rows[0]?.id ?? null);
    return changed(answer);
  }

  async function heard(): Promise<void> {
    await Promise.all(underWay.splice(0));
    if (failure !== null) throw failure.error;
  }

  return {
    say: (text) => ask({ text }),
    heard,
    async drive(sql) {
      let step = sql.next();
      while (!step.done) {
        const statement = step.value;
        let answer: unknown;
        try {
          const asked = statement.kind === 'together' ? allOf(statement.parts.map(put)) : put(statement);
          if (asked !== undefined) answer = await asked;
        } catch (error) {
          step = sql.throw((failure ?? { error }).error);
          continue;
        }
        step = sql.next(answer);
      }
      return step.value;
    },
  };
}

async function firstRow(answer: Promise<Answered>): Promise<unknown> {
  return (await answer).rows[0];
}

async function changed(answer: Promise<Answered>): Promise<number> {
  return (await answer).rowCount ?? 0;
}

/** All are waited for, so that none fails unheard; the first that failed is the reason. */
async function allOf<T>(answers: readonly (Promise<T> | undefined)[]): Promise<(T | undefined)[]> {
  const results = await Promise.allSettled(answers);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** pg writes to its socket for each question: what is asked in one go leaves in one packet. */
function holdBack(connection: Connection): void {
  const { stream } = (connection as unknown as { readonly connection: { readonly stream: Corked } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  queueMicrotask(() => stream.uncork());
}

type Corked = { readonly writableCorked: number; cork(): void; uncork(): void };
