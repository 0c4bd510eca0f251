import type { Command } from 'commander';
import { withConfig } from '../config-flags.ts';
import { lazily } from '../lazily.ts';

export function addPlanCommand(program: Command): void {
  withConfig(
    program
      .command('plan [profile] [record]')
      .description('what a sync would do, field by field, and what it would cost; writes nothing'),
  )
    .option('--file <draft>', 'of a draft profile, in the place of the live one of its name or beside the others')
    .option('--all', 'every write, not only the first 40')
    .option('--json', 'for machines, always all of it')
    .addHelpText(
      'after',
      `
Exit code 2 when something would be written.

Examples:
  jira-crm-sync plan
  jira-crm-sync plan procurement BUY-12
  jira-crm-sync plan --file drafts/procurement.yaml`,
    )
    .action(lazily(() => import('../plan.ts'), 'plan'));
}
