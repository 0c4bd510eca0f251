import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addStatusCommand(program: Command): void {
  withConfig(
    program.command('status').description('how things stand: daemon, connections, profiles, what waits and why'),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 0 when all is well, 1 when a connection is paused, or a profile was refused, is halted or paused.

Example:
  jira-crm-sync status --json`,
    )
    .action(lazily(() => import('../status.ts'), 'showStatus'));
}
