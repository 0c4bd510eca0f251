// A daemon whose state is in PostgreSQL, and the commands beside it and after it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresStateAt } from '../support/postgres-state.ts';
import { createPlayground, type Ended, until } from '../support/real-processes.ts';
import { startPostgres, type TestServer } from '../support/servers.ts';

const PASSWORD = 'canary-hunter2';
const playground = createPlayground();
let server: TestServer;
const postgres = postgresStateAt(() => server.url, 'shared_state');
let env: Readonly<Record<string, string>>;
const told: string[] = [];

beforeAll(async () => {
  server = await startPostgres();
  const ready = await playground.sandbox(6, 6);
  const config = join(playground.folder, 'config/sync.yaml');
  env = { ...playground.configure(ready), STATE_PASSWORD: PASSWORD, STATE_URL: postgres.url };
  const text = readFileSync(config, 'utf8');
  const state = `state: { url: "${postgres.url}", password: "\${STATE_PASSWORD}" }`;
  playground.write('config/sync.yaml', text.replace(/^state: .*$/m, state));
});
afterAll(async () => {
  playground.close();
  await server.stop();
});

async function run(...args: string[]): Promise<Ended> {
  const ended = await playground.run(env, ...args);
  told.push(ended.out, ended.err);
  return ended;
}

const status = async () => JSON.parse((await run('status', '--json')).out);
const copyTo = (file: string, ...more: string[]) =>
  run('state', 'copy', '--from', `\${STATE_URL}`, '--to', `sqlite:${file}`, '--json', ...more);

it('is not made by a command that reads', async () => {
  const ended = await run('status');
  expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('There is no state postgres://')]);
  expect(ended.err).toContain('jira-crm-sync run');
  const check = await run('check');
  expect(check.out + check.err).not.toContain('The state');
  expect(await postgres.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'shared_state'`)).toEqual([]);
});

it('is worked on by a daemon, and looked at, planned on and copied beside it', async () => {
  const daemon = await playground.daemon(env);
  await until('it is all in step', async () => {
    const [profile] = (await status()).profiles;
    const { links, dirty } = profile?.counts ?? {};
    return links?.active > 0 && dirty.live + dirty.bulk === 0;
  });
  expect((await status()).running).toBe(true);

  const plan = await run('plan', 'procurement', '--json');
  expect([plan.code, plan.err]).toEqual([0, expect.not.stringContaining('Unexpected')]);

  const refused = await copyTo('refused.db');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('A daemon works on this state')]);
  const snapshot = await copyTo('snapshot.db', '--running');
  expect([snapshot.code, JSON.parse(snapshot.out).copied]).toEqual([0, true]);

  daemon.child.kill('SIGTERM');
  const ended = await daemon.ended;
  told.push(ended.out, ended.err);
  expect(ended.code).toBe(0);
});

it('is left by a daemon that stops: a command does its work itself, and a copy is let through', async () => {
  expect((await status()).running).toBe(false);
  const copied = await copyTo('after.db');
  expect([copied.code, copied.err]).toEqual([0, '']);
  const { tables } = JSON.parse(copied.out);
  expect(tables.find(({ table }: { table: string }) => table === 'link').rows).toBeGreaterThan(0);
  const [link] = await postgres.query('SELECT jira_key FROM link WHERE reason IS NULL ORDER BY id LIMIT 1');
  const synced = await run('sync', 'procurement', String(link?.jira_key));
  expect([synced.code, synced.err]).toEqual([0, expect.not.stringContaining('Unexpected')]);
});

it('never shows its password', async () => {
  expect(told.join('')).not.toContain(PASSWORD);
  env = { ...env, STATE_PASSWORD: `${PASSWORD}-wrong` };
  playground.write(
    'config/sync.yaml',
    readFileSync(join(playground.folder, 'config/sync.yaml'), 'utf8').replace('://sync@', '://nobody@'),
  );
  const ended = await run('run');
  expect(ended.code).toBe(1);
  expect(ended.out + ended.err).toContain('role "nobody" does not exist');
  expect(ended.out + ended.err).not.toContain(PASSWORD);
});
