#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --disable-proto=delete --max-semi-space-size=4
// The command line: every command has a file of its own.
import { CommanderError } from 'commander';
import { catchEverything } from './last-resort.ts';
import { EXIT, explainFailure } from './output.ts';
import { buildProgram } from './program.ts';

catchEverything(process.argv[2] === 'run');
try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  else process.exitCode = explainFailure(error);
}
