// `sandbox`: only the two servers, to try profiles without touching production.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../ports.ts';
import type { RunningSandbox } from '../sandbox/index.ts';
import { untilStopped } from './until-stopped.ts';

type SandboxFlags = {
  readonly jiraPort: number;
  readonly bitrixPort: number;
  readonly seed: number;
  readonly issues: number;
  readonly deals: number;
  readonly limits: 'real' | 'off';
};

const FAILED = 1;
const USAGE = 64;
const MOST_RECORDS = 1_000_000;

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

function startProblem(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one, or 0 for a free one.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this account. Choose one above 1023.`;
  return `The sandbox did not start: ${error instanceof Error ? error.message : error}`;
}

async function runSandbox(flags: SandboxFlags): Promise<void> {
  // Loaded here so that other commands start without it.
  const { startSandbox } = await import('../sandbox/index.ts');
  const stopped = untilStopped();
  let sandbox: RunningSandbox;
  try {
    sandbox = await startSandbox({ ...flags, clock: systemClock });
  } catch (error) {
    process.stderr.write(`${startProblem(error)}\n`);
    process.exitCode = FAILED;
    return;
  }
  process.stdout.write(`${JSON.stringify(sandbox.ready)}\n`);
  await stopped;
  await sandbox.close();
}

export function addSandboxCommand(program: Command): void {
  const port = wholeNumber(0, 65_535);
  const records = wholeNumber(0, MOST_RECORDS);
  program
    .command('sandbox')
    .description('start a sandbox Jira and a sandbox Bitrix24 on this machine, and nothing else')
    .option('--jira-port <port>', 'port of Jira, 0 for a free one', port, 0)
    .option('--bitrix-port <port>', 'port of Bitrix24, 0 for a free one', port, 0)
    .option('--seed <number>', 'the same seed tells the same story', wholeNumber(0, 4_294_967_295), 1)
    .option('--issues <count>', 'purchase requests in Jira', records, 120)
    .option('--deals <count>', 'deals in Bitrix24', records, 160)
    .addOption(new Option('--limits <which>', "the vendors' rate limits").choices(['real', 'off']).default('off'))
    .addHelpText(
      'after',
      `
Prints one line of JSON when ready, then runs until Ctrl-C.

Example:
  jira-crm-sync sandbox --jira-port 0 --bitrix-port 0 --seed 7 --issues 200 --deals 300 --limits real`,
    )
    .exitOverride((error) => {
      if (error.exitCode !== 0) error.exitCode = USAGE;
      throw error;
    })
    .action(runSandbox);
}
