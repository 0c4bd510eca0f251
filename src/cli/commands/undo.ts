import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addUndoCommand(program: Command): void {
  withConfig(
    program
      .command('undo <profile>')
      .description('take back what was written, where nobody changed it since; a plan first'),
  )
    .option('--run <id>', 'one piece of work; explain shows the run of each write')
    .option('--since <when>', 'everything since a date (2026-11-01, 2026-11-01T09:30:00Z) or for so long (2h, 3d)')
    .option('--until <when>', 'with --since: nothing later than that')
    .option('--apply', 'carry it out; without it nothing is written')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
A field that was set back is parked, as the sync would write the same again: it goes on when you correct the profile, when
somebody changes one of its two values, or with parked retry. Created and deleted records are left alone. Pause the profile
first if it goes on writing. Exit code 2 when something could not be set back.

Example:
  jira-crm-sync undo procurement --since 2h
  jira-crm-sync undo procurement --since 2h --apply`,
    )
    .action(lazily(() => import('../undo.ts'), 'undo'));
}
