#!/usr/bin/env node
// The command line: every command in a file of its own, loaded when it is called.
import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './check.ts';
import { addConflictsCommand } from './conflicts.ts';
import { addDemoCommand } from './demo.ts';
import { addExplainCommand } from './explain.ts';
import { EXIT, explainFailure } from './output.ts';
import { addParkedCommand } from './parked.ts';
import { addPlanCommand } from './plan.ts';
import { addResyncCommand } from './resync.ts';
import { addRunCommand } from './run.ts';
import { addSandboxCommand } from './sandbox.ts';
import { addSchemaCommand } from './schema.ts';
import { addStatusCommand } from './status.ts';
import { addSyncCommand } from './sync.ts';
import { addVerifyCommand } from './verify.ts';

function buildProgram(): Command {
  const program = new Command('jira-crm-sync')
    .description('Keeps Jira and a CRM telling the same story.')
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride();
  addDemoCommand(program);
  addRunCommand(program);
  addSandboxCommand(program);
  addCheckCommand(program);
  addPlanCommand(program);
  addSyncCommand(program);
  addResyncCommand(program);
  addVerifyCommand(program);
  addStatusCommand(program);
  addExplainCommand(program);
  addConflictsCommand(program);
  addParkedCommand(program);
  addSchemaCommand(program);
  return program;
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  else process.exitCode = explainFailure(error);
}
