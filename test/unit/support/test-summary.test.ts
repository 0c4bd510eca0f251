import { describe, expect, it } from 'vitest';
import { failures, type Report, summarize } from '../../support/test-summary.ts';

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

describe('the failures of a test run', () => {
  it('are named by file, test and the first lines of what was wrong', () => {
    const results: Report['testResults'] = [
      {
        name: '/project/test/a.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'holds', status: 'passed', failureMessages: [] },
          {
            fullName: 'breaks',
            status: 'failed',
            failureMessages: ['AssertionError: expected 1\n  to be 2\n    at /x.ts:1:1'],
          },
        ],
      },
      {
        name: '/project/test/b.test.ts',
        status: 'failed',
        message: 'No such module\n    at /y.ts:2:2',
        assertionResults: [],
      },
    ];
    expect(failures(report(1, 1, 0, results), '/project/')).toEqual([
      'FAILED test/a.test.ts: breaks: AssertionError: expected 1 to be 2',
      'FAILED test/b.test.ts: could not be loaded: No such module',
    ]);
    expect(failures(null, '/project/')).toEqual([]);
  });
});
