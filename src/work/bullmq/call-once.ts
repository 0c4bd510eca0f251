// A process that is gone in a moment (a command of the CLI) calls those that work on the state.
import { Redis } from 'ioredis';
import { type Clock, withDeadline } from '../../ports.ts';
import { callChannel, connectionOptions, type RedisAddress } from './redis-address.ts';

const PATIENCE_MS = 300;

/** Never fails: who is not called finds out by looking. */
export async function callOnce(address: RedisAddress, installation: string, clock: Clock): Promise<void> {
  const redis = new Redis({ ...connectionOptions(address), lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await withDeadline(clock, PATIENCE_MS, undefined, (signal) => {
      const called = redis.connect().then(() => redis.publish(callChannel(installation), 'once'));
      called.catch(() => {});
      return Promise.race([called, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    });
  } catch {
    // As said above.
  } finally {
    redis.disconnect();
  }
}
