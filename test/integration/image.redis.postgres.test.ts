// The same image as image.test.ts on the servers of compose.yaml: what speaks to Redis and PostgreSQL is in the bundle and
// works there, and is loaded only where the configuration names them.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Image, layOutImage } from '../support/image.ts';
import { createImageSite } from '../support/image-site.ts';
import { createPlayground, logged, until } from '../support/real-processes.ts';
import { type Control, createControl } from '../support/sandbox-control.ts';
import { startPostgres, startRedis, type TestServer } from '../support/servers.ts';

const playground = createPlayground();
const servers: TestServer[] = [];
let image: Image;
let control: Control;
let site: ReturnType<typeof createImageSite>;

beforeAll(async () => {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  servers.push(redis, postgres);
  image = layOutImage();
  const ready = await playground.sandbox(12, 14);
  control = createControl(ready);
  site = createImageSite(image, ready, control, { redis: redis.url, postgres: postgres.url });
});
afterAll(async () => {
  playground.close();
  image.close();
  for (const server of servers) await server.stop();
});

const dealOf = async (key: string) => {
  const issue = (await control.issues()).find((one) => one.key === key);
  return (await control.deals()).find((deal) => String(deal.id) === String(issue?.fields.customfield_10033));
};

async function rename(key: string, summary: string): Promise<void> {
  await control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields: { summary } });
}

describe('the image on Redis and PostgreSQL', () => {
  it('syncs, survives a Redis that is gone for a moment, and ends when it is told to', async () => {
    const daemon = await site.start();
    await site.inStep();
    await rename('BUY-1', 'Over the queue');
    await until('the edit arrives', async () => (await dealOf('BUY-1'))?.title === 'Over the queue');
    const [redis] = servers as [TestServer, TestServer];
    await redis.kill();
    await rename('BUY-2', 'While Redis was away');
    await redis.restart();
    await until('the edit arrives', async () => (await dealOf('BUY-2'))?.title === 'While Redis was away');
    await site.inStep();
    const { code, err } = await site.stop(daemon);
    expect([code, err]).toEqual([0, '']);
    expect(logged(daemon, 'daemon stopped')).toBeDefined();
    expect(existsSync(image.inRoot('/data/state.db'))).toBe(false);
  });

  it('tells from another process what the shared state holds', async () => {
    const explained = await image.command(site.env, 'explain', 'procurement', 'BUY-1', '--json');
    expect([explained.code, explained.err]).toEqual([0, '']);
    expect(JSON.parse(explained.out)).toMatchObject({ link: { keys: { jira: 'BUY-1' }, state: 'active' } });
    expect((await site.status()).running).toBe(false);
  });
});
