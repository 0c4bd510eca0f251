// All commands with their options, without running any: `main` runs it, the documentation is compared with it.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCheckCommand } from './check.ts';
import { addConflictsCommand } from './conflicts.ts';
import { addConnectCommand } from './connect.ts';
import { addDemoCommand } from './demo.ts';
import { addExplainCommand } from './explain.ts';
import { addHoldCommands } from './hold.ts';
import { addLinkCommands } from './link.ts';
import { addParkedCommand } from './parked.ts';
import { addPlanCommand } from './plan.ts';
import { addResyncCommand } from './resync.ts';
import { addRunCommand } from './run.ts';
import { addSandboxCommand } from './sandbox.ts';
import { addSchemaCommand } from './schema.ts';
import { addStatusCommand } from './status.ts';
import { addSyncCommand } from './sync.ts';
import { addVerifyCommand } from './verify.ts';

export function buildProgram(): Command {
  const program = new Command('jira-crm-sync')
    .description('Keeps Jira and a CRM telling the same story.')
    .version(version())
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
  addSchemaCommand(program);
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
