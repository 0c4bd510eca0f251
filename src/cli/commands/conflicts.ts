import { type Command, InvalidArgumentError } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

function conflictNumber(text: string): number {
  if (/^#?\d{1,15}$/.test(text)) return Number(text.replace('#', ''));
  throw new InvalidArgumentError('Give the number that `conflicts list` shows.');
}

export function addConflictsCommand(program: Command): void {
  const conflicts = program.command('conflicts').description('fields that both sides changed to different values');
  withConfig(conflicts.command('list [profile]').description('open conflicts, or all with --all'))
    .option('--all', 'settled ones too')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  jira-crm-sync conflicts list procurement --all')
    .action(lazily(() => import('../conflicts.ts'), 'list'));
  withConfig(
    conflicts.command('resolve').argument('<id>', 'its number', conflictNumber).description('decide a held conflict'),
  )
    .requiredOption('--take <which>', 'jira, crm, or a value as the CRM holds it (text, number, date, option id)')
    .option('--json', 'for machines')
    .addHelpText('after', '\nExample:\n  jira-crm-sync conflicts resolve 12 --take crm')
    .action(lazily(() => import('../conflicts.ts'), 'resolve'));
}
