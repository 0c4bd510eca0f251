import { expect, it } from 'vitest';
import { giveBackWhatTheStartTook } from '../../../src/cli/give-back.ts';
import { type Log, silentLog } from '../../../src/ports.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MB = 1_000_000;

it('gives the memory that the start took back, three seconds after it', async () => {
  const said: string[] = [];
  const log: Log = { ...silentLog, debug: (message) => said.push(message) };
  const clock = createVirtualClock();
  const given = giveBackWhatTheStartTook(clock, log);
  const heap = fillAndForget();

  await clock.runFor(2_999);
  expect(said).toEqual([]);
  await clock.runFor(1);
  await given;

  expect(said).toEqual(['memory of the start given back']);
  expect(process.memoryUsage().heapTotal).toBeLessThan(heap - 40 * MB);
  expect(globalThis).not.toHaveProperty('gc');
});

/** What the heap takes while it holds 100 MB of small things. */
function fillAndForget(): number {
  const things = Array.from({ length: 1_500_000 }, (_, at) => ({ at, text: `${at}` }));
  expect(things).toHaveLength(1_500_000);
  return process.memoryUsage().heapTotal;
}
