import { describe, expect, it } from 'vitest';
import { judgeRedis } from '../../../../src/work/bullmq/redis-policy.ts';

const INFO =
  '# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n';
const refused = async () => {
  throw new Error("ERR unknown command 'CONFIG'");
};

describe('judging a Redis', () => {
  it('has nothing to say about one that evicts nothing and keeps a log', async () => {
    expect(await judgeRedis({ info: async () => INFO, setting: refused })).toEqual({ refusal: null, warnings: [] });
  });

  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])('refuses %s', async (policy) => {
    const info = async () => INFO.replace('noeviction', policy);
    const { refusal } = await judgeRedis({ info, setting: refused });
    expect(refusal?.message).toBe(`Redis may throw queued work away: its maxmemory-policy is ${policy}`);
    expect(refusal?.cure).toContain('noeviction');
  });

  it.each(['5.0.14', '6.0.9', '2.8.0'])('refuses version %s', async (version) => {
    const info = async () => INFO.replace('7.0.15', version);
    const { refusal } = await judgeRedis({ info, setting: refused });
    expect(refusal?.message).toBe(`Redis ${version} is too old: 6.2 or newer is needed`);
  });

  it.each(['6.2.0', '7.2.4', '8.0.1', '10.1.0'])('takes version %s', async (version) => {
    const info = async () => INFO.replace('7.0.15', version);
    expect((await judgeRedis({ info, setting: refused })).refusal).toBeNull();
  });

  it('warns of one that keeps no append-only file, with the cure', async () => {
    const info = async () => INFO.replace('aof_enabled:1', 'aof_enabled:0');
    const { refusal, warnings } = await judgeRedis({ info, setting: refused });
    expect(refusal).toBeNull();
    expect(warnings).toEqual([
      { message: expect.stringContaining('no append-only file'), cure: expect.stringContaining('appendonly yes') },
    ]);
  });

  it('asks for the settings where INFO does not tell', async () => {
    const settings: Readonly<Record<string, string>> = { 'maxmemory-policy': 'volatile-lru', appendonly: 'yes' };
    const setting = async (name: string) => settings[name] ?? null;
    const { refusal, warnings } = await judgeRedis({ info: async () => 'redis_version:7.0.15\r\n', setting });
    expect(refusal?.message).toContain('volatile-lru');
    expect(warnings).toEqual([]);
  });

  it('warns where a managed Redis tells neither by INFO nor by CONFIG', async () => {
    const { refusal, warnings } = await judgeRedis({ info: async () => 'redis_version:7.0.15\r\n', setting: refused });
    expect(refusal).toBeNull();
    expect(warnings.map(({ message }) => message)).toEqual([
      'Redis does not tell its maxmemory-policy',
      'Redis does not tell whether it keeps an append-only file',
    ]);
  });
});
