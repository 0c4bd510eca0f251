// One daemon with its queue on a real Redis, each a process of its own: what goes over Redis, what becomes of the daemon
// when Redis dies under it, and which Redis it refuses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlayground, type Daemon, logged, until } from '../support/real-processes.ts';
import { type Control, createControl } from '../support/sandbox-control.ts';
import { startRedis, type TestServer } from '../support/servers.ts';

const playground = createPlayground();
let env: Readonly<Record<string, string>>;
let control: Control;
let daemon: Daemon;
let redis: TestServer;
let plainConfig: string;

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'no']);
  const ready = await playground.sandbox(12, 14);
  control = createControl(ready);
  env = playground.configure(ready);
  plainConfig = readFileSync(join(playground.folder, 'config/sync.yaml'), 'utf8');
  queueOn(redis.url);
  daemon = await playground.daemon(env);
  await control.sendWebhooksTo(daemon.webhooks);
  await until('both sides are in step', async () => {
    const [profile] = (await status()).profiles;
    return profile?.matched === true && profile.counts.dirty.live + profile.counts.dirty.bulk === 0;
  });
});

afterAll(async () => {
  playground.close();
  await redis.stop();
});

/** A block, and its address behind a reference, as one with a password would be. */
function queueOn(url: string): void {
  playground.write('config/sync.yaml', `${plainConfig}\nqueue: "\${REDIS_URL}"\n`);
  env = { ...env, REDIS_URL: url };
}

type Status = {
  profiles: { matched: boolean; counts: { dirty: { live: number; bulk: number } } }[];
  queue: { up: boolean; reason: string | null; address: string; warnings: string[] } | null;
};

async function status(): Promise<Status> {
  return (await (await fetch(`${daemon.admin}/status`)).json()) as Status;
}

const issueKeys = async () => (await control.issues()).map(({ key }) => key).sort();

/** A new title of an issue, until the deal has it. */
async function bring(key: string, title: string): Promise<void> {
  const issue = (await control.issues()).find((one) => one.key === key);
  const number = String(issue?.fields.customfield_10033);
  await control.edit('jira', { op: 'update', user: 'Oleg Petrov', in: 'BUY', id: key, fields: { summary: title } });
  const there = async () => (await control.deals()).some((deal) => String(deal.id) === number && deal.title === title);
  await until(`the title ${title}`, there);
}

describe('a daemon with its queue on Redis', () => {
  it('says so, and that this Redis could be kept better', async () => {
    expect((await status()).queue).toMatchObject({ up: true, reason: null, address: redis.url });
    const { out } = await playground.run(env, 'status');
    expect(out).toContain(`Queue ${redis.url}: works.`);
    expect(out).toContain('Redis keeps no append-only file: a restart forgets what is queued.');
    expect(logged(daemon, 'queue could be kept better')).toMatchObject({
      cure: expect.stringContaining('appendonly yes'),
    });
  });

  it('is looked at by check', async () => {
    const { code, out, err } = await playground.run(env, 'check');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`ok      Queue ${redis.url} works.`);
    expect(out).toContain('warning Redis keeps no append-only file');
  });

  it('rings with record and generation, and no value ever reaches Redis', async () => {
    const watcher = new Redis(redis.port);
    const monitor = await watcher.monitor();
    const commands: string[] = [];
    monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
    const [key = ''] = await issueKeys();
    await bring(key, 'A title that nobody else may read');
    const { code } = await playground.run(env, 'sync', 'procurement', key);
    expect(code).toBe(0);
    monitor.disconnect();
    watcher.disconnect();
    const bells = commands.filter((command) => command.includes('"generation":'));
    expect(bells.length).toBeGreaterThan(0);
    for (const command of bells) {
      expect(command).toMatch(/\{"profile":"procurement","side":"(jira|crm)","id":"\d+","generation":\d+\}/);
    }
    // The command of the CLI called the daemon.
    expect(commands.some((command) => /^publish jira-crm-sync:[0-9a-f]+:call once$/i.test(command))).toBe(true);
    for (const secret of ['nobody else may read', env.JIRA_TOKEN, env.JIRA_WEBHOOK_SECRET, env.B24_APPLICATION_TOKEN]) {
      expect(commands.filter((command) => command.includes(`${secret}`))).toEqual([]);
    }
  });

  it('goes on without a Redis that is killed, says so, and uses it again when it is back', async () => {
    const [, key = ''] = await issueKeys();
    await redis.kill();
    await bring(key, 'While Redis is away');
    const reason = 'nothing listens at its address';
    await until('the status shows it', async () => (await status()).queue?.reason === reason);
    expect((await status()).queue?.up).toBe(false);
    const away = await playground.run(env, 'status');
    expect(away.out).toContain(`Queue ${redis.url}: away`);
    expect(logged(daemon, 'queue lost')).toBeDefined();

    await redis.restart();
    await until('Redis is used again', async () => (await status()).queue?.up === true);
    expect(logged(daemon, 'queue back')).toBeDefined();
    await bring(key, 'Redis is back');
    const admin = new Redis(redis.port);
    await admin.flushall();
    await bring(key, 'Redis was flushed');
    admin.disconnect();
    expect(daemon.child.exitCode).toBeNull();
  });

  it('starts also while Redis is away', async () => {
    const [, , key = ''] = await issueKeys();
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
    await redis.kill();
    daemon = await playground.daemon(env);
    await control.sendWebhooksTo(daemon.webhooks);
    await bring(key, 'Without Redis from the start');
    await redis.restart();
    await until('Redis is used', async () => (await status()).queue?.up === true);
    await bring(key, 'And with it');
    daemon.child.kill('SIGTERM');
    const { code, err } = await daemon.ended;
    expect([code, err]).toEqual([0, '']);
  });

  it('refuses a Redis that may throw keys away, with the line and the cure', async () => {
    const evicting = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    queueOn(evicting.url);
    const line = plainConfig.split('\n').length + 1;
    const { code, err } = await playground.run(env, 'run');
    const checked = await playground.run(env, 'check');
    await evicting.stop();
    expect([checked.code, checked.out]).toEqual([1, expect.stringContaining('its maxmemory-policy is allkeys-lru')]);
    const gone = await playground.run(env, 'check');
    expect([gone.code, gone.out]).toEqual([1, expect.stringContaining('cannot be used: nothing listens')]);
    expect(code).toBe(78);
    expect(err).toContain(`sync.yaml:${line}:8  Redis may throw queued work away: its maxmemory-policy is allkeys-lru`);
    expect(err).toContain('redis-cli CONFIG SET maxmemory-policy noeviction');
  });
});
