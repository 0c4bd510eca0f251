import { type Command, InvalidArgumentError, Option } from 'commander';
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
  withConfig(
    conflicts
      .command('resolve-all <profile>')
      .description('decide all open conflicts of a profile, or of one of its fields; a plan first'),
  )
    .addOption(new Option('--take <side>', 'whose values win').choices(['jira', 'crm']).makeOptionMandatory())
    .option('--field <field>', 'only this field of the profile')
    .option('--apply', 'carry it out; without it nothing is decided')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Exit code 2 when some are still open afterwards.

Example:
  jira-crm-sync conflicts resolve-all procurement --field budget --take crm
  jira-crm-sync conflicts resolve-all procurement --field budget --take crm --apply`,
    )
    .action(lazily(() => import('../resolve-all.ts'), 'resolveAll'));
}
