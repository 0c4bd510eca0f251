import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addCheckCommand(program: Command): void {
  withConfig(
    program
      .command('check [file]')
      .description(
        'configuration, profiles, credentials, rights, live schema, state, queue, registered webhooks; a draft profile beside the live ones',
      ),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 78 when the configuration or a profile has problems, 1 when a connection does not work.

Examples:
  jira-crm-sync check
  jira-crm-sync check drafts/procurement.yaml`,
    )
    .action(lazily(() => import('../check.ts'), 'check'));
}
