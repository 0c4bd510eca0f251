import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addHoldCommands(program: Command): void {
  withConfig(program.command('pause <profile>').description('let a profile do nothing until you resume it'))
    .option('--reason <text>', 'for whoever reads the status')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nNothing is lost meanwhile.\n\nExample:\n  jira-crm-sync pause procurement --reason "new pipeline"',
    )
    .action(lazily(() => import('../hold.ts'), 'pause'));
  withConfig(
    program.command('resume <profile>').description('let a paused profile go on, or a halted one with --accept'),
  )
    .option('--accept', 'let happen what the brake has stopped')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
The brake halts a profile that would give up or overwrite far more pairs than usual. See why first: jira-crm-sync status.

Example:
  jira-crm-sync resume procurement --accept`,
    )
    .action(lazily(() => import('../hold.ts'), 'resume'));
}
