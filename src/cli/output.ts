// How commands speak: one place for tables, colours, JSON and exit codes.
import { styleText } from 'node:util';
import { ConfigError, NewerStateError, SyncError } from '../errors.ts';
import { whereShown } from './source-places.ts';

export const EXIT = { fine: 0, failed: 1, differs: 2, usage: 64, config: 78 } as const;

/** What was typed cannot be meant; exit code 64. */
export class UsageError extends SyncError {}

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export function styled(style: Style, text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}

/** Record values come from the outside: what could move the cursor or colour the terminal does not reach it. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Values of records go through `clean` first. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Progress and remarks: beside the result, so that the result can go into a file or a pipe. */
export function remark(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** The next step where no known kind of error says one. */
export const UNEXPECTED = 'This is a bug: please report it with what you ran.';

/** Prints what went wrong and what to do, never a stack; answers the exit code. */
export function explainFailure(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) {
      process.stderr.write(`${problem.file}:${problem.line}:${problem.column}  ${clean(problem.message)}\n`);
      process.stderr.write(`    ${clean(problem.cure)}\n`);
    }
    process.stderr.write(`${error.message}. ${error.cure}\n`);
    return EXIT.config;
  }
  if (error instanceof SyncError) {
    process.stderr.write(`${clean(error.message)}\n    ${clean(error.cure)}\n`);
    if (error instanceof NewerStateError) return EXIT.config;
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Unexpected: ${clean(message)}${whereShown(error)}\n    ${UNEXPECTED}\n`);
  return EXIT.failed;
}

export function ago(at: number | null, now: number): string {
  if (at === null) return 'never';
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}
