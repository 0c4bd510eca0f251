import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addExplainCommand(program: Command): void {
  withConfig(
    program
      .command('explain <profile> <record>')
      .description('what last wrote each field, and why a record did not sync'),
  )
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  jira-crm-sync explain procurement BUY-12')
    .action(lazily(() => import('../explain.ts'), 'explain'));
}
