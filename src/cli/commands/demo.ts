import type { Command } from 'commander';
import { lazily } from '../lazily.ts';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('sandbox Jira and Bitrix24, a daemon between them, and people who edit on both sides')
    .option('--once', 'stop when both sides agree')
    .option('--json', 'print only one line of JSON at the end')
    .addHelpText(
      'after',
      `
Without --once it goes on: edit a record through the sandbox and watch it arrive on the other side.
Exit code 0 only when both sides agree.

Example:
  jira-crm-sync demo --once`,
    )
    .action(lazily(() => import('../demo.ts'), 'demo'));
}
