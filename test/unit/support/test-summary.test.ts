import { describe, expect, it } from 'vitest';
import { type Report, summarize } from '../../support/test-summary.ts';

function report(passed: number, failed = 0, skipped = 0, files: Report['testResults'] = []): Report {
  return {
    numTotalTests: passed + failed + skipped,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
    testResults: files,
  };
}

describe('the last line of a test run', () => {
  it('counts what passed, failed and was skipped', () => {
    expect(summarize(report(12), 0)).toEqual({ line: '12 passed, 0 failed', remark: null, exitCode: 0 });
    expect(summarize(report(12, 2), 1)).toMatchObject({ line: '12 passed, 2 failed', exitCode: 1 });
    expect(summarize(report(12, 0, 3), 0)).toMatchObject({ line: '12 passed, 0 failed, 3 skipped', exitCode: 0 });
  });
  it('counts a file that could not be loaded as failed', () => {
    const broken = { name: 'x.test.ts', status: 'failed', assertionResults: [] };
    expect(summarize(report(12, 0, 0, [broken]), 1)).toMatchObject({ line: '12 passed, 1 failed', exitCode: 1 });
  });
  it('counts tests that had to run and were left out as a failure', () => {
    expect(summarize(report(12), 0, true)).toEqual({ line: '12 passed, 1 failed', remark: null, exitCode: 1 });
  });
  it('fails when no test ran, when no report came, and when vitest failed beside the tests', () => {
    expect(summarize(report(0), 0)).toMatchObject({ line: '0 passed, 0 failed', exitCode: 1 });
    expect(summarize(null, 0)).toMatchObject({ line: '0 passed, 1 failed', exitCode: 1 });
    expect(summarize(report(12), 1)).toMatchObject({ line: '12 passed, 1 failed', exitCode: 1 });
  });
});
