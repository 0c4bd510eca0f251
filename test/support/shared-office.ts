// Two built daemons on one PostgreSQL and one Redis for a busy office, with a proxy of ours on every line: to both products,
// to Redis and to PostgreSQL. Whatever may happen to processes and lines is a verb here.
import { systemClock } from '../../src/ports.ts';
import { openPostgresStore } from '../../src/state/postgres-store.ts';
import type { Store } from '../../src/state/store.ts';
import { type BusyOffice, openBusyOffice } from './busy-office.ts';
import { chanceOf } from './cases.ts';
import { freePort } from './free-port.ts';
import { createPlayground, type Daemon } from './real-processes.ts';
import { startPostgres, startRedis, type TestServer } from './servers.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export type Line = 'jira' | 'bitrix24' | 'redis' | 'postgres';

export type SharedOffice = {
  readonly office: BusyOffice;
  readonly store: Store;
  readonly redis: TestServer;
  readonly postgres: TestServer;
  readonly lines: Readonly<Record<Line, TcpProxy>>;
  readonly daemons: Daemon[];
  /** In the place of the one that was there. */
  startDaemon(at: number): Promise<Daemon>;
  close(): Promise<void>;
};

export async function openSharedOffice(seed: number, issues: number): Promise<SharedOffice> {
  const playground = createPlayground();
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  const lines: Partial<Record<Line, TcpProxy>> = {
    redis: await startTcpProxy(redis.port),
    postgres: await startTcpProxy(postgres.port),
  };
  const throughProxy = (url: string, line: Line) =>
    url.replace(/(127\.0\.0\.1|localhost):\d+/, `127.0.0.1:${lines[line]?.port}`);
  const ports = [await freePort(), await freePort()] as const;
  const office = await openBusyOffice({
    playground,
    chance: chanceOf(seed),
    issues,
    sweep: '10s',
    port: ports[0],
    state: throughProxy(postgres.url, 'postgres'),
    queue: throughProxy(redis.url, 'redis'),
    through: async (ready) => {
      lines.jira = await startTcpProxy(Number(new URL(ready.jira.url).port));
      lines.bitrix24 = await startTcpProxy(Number(new URL(ready.bitrix24.url).port));
      return {
        jira: throughProxy(ready.jira.url, 'jira'),
        bitrix24: throughProxy(ready.bitrix24.url, 'bitrix24'),
      };
    },
  });
  // The same configuration for both but for where they listen: each product tells another one.
  playground.copyWith('config/sync.yaml', 'config/second.yaml', `127.0.0.1:${ports[0]}`, `127.0.0.1:${ports[1]}`);
  await office.control.settings('crm', { url: `http://127.0.0.1:${ports[1]}/webhooks/bitrix24` });
  const store = await openPostgresStore(postgres.url, { clock: systemClock });
  const daemons: Daemon[] = [];

  async function startDaemon(at: number): Promise<Daemon> {
    const config = at === 0 ? 'config/sync.yaml' : 'config/second.yaml';
    const daemon = await playground.daemon({ ...office.env, JIRA_CRM_SYNC_CONFIG: config });
    daemons[at] = daemon;
    return daemon;
  }

  return {
    office,
    store,
    redis,
    postgres,
    lines: lines as Record<Line, TcpProxy>,
    daemons,
    startDaemon,
    async close() {
      await store.close().catch(() => {});
      playground.close();
      for (const line of Object.values(lines)) await line.close();
      await redis.stop();
      await postgres.stop();
    },
  };
}
