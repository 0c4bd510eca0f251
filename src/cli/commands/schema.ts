import type { Command } from 'commander';
import { lazily } from '../lazily.ts';

export function addSchemaCommand(program: Command): void {
  program
    .command('schema [what]')
    .description('print the JSON Schema of a `profile` (default) or the `config`')
    .addHelpText(
      'after',
      `
Example:
  jira-crm-sync schema profile > profile.schema.json`,
    )
    .action(lazily(() => import('../schema.ts'), 'printSchema'));
}
