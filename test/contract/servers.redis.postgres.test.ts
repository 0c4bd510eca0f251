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

it('brings a killed PostgreSQL back', async () => {
  const postgres = await startPostgres({ durable: true });
  await postgres.kill();
  await postgres.restart();
  const client = new Client(postgres.url);
  await client.connect();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
  await postgres.stop();
});
