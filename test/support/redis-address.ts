import type { RedisAddress } from '../../src/work/bullmq/redis-address.ts';

/** Of a Redis for tests, `redis://127.0.0.1:7000`; `port` where something stands before it. */
export function addressOf(url: string | null, port?: number): RedisAddress {
  if (url === null) throw new Error('no Redis for tests');
  const { hostname, port: own } = new URL(url);
  return { host: hostname, port: port ?? Number(own), db: 0, tls: false, username: null, password: null };
}
