import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addLinkCommands(program: Command): void {
  withConfig(
    program
      .command('link <profile> <jira-record> <crm-record>')
      .description('pair two records by hand, and merge them as the profile says'),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Settles what was parked because more than one pairing fits. Exit code 2 when a field is in conflict or parked afterwards.

Example:
  jira-crm-sync link procurement BUY-12 7405`,
    )
    .action(lazily(() => import('../link.ts'), 'link'));
  withConfig(
    program
      .command('unlink <profile> <record>')
      .description('take a pair apart: neither record is paired or created again until you link it'),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
Both records stay as they are. A record without a partner is kept alone likewise.

Example:
  jira-crm-sync unlink procurement BUY-12`,
    )
    .action(lazily(() => import('../link.ts'), 'unlink'));
  withConfig(
    program
      .command('forget <profile> <record>')
      .description('remove what the state knows of a pair or record, for good; both products keep theirs'),
  )
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
For requests to erase a person's data: delete it in Jira and the CRM as well. Base, journal, conflicts and parked values go;
the two ids stay, so that the records are neither paired nor created again and sweeps store nothing of them.
Backups of the state and logs are not touched.

Example:
  jira-crm-sync forget procurement BUY-12`,
    )
    .action(lazily(() => import('../link.ts'), 'forget'));
}
