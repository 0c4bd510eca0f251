import { type Command, InvalidArgumentError } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write whole seconds.');
}

export function addConnectCommand(program: Command): void {
  withConfig(
    program
      .command('connect <connection>')
      .description('install, register, repair: what makes a product tell us of changes'),
  )
    .option('--code <code>', 'of a Bitrix24 application, from the address bar of the browser, instead of waiting')
    .option('--wait <seconds>', 'how long to wait for the installation', seconds, 300)
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Jira: registers the webhook. Bitrix24: says what to enter for a local application, waits for its installation, binds
events and the queue, sends a test event; with an incoming webhook it says what to register by hand. Listens itself
where no daemon runs. Safe to repeat: what stands as it should is kept.

Exit code 1 when something is left to do.

Example:
  jira-crm-sync connect bitrix24`,
    )
    .action(lazily(() => import('../connect.ts'), 'connect'));
}
