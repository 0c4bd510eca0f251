// G10: signed webhooks of 4 KB are verified, stored and answered at a rate that no tenant sends for long.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type BenchOptions, withDaemon, withPairs } from './bench.ts';
import { type Figure, quantile } from './figures.ts';
import { usageOf } from './process-usage.ts';

export type IntakeAsk = {
  readonly url: string;
  readonly secret: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly bytes: number;
  /** What the webhooks tell of, in turns. */
  readonly issues: readonly { readonly id: string; readonly key: string; readonly updated: string }[];
};

export type IntakeResult = {
  readonly sent: number;
  readonly seconds: number;
  /** Not answered with 2xx. */
  readonly refused: number;
  readonly latencies: readonly number[];
};

const PROGRAM = fileURLToPath(new URL('intake-process.ts', import.meta.url));
const PAIRS = 10_000;
const PER_SECOND = 1_500;
const BYTES = 4_096;

export function send(ask: IntakeAsk): Promise<IntakeResult> {
  const child = fork(PROGRAM, [], { execArgv: ['--disable-warning=ExperimentalWarning'], serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (result: IntakeResult) => resolve(result));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the sender ended with ${code}`)));
    child.send(ask);
  });
}

export async function measureIntake(options: BenchOptions): Promise<readonly Figure[]> {
  const seconds = options.long ? 60 : 15;
  return withPairs(PAIRS, { sandboxLimits: 'off', limits: 'off' }, options, (office) =>
    withDaemon(office, options, async (daemon) => {
      const issues = await office.sandbox.ask('issueVersions', { from: 0, to: PAIRS });
      const ask = {
        url: `${daemon.webhooks}/webhooks/jira`,
        secret: office.sandbox.ready.jira.webhookSecret,
        perSecond: PER_SECOND,
        bytes: BYTES,
        issues,
      };
      await send({ ...ask, seconds: 2 });
      const before = usageOf(daemon.pid).cpu;
      const result = await send({ ...ask, seconds });
      const cpu = ((usageOf(daemon.pid).cpu - before) / result.sent) * 1e3;
      const [p50, p99] = [quantile(result.latencies, 0.5), quantile(result.latencies, 0.99)];
      options.say(
        `${result.sent} webhooks in ${result.seconds.toFixed(1)} s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ` +
          `${result.refused} refused, ${cpu.toFixed(2)} ms of CPU each`,
      );
      const rate = result.sent / result.seconds;
      return [
        {
          id: 'G10',
          what: `webhooks of 4 KB taken in, durable, for ${seconds} s`,
          value: rate,
          unit: '/s',
          budget: { least: 0.99 * PER_SECOND },
        },
        { id: 'G10', what: 'answered, p99', value: p99, unit: 'ms', budget: { most: 100 } },
        { id: 'G10', what: 'not answered with 2xx', value: result.refused, unit: '', budget: { most: 0 } },
        {
          id: 'G10',
          what: 'CPU of the daemon per webhook, the echo found included',
          value: cpu,
          unit: 'ms',
          budget: null,
        },
      ];
    }),
  );
}
