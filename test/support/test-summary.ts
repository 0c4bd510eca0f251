// What the runner makes of vitest's JSON report.
import { stripVTControlCharacters } from 'node:util';

export type Report = {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** One per file; a file that could not be loaded has failed without a single test. */
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Of a file that could not be loaded. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
};

export type Summary = { readonly line: string; readonly remark: string | null; readonly exitCode: number };

/** `incomplete`: something that had to run was left out, which counts as a failure. */
export function summarize(report: Report | null, vitestExitCode: number, incomplete = false): Summary {
  if (!report) return { line: '0 passed, 1 failed', remark: 'vitest left no report.', exitCode: 1 };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + brokenFiles.length + (incomplete ? 1 : 0);
  const skipped = report.numPendingTests + report.numTodoTests;
  const counts = `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  if (report.numPassedTests + failed === 0) return { line: counts, remark: 'No test ran.', exitCode: 1 };
  if (failed > 0) return { line: counts, remark: null, exitCode: 1 };
  if (vitestExitCode === 0) return { line: counts, remark: null, exitCode: 0 };
  // An error outside every test, an unhandled rejection for example, fails the run without failing a test.
  const line = `${report.numPassedTests} passed, 1 failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return {
    line,
    remark: `vitest ended with code ${vitestExitCode} although every test passed; see above.`,
    exitCode: 1,
  };
}

const MOST_OF_A_MESSAGE = 1_500;

/** A line per failed test, `file: name: what was wrong`; printed last, because of a long log often only the end is kept. */
export function failures(report: Report | null, root: string): string[] {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = name.startsWith(root) ? name.slice(root.length) : name;
    if (status === 'failed' && assertionResults.length === 0) return [failure(file, 'could not be loaded', message)];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => failure(file, test.fullName, test.failureMessages?.[0]));
  });
}

function failure(file: string, name: string, message = 'no message'): string {
  const [first = ''] = stripVTControlCharacters(message).split('\n    at ');
  return `FAILED ${file}: ${name}: ${first.replaceAll(/\s+/g, ' ').slice(0, MOST_OF_A_MESSAGE)}`;
}
