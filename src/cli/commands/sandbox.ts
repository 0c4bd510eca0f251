import { type Command, InvalidArgumentError, Option } from 'commander';
import { lazily } from '../lazily.ts';

const USAGE = 64;
const MOST_RECORDS = 1_000_000;

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
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
    .action(lazily(() => import('../sandbox.ts'), 'runSandbox'));
}
