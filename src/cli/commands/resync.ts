import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addResyncCommand(program: Command): void {
  withConfig(
    program
      .command('resync <profile>')
      .description('full reconciliation: reads both sides whole and settles every difference'),
  )
    .option('--force', 'look at every record, also those that show what they last showed')
    .option('--match-only', 'pairs what belongs together; creates and changes nothing')
    .option('--limit <n>', 'creates and changes at most so much; the rest stays pending')
    .option('--since <when>', 'only what was changed since a date (2026-11-01) or for so long (2h, 30d)')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Live edits go first: a resync never delays them. One that was cut off goes on where it was. Exit code 2 when something is
left for later.

Examples:
  jira-crm-sync resync procurement
  jira-crm-sync resync procurement --match-only
  jira-crm-sync resync procurement --limit 10`,
    )
    .action(lazily(() => import('../resync.ts'), 'resync'));
}
