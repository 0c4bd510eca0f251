import { inject } from 'vitest';
import { seededRandom, silentLog } from '../../src/ports.ts';
import { overRedis } from '../../src/work/bullmq/dispatcher.ts';
import { createRedisLink } from '../../src/work/bullmq/redis-link.ts';
import { addressOf } from '../support/redis-address.ts';
import { dispatcherSuite } from './dispatcher-suite.ts';

const HOUR = 3_600_000;
let opened = 0;

dispatcherSuite('over Redis', async (clock) => {
  opened += 1;
  const link = createRedisLink({
    address: addressOf(inject('redisUrl')),
    installation: `dispatcher-suite-${process.pid}-${opened}`,
    clock,
    random: seededRandom(opened),
    log: silentLog,
    // Nothing happens to this Redis; each beat would only cost.
    beatMs: HOUR,
  });
  await link.start();
  return { make: overRedis(link, () => true), close: () => clock.until(link.stop()) };
});
