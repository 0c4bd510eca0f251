import type { Command } from 'commander';
import { lazily } from '../lazily.ts';

export function addStateCommand(program: Command): void {
  const state = program.command('state').description('where links, work and history are kept');
  state
    .command('copy')
    .description('copy a state into an empty one, SQLite or PostgreSQL, and read it back')
    .requiredOption('--from <state>', `as in the configuration, or a variable: sqlite:data/state.db, '\${STATE_URL}'`)
    .requiredOption('--to <state>', 'likewise; it must be empty or not there yet')
    .option('--running', 'also while a daemon works on it: what it does meanwhile is not in the copy')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      `
The copy is one moment of the state, all of it or nothing; leases stay behind. Stop the daemon first, copy, change
\`state\` in the configuration, start it again.

Example:
  jira-crm-sync state copy --from sqlite:data/state.db --to 'postgres://sync@db.acme.example/sync'`,
    )
    .action(lazily(() => import('../state.ts'), 'copy'));
}
