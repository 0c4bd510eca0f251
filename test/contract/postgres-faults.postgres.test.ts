// What a database server does that a file does not: it goes away, it answers late, others share it.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NewerStateError, UnavailableError } from '../../src/errors.ts';
import { type Clock, systemClock } from '../../src/ports.ts';
import { stateIsThere } from '../../src/state/open-store.ts';
import { lockStatement } from '../../src/state/postgres/dialect.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import type { Store } from '../../src/state/store.ts';
import { type PostgresState, postgresStateAt } from '../support/postgres-state.ts';
import { startPostgres, type TestServer } from '../support/servers.ts';
import { claimOne, issue, marked, NOW, paired, settlement } from '../support/store-samples.ts';

let server: TestServer;
let schemas = 0;
let state: PostgresState;

beforeAll(async () => {
  server = await startPostgres({ durable: true });
  // A new database is a thousand files: slow where the disk is busy.
});
afterAll(() => server.stop());

function newState(): PostgresState {
  schemas += 1;
  state = postgresStateAt(() => server.url, `faults_${schemas}`);
  return state;
}

/** What is ridden out is over ten times as soon, or as late. */
const hurried: Clock = {
  ...systemClock,
  steady: () => systemClock.steady() * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
};
const patient: Clock = { ...systemClock, steady: () => systemClock.steady() / 10 };

const open = (): Promise<Store> => openPostgresStore(state.url, { clock: systemClock });

/** Ends connections of ours on the server's side, as a failover or a firewall would. */
async function cut(which: string): Promise<number> {
  const cutOff = await state.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'jira-crm-sync' AND pid <> pg_backend_pid() AND ${which}`,
  );
  return cutOff.length;
}

it('is made once, whoever starts at the same time', async () => {
  newState();
  const stores = await Promise.all(Array.from({ length: 4 }, open));
  for (const [i, store] of stores.entries()) await store.note(`process-${i}`, i);
  expect(Object.keys(await (stores[0] as Store).notes())).toHaveLength(4);
  for (const store of stores) await store.close();
  expect(await state.query('SELECT version FROM schema_version')).toEqual([{ version: 1 }]);
});

it('is noted once, whoever asks first', async () => {
  newState();
  const stores = await Promise.all(Array.from({ length: 4 }, open));
  const words = await Promise.all(stores.map((store, i) => store.noteOnce('installation', `word-${i}`)));
  expect(new Set(words).size).toBe(1);
  expect(await (stores[0] as Store).notes()).toEqual({ installation: words[0] });
  for (const store of stores) await store.close();
});

it('is not made by who only asks whether it is there', async () => {
  newState();
  expect(await stateIsThere(state.url, '.')).toBe(false);
  const schemas = () => state.query('SELECT 1 FROM pg_namespace WHERE nspname = current_setting($1)', ['search_path']);
  expect(await schemas()).toEqual([]);
  await (await open()).close();
  expect([await stateIsThere(state.url, '.'), (await schemas()).length]).toEqual([true, 1]);
});

it('refuses a newer schema and leaves it as it is', async () => {
  newState();
  await (await open()).close();
  await state.query('UPDATE schema_version SET version = 999');
  const refusal = await open().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NewerStateError);
  expect((refusal as NewerStateError).message).toContain('has schema 999');
  expect(await state.query('SELECT version FROM schema_version')).toEqual([{ version: 999 }]);
});

it('lets write verbs of several processes through one after the other, and loses none', async () => {
  newState();
  const stores = await Promise.all([open(), open(), open()]);
  const each = 40;
  const marks = stores.flatMap((store) =>
    Array.from({ length: each }, (_, i) => store.markDirty([marked(issue(`${i % 5}`))], NOW)),
  );
  await Promise.all(marks);
  const store = stores[0] as Store;
  let generations = 0;
  for (let i = 0; i < 5; i += 1) generations += (await store.dirtyRow(issue(`${i}`)))?.generation ?? 0;
  expect(generations).toBe(each * stores.length);
  for (const one of stores) await one.close();
});

it('gives one command to one process', async () => {
  newState();
  const stores = await Promise.all([open(), open(), open()]);
  for (let i = 0; i < 10; i += 1) await (stores[0] as Store).addCommand('sync', { i }, NOW);
  const taken = await Promise.all(stores.flatMap((store) => Array.from({ length: 6 }, () => store.takeCommand())));
  const ids = taken.flatMap((row) => row?.id ?? []);
  expect(new Set(ids).size).toBe(10);
  expect(ids).toHaveLength(10);
  for (const store of stores) await store.close();
});

it('one that fails costs those committed with it nothing', async () => {
  newState();
  const store = await open();
  await store.settle(await store.claimRecord(issue('1'), NOW), settlement({ link: paired('1', '7405') }), NOW);
  const refused = await store.claimRecord(issue('2'), NOW);
  const fine = await store.claimRecord(issue('3'), NOW);
  const results = await Promise.allSettled([
    store.markDirty([marked(issue('9'))], NOW),
    store.settle(refused, settlement({ link: paired('2', '7405') }), NOW),
    store.settle(fine, settlement({ link: paired('3', '7406') }), NOW),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await store.dirtyRow(issue('9')))?.generation).toBe(1);
  expect(await store.linkOf(issue('2'))).toBeNull();
  expect((await store.linkOf(issue('3')))?.ids.crm).toBe('7406');
  await store.close();
});

it('goes on over cut connections, each verb once', async () => {
  newState();
  const store = await open();
  let cuts = 0;
  const cutting = (async () => {
    for (let i = 0; i < 10; i += 1) cuts += await cut(`pid % 2 = ${i % 2}`);
  })();
  const marks = Array.from({ length: 300 }, (_, i) => store.markDirty([marked(issue(`${i % 3}`))], NOW));
  const looks = Array.from({ length: 50 }, () => store.counts('purchases'));
  await Promise.all([...marks, ...looks, cutting]);
  expect(cuts).toBeGreaterThan(0);
  const rows = await Promise.all(['0', '1', '2'].map((id) => store.dirtyRow(issue(id))));
  expect(rows.map((row) => row?.generation)).toEqual([100, 100, 100]);
  await store.close();
});

it('says that the server is gone, and goes on by itself when it is back', async () => {
  newState();
  const store = await openPostgresStore(state.url, { clock: hurried });
  await store.markDirty([marked(issue('1'))], NOW);
  const claim = await claimOne(store);
  await server.kill();
  const gone = await store.markDirty([marked(issue('2'))], NOW).catch((error: unknown) => error);
  expect(gone).toBeInstanceOf(UnavailableError);
  expect((gone as UnavailableError).message).toContain('ECONNREFUSED');
  expect((gone as UnavailableError).cure).toContain('Start the database server');
  await expect(store.claim(5, NOW)).rejects.toBeInstanceOf(UnavailableError);
  await expect(store.acceptDelivery('d-1', [marked(issue('3'))], NOW)).rejects.toBeInstanceOf(UnavailableError);

  await server.restart();
  await store.settle(claim, settlement({ link: paired('1', '7405') }), NOW);
  expect(await store.acceptDelivery('d-1', [marked(issue('3'))], NOW)).toEqual({ duplicate: false });
  // What failed to be claimed is not held by anybody.
  expect((await store.claim(5, NOW)).map(({ rows }) => rows[0]?.id)).toEqual(['3']);
  await store.close();
});

it('rides out a restart that is over soon', async () => {
  newState();
  const store = await openPostgresStore(state.url, { clock: patient });
  await store.note('a', 1);
  await server.kill();
  const noted = store.note('a', 2);
  const read = store.notes();
  await server.restart();
  await noted;
  expect([1, 2]).toContain((await read).a);
  expect(await store.notes()).toEqual({ a: 2 });
  await store.close();
});

it('takes the lock from a process that stopped in the middle of a transaction', async () => {
  newState();
  const store = await open();
  await store.note('a', 1);
  // Frozen as by SIGSTOP: it holds the lock and says nothing more.
  const frozen = new Client({ connectionString: server.url, options: '-c idle_in_transaction_session_timeout=1000' });
  frozen.on('error', () => {});
  await frozen.connect();
  await frozen.query('BEGIN');
  await frozen.query(lockStatement(`faults_${schemas}`));
  await store.note('a', 2);
  expect(await store.notes()).toEqual({ a: 2 });
  await frozen.end().catch(() => {});
  await store.close();
});

it('asks for user and password again where they are wrong, without showing them', async () => {
  newState();
  const wrong = state.url.replace('sync@', 'nobody:hunter2@');
  const refusal = await openPostgresStore(wrong, { clock: systemClock }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UnavailableError);
  expect((refusal as UnavailableError).message).toContain('role "nobody" does not exist');
  expect((refusal as UnavailableError).cure).toContain('user');
  expect(JSON.stringify(refusal) + String((refusal as Error).stack)).not.toContain('hunter2');
});
