import { connect } from 'node:net';
import { Client } from 'pg';
import { expect, inject, it } from 'vitest';
import { startPostgres, startRedis } from '../support/servers.ts';

function ask(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${command}\r\n`));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(`${answer}`.trim());
    });
    socket.once('error', reject);
  });
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function ready(url: string): Promise<unknown> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query('SELECT 1 AS one');
  await client.end();
  return rows;
}

it('shares one Redis among the files, as the daemon asks for it: nothing is evicted', async () => {
  const answer = await ask(inject('redisUrl') ?? '', 'CONFIG GET maxmemory-policy');
  expect(answer).toContain('noeviction');
});

it('shares one PostgreSQL among the files', async () => {
  const client = new Client(inject('postgresUrl') ?? '');
  await client.connect();
  const { rows } = await client.query('SELECT version() AS version');
  await client.end();
  expect(rows[0].version).toMatch(/^PostgreSQL 1\d/);
});

it('brings a killed Redis back with what it had stored', async () => {
  const redis = await startRedis();
  await ask(redis.url, 'SET kept yes');
  await redis.kill();
  await expect(ask(redis.url, 'GET kept')).rejects.toThrow('ECONNREFUSED');
  await redis.restart();
  expect(await ask(redis.url, 'GET kept')).toContain('yes');
  await redis.stop();
});

it('brings a killed PostgreSQL back, and nobody of it answers meanwhile', async () => {
  const postgres = await startPostgres({ durable: true });
  const clients = Array.from({ length: 20 }, () => new Client(postgres.url));
  for (const client of clients) client.on('error', () => {});
  await Promise.all(clients.map((client) => client.connect()));
  await postgres.kill();
  const asked = await Promise.allSettled(clients.map((client) => client.query('SELECT 1')));
  expect(asked.map(({ status }) => status)).not.toContain('fulfilled');
  await postgres.restart();
  expect(await ready(postgres.url)).toEqual([{ one: 1 }]);
  await postgres.stop();
});

it('brings a PostgreSQL back whose children had not seen that it was killed', async () => {
  const postgres = await startPostgres();
  const client = new Client(postgres.url);
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  process.kill(rows[0].pid, 'SIGSTOP');
  const server = postgres.pid();
  process.kill(server, 'SIGKILL');
  await expect.poll(() => isThere(server), { timeout: 60_000 }).toBe(false);
  const restarted = postgres.restart();
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill(rows[0].pid, 'SIGCONT');
  await restarted;
  expect(await ready(postgres.url)).toEqual([{ one: 1 }]);
  await postgres.stop();
});
