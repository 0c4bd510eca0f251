// All commands with their options, without running any: `main` runs it, the documentation is compared with it.
import { Command } from 'commander';
import { addCheckCommand } from './commands/check.ts';
import { addConflictsCommand } from './commands/conflicts.ts';
import { addConnectCommand } from './commands/connect.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addHoldCommands } from './commands/hold.ts';
import { addLinkCommands } from './commands/link.ts';
import { addParkedCommand } from './commands/parked.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addResyncCommand } from './commands/resync.ts';
import { addRunCommand } from './commands/run.ts';
import { addSandboxCommand } from './commands/sandbox.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addStateCommand } from './commands/state.ts';
import { addStatusCommand } from './commands/status.ts';
import { addSyncCommand } from './commands/sync.ts';
import { addUndoCommand } from './commands/undo.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { ownVersion } from './package-files.ts';

export function buildProgram(): Command {
  const program = new Command('jira-crm-sync')
    .description('Keeps Jira and a CRM telling the same story.')
    .version(ownVersion())
    .addHelpText('after', '\nExample:\n  jira-crm-sync demo --once')
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride();
  addDemoCommand(program);
  addRunCommand(program);
  addSandboxCommand(program);
  addCheckCommand(program);
  addConnectCommand(program);
  addPlanCommand(program);
  addSyncCommand(program);
  addResyncCommand(program);
  addVerifyCommand(program);
  addStatusCommand(program);
  addExplainCommand(program);
  addLinkCommands(program);
  addHoldCommands(program);
  addConflictsCommand(program);
  addParkedCommand(program);
  addUndoCommand(program);
  addStateCommand(program);
  addSchemaCommand(program);
  return program;
}
