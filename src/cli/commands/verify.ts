import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addVerifyCommand(program: Command): void {
  withConfig(program.command('verify [profile]').description('whether both sides agree; exit code 2 when they do not'))
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  jira-crm-sync verify procurement')
    .action(lazily(() => import('../verify.ts'), 'verify'));
}
