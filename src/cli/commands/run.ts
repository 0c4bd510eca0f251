import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addRunCommand(program: Command): void {
  withConfig(program.command('run').description('the daemon: listens, sweeps and syncs until it is stopped'))
    .addHelpText(
      'after',
      `
Logs lines of JSON on standard output, from level info on. Reloads the profiles when their files change, and on
SIGHUP; a bad edit leaves the last good version running. SIGTERM lets running work end.

Example:
  jira-crm-sync run --config config/sync.yaml --log-level info`,
    )
    .action(lazily(() => import('../run.ts'), 'run'));
}
