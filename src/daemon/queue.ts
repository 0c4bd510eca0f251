// The queue that the configuration names, put together for the engine. Redis and what speaks to it are loaded only where
// one is named.
import type { Config } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { type Clock, type Log, type Random, silentLog } from '../ports.ts';
import type { Store } from '../state/store.ts';
import type { MakeDispatcher, QueueHealth } from '../work/dispatcher.ts';

export type Queue = {
  readonly makeDispatcher: MakeDispatcher;
  health(): QueueHealth;
  /** Told when another process has left something in the state, or when Redis came or went. */
  onNews(listener: () => void): void;
  stop(): Promise<void>;
};

type QueueParts = {
  readonly config: Pick<Config, 'queue' | 'connections'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

/** What tells the keys of one state from those of others in the same Redis. */
const INSTALLATION = 'installation';
/** What `status` shows of the queue; null: in process. */
export const QUEUE_NOTE = 'queue';

/** Null: in process. A Redis that is not fit is a ConfigError; one that does not answer is waited for. */
export async function openQueue(parts: QueueParts): Promise<Queue | null> {
  const { config, store, clock, random, log } = parts;
  if (config.queue === null) {
    await store.note(QUEUE_NOTE, null);
    return null;
  }
  const { createRedisLink } = await import('../work/bullmq/redis-link.ts');
  const { overRedis } = await import('../work/bullmq/dispatcher.ts');
  const { address, place } = config.queue;
  const installation = await installationOf(store, random);
  const link = createRedisLink({ address, installation, clock, random, log });
  const note = () => {
    // Only what is shown: the work does not wait for it.
    store.note(QUEUE_NOTE, link.health()).catch(() => {});
  };
  await link.start();
  const refusal = link.verdict()?.refusal ?? null;
  if (refusal !== null) {
    await link.stop();
    throw new ConfigError([{ ...place, ...refusal }]);
  }
  await store.note(QUEUE_NOTE, link.health());
  link.onChange(note);
  return {
    makeDispatcher: overRedis(link, (connection) => config.connections[connection] !== undefined),
    health: link.health,
    onNews(listener) {
      link.onCall(listener);
      link.onChange(listener);
    },
    stop: link.stop,
  };
}

/** What `check` says of the queue; null: in process. `trouble`: why it cannot be used. */
export async function lookAtQueue(parts: Pick<QueueParts, 'config' | 'clock' | 'random'>): Promise<{
  readonly address: string;
  readonly trouble: Remark | null;
  readonly warnings: readonly Remark[];
} | null> {
  if (parts.config.queue === null) return null;
  const { createRedisLink } = await import('../work/bullmq/redis-link.ts');
  const { address } = parts.config.queue;
  const link = createRedisLink({ ...parts, address, installation: 'check', log: silentLog });
  await link.start();
  const health = link.health();
  await link.stop();
  if (health.kind !== 'redis') return null;
  const verdict = link.verdict();
  const away = health.up ? null : { message: `it cannot be used: ${health.reason}`, cure: health.cure ?? '' };
  return { address: health.address, trouble: verdict?.refusal ?? away, warnings: verdict?.warnings ?? [] };
}

type Remark = { readonly message: string; readonly cure: string };

/** From a process that only leaves something in the state: whoever works on it need not wait to look. */
export async function callEngine(parts: Omit<QueueParts, 'log'>): Promise<void> {
  const { config, store } = parts;
  if (config.queue === null) return;
  const { callOnce } = await import('../work/bullmq/call-once.ts');
  await callOnce(config.queue.address, await installationOf(store, parts.random), parts.clock);
}

async function installationOf(store: Store, random: Random): Promise<string> {
  return String(await store.noteOnce(INSTALLATION, random.hex(6)));
}
