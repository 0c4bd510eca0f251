// P9: the daemon with nothing to do: how soon it is ready, and what it takes of the machine then.
import { type BenchOptions, pause, withDaemon, withPairs } from './bench.ts';
import { type Figure, median } from './figures.ts';
import { usageOf } from './process-usage.ts';

const PAIRS = 1_000;
/** What the start leaves to be collected and compiled is over by then. */
const REST_MS = 5_000;

export async function measureIdle(options: BenchOptions): Promise<readonly Figure[]> {
  const watchMs = options.long ? 120_000 : 20_000;
  const taken = { ready: [] as number[], resident: [] as number[], cpu: [] as number[] };
  await withPairs(PAIRS, { sandboxLimits: 'off', limits: 'vendor' }, options, async (office) => {
    for (let run = 0; run < options.runs; run += 1) {
      await withDaemon(office, options, async (daemon) => {
        await pause(REST_MS);
        const before = usageOf(daemon.pid);
        const begunAt = performance.now();
        await pause(watchMs);
        const after = usageOf(daemon.pid);
        const share = (100 * (after.cpu - before.cpu) * 1000) / (performance.now() - begunAt);
        options.say(
          `ready after ${Math.round(daemon.readyMs)} ms, ${after.residentMb.toFixed(1)} MB, ${share.toFixed(2)} % of a core`,
        );
        taken.ready.push(daemon.readyMs / 1000);
        taken.resident.push(after.residentMb);
        taken.cpu.push(share);
      });
    }
  });
  return [
    { id: 'P9', what: 'start to ready', value: median(taken.ready), unit: 's', budget: { most: 1 } },
    { id: 'P9', what: 'resident memory when idle', value: median(taken.resident), unit: 'MB', budget: { most: 90 } },
    { id: 'P9', what: 'CPU when idle, of one core', value: median(taken.cpu), unit: '%', budget: { most: 1 } },
  ];
}
