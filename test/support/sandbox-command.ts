// The `sandbox` command alone, as a program of its own, for tests that need a real process.
import { Command, CommanderError } from 'commander';
import { addSandboxCommand } from '../../src/cli/commands/sandbox.ts';

const program = new Command();
addSandboxCommand(program);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
