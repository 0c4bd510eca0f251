// P5: a full resync of pairs that did not change. P6: what it costs per pair as the pairs grow.
import { systemClock } from '../src/ports.ts';
import { type BenchOptions, type Office, pause, withDaemon, withPairs, withState } from './bench.ts';
import type { DaemonProcess } from './daemon-process.ts';
import { type Figure, median } from './figures.ts';
import { forgetPeak, usageOf } from './process-usage.ts';

type Resync = {
  readonly seconds: number;
  /** User and system time of the daemon. */
  readonly cpu: number;
  readonly sandboxCpu: number;
  readonly residentMb: number;
  readonly peakMb: number;
};

const LOOK_AGAIN_MS = 50;

async function resync(office: Office, daemon: DaemonProcess, pairs: number): Promise<Resync> {
  return withState(office, async (store) => {
    forgetPeak(daemon.pid);
    const [before, sandboxBefore] = [usageOf(daemon.pid), usageOf(office.sandbox.pid)];
    const begunAt = performance.now();
    const id = await store.addCommand('resync', { profile: 'procurement' }, systemClock.now());
    let row = await store.command(id);
    while (row?.state === 'waiting' || row?.state === 'running') {
      await pause(LOOK_AGAIN_MS);
      row = await store.command(id);
    }
    const seconds = (performance.now() - begunAt) / 1000;
    const after = usageOf(daemon.pid);
    const result = row?.result as { phase?: string; seen?: { jira: number; crm: number }; marked?: number };
    if (result?.phase !== 'done' || result.seen?.jira !== pairs || result.seen.crm !== pairs || result.marked !== 0) {
      throw new Error(`the resync did not see ${pairs} unchanged pairs: ${JSON.stringify(row)}`);
    }
    return {
      seconds,
      cpu: after.cpu - before.cpu,
      sandboxCpu: usageOf(office.sandbox.pid).cpu - sandboxBefore.cpu,
      residentMb: after.residentMb,
      peakMb: after.peakMb,
    };
  });
}

async function measure(pairs: number, options: BenchOptions): Promise<Resync> {
  return withPairs(pairs, { sandboxLimits: 'off', limits: 'off' }, options, (office) =>
    withDaemon(office, options, async (daemon) => {
      const runs: Resync[] = [];
      for (let run = 0; run < options.runs; run += 1) {
        const one = await resync(office, daemon, pairs);
        options.say(
          `resync of ${pairs}: ${one.seconds.toFixed(1)} s, CPU ${one.cpu.toFixed(1)} s daemon + ` +
            `${one.sandboxCpu.toFixed(1)} s sandbox, ${Math.round(one.peakMb)} MB`,
        );
        runs.push(one);
      }
      return {
        seconds: median(runs.map((one) => one.seconds)),
        cpu: median(runs.map((one) => one.cpu)),
        sandboxCpu: median(runs.map((one) => one.sandboxCpu)),
        residentMb: median(runs.map((one) => one.residentMb)),
        peakMb: Math.max(...runs.map((one) => one.peakMb)),
      };
    }),
  );
}

export async function measureResync(options: BenchOptions): Promise<readonly Figure[]> {
  const pairs = 100_000;
  const { seconds, cpu, sandboxCpu, peakMb } = await measure(pairs, options);
  return [
    { id: 'P5', what: `resync of ${pairs} unchanged pairs`, value: seconds, unit: 's', budget: { most: 60 } },
    { id: 'P5', what: 'resident memory meanwhile, at most', value: peakMb, unit: 'MB', budget: { most: 256 } },
    { id: 'P5', what: 'CPU of the daemon meanwhile', value: cpu, unit: 's', budget: null },
    { id: 'P5', what: 'CPU of the sandbox meanwhile', value: sandboxCpu, unit: 's', budget: null },
  ];
}

export async function measureGrowth(options: BenchOptions): Promise<readonly Figure[]> {
  const sizes = options.scale ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
  const figures: Figure[] = [];
  let first: { cost: number; peakMb: number } | null = null;
  for (const pairs of sizes) {
    const { cpu, peakMb } = await measure(pairs, options);
    const cost = (cpu * 1e6) / pairs;
    figures.push({
      id: 'P6',
      what: `CPU of the daemon per pair, ${pairs} pairs`,
      value: cost,
      unit: 'µs',
      budget: null,
    });
    figures.push({ id: 'P6', what: `resident memory, ${pairs} pairs`, value: peakMb, unit: 'MB', budget: null });
    if (first === null) {
      first = { cost, peakMb };
      continue;
    }
    const growth = { cost: cost / first.cost, memory: peakMb / first.peakMb };
    const times = pairs / (sizes[0] ?? 1);
    figures.push({
      id: 'P6',
      what: `cost per pair with ${times} times the pairs`,
      value: growth.cost,
      unit: 'x',
      budget: { most: 1.1 },
    });
    figures.push({
      id: 'P6',
      what: `memory with ${times} times the pairs`,
      value: growth.memory,
      unit: 'x',
      budget: { most: 1.1 },
    });
  }
  return figures;
}
