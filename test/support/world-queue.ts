// What carries the work of a world: the process itself, or with QUEUE=redis bells in the Redis that the files share.
import { inject } from 'vitest';
import { type Clock, silentLog, systemRandom } from '../../src/ports.ts';
import { overRedis } from '../../src/work/bullmq/dispatcher.ts';
import { createRedisLink } from '../../src/work/bullmq/redis-link.ts';
import type { Dispatcher, MakeDispatcher } from '../../src/work/dispatcher.ts';
import { bellsIdle } from './bells-idle.ts';
import { addressOf } from './redis-address.ts';

export type WorldQueue = {
  readonly makeDispatcher: MakeDispatcher;
  /** Resolves when no bell is on its way. */
  idle(): Promise<void>;
  /** With the life that used it. */
  stop(): Promise<void>;
};

/** Nothing happens to this Redis: a beat would only cost, at every second of virtual time. */
const SELDOM = 30 * 24 * 3_600_000;

let opened = 0;

/** `installation`: of one world, whatever its lives. */
export async function worldQueue(installation: string, clock: Clock): Promise<WorldQueue> {
  const random = systemRandom;
  const address = addressOf(inject('redisUrl'));
  const link = createRedisLink({ address, installation, clock, random, log: silentLog, beatMs: SELDOM });
  await link.start();
  const make = overRedis(link, () => true);
  const queues: Pick<Dispatcher, 'outstanding'>[] = [];
  return {
    makeDispatcher(parts) {
      const dispatcher = make(parts);
      queues.push(dispatcher);
      return dispatcher;
    },
    async idle() {
      for (const queue of queues) await bellsIdle(queue);
    },
    async stop() {
      queues.length = 0;
      await link.stop();
    },
  };
}

export function overRedisHere(): boolean {
  return process.env.QUEUE === 'redis';
}

export function newInstallation(): string {
  opened += 1;
  return `world-${process.pid}-${opened}`;
}
