import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addParkedCommand(program: Command): void {
  const parked = program.command('parked').description('what was set aside, why, and what to do');
  withConfig(parked.command('list [profile]').description('everything that is parked or waits, by reason'))
    .option('--json', 'for machines, one entry per record and field')
    .addHelpText('after', '\nExample:\n  jira-crm-sync parked list procurement')
    .action(lazily(() => import('../parked.ts'), 'list'));
  withConfig(parked.command('retry <profile> [record]').description('try again: one record, or all of a profile'))
    .option('--kind <kind>', 'only what was parked for this reason: the word that parked list shows')
    .option('--field <field>', 'only this field of the profile')
    .option('--plan', 'only show what would be tried again')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExample:\n  jira-crm-sync parked retry procurement BUY-12\n  jira-crm-sync parked retry procurement --kind coercion --plan',
    )
    .action(lazily(() => import('../parked.ts'), 'retry'));
}
