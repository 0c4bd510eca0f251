import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addSyncCommand(program: Command): void {
  withConfig(program.command('sync <profile> <record>').description('one record now, with the reasons for each field'))
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 2 when a field is in conflict or parked, 1 when it is tried again later.

Example:
  jira-crm-sync sync procurement BUY-12`,
    )
    .action(lazily(() => import('../sync.ts'), 'syncOne'));
}
