// P7: how long an edit takes to the other side while so many people edit on both, webhook sent to write received.
import { type BenchOptions, withDaemon, withPairs } from './bench.ts';
import { type Figure, median, quantile } from './figures.ts';
import { usageOf } from './process-usage.ts';
import type { Driven } from './sandbox-client.ts';

const PER_SECOND = 200;
const PAIRS = 20_000;
/** What runs for the first time is compiled meanwhile. */
const WARM_UP_SECONDS = 5;

export async function measureLatency(options: BenchOptions): Promise<readonly Figure[]> {
  const seconds = options.long ? 60 : 15;
  const run = { p50: [] as number[], p99: [] as number[], cpu: [] as number[] };
  let lost = 0;
  await withPairs(PAIRS, { sandboxLimits: 'off', limits: 'off' }, options, (office) =>
    withDaemon(office, options, async (daemon) => {
      await office.sandbox.ask('sendWebhooksTo', { url: daemon.webhooks });
      let from = 0;
      const drive = async (length: number): Promise<Driven> => {
        const ask = { perSecond: PER_SECOND, seconds: length, from, sides: ['jira', 'crm'] } as const;
        const driven = await office.sandbox.ask('drive', ask);
        from += driven.edits;
        return driven;
      };
      await drive(WARM_UP_SECONDS);
      for (let at = 0; at < options.runs; at += 1) {
        await office.sandbox.ask('forgetRequests', {});
        const before = usageOf(daemon.pid).cpu;
        const driven = await drive(seconds);
        const [p50, p99] = [quantile(driven.latencies, 0.5), quantile(driven.latencies, 0.99)];
        const cpu = (usageOf(daemon.pid).cpu - before) / driven.edits;
        options.say(
          `${driven.edits} edits in ${driven.seconds.toFixed(1)} s: p50 ${p50} ms, p99 ${p99} ms, ` +
            `${(cpu * 1e3).toFixed(2)} ms of CPU each, all waited for ${driven.waited.toFixed(1)} s, ${lostOf(driven)}`,
        );
        run.p50.push(p50);
        run.p99.push(p99);
        run.cpu.push(cpu);
        lost += driven.lost.length + driven.refused;
      }
    }),
  );
  const rate = `at ${PER_SECOND} edits/s, webhook sent to write received`;
  return [
    { id: 'P7', what: `${rate}, p50`, value: median(run.p50), unit: 'ms', budget: { most: 15 } },
    { id: 'P7', what: `${rate}, p99`, value: median(run.p99), unit: 'ms', budget: { most: 100 } },
    { id: 'P7', what: 'edits that never arrived, webhooks refused', value: lost, unit: '', budget: { most: 0 } },
    {
      id: 'P7',
      what: 'CPU of the daemon per edit, its echo included',
      value: median(run.cpu) * 1e3,
      unit: 'ms',
      budget: null,
    },
  ];
}

function lostOf({ lost }: Driven): string {
  return lost.length === 0 ? 'none lost' : `${lost.length} lost: ${lost.slice(0, 5).join(', ')}`;
}
