import { expect, it } from 'vitest';
import type { PlannedWrite } from '../../../../src/connectors/connector.ts';
import { billOf } from '../../../../src/connectors/jira/bill.ts';
import { budgetOf } from '../../../../src/connectors/jira/limits.ts';
import { UNLIMITED } from '../../../../src/connectors/limiter.ts';

const bill = billOf(budgetOf);

function writes(action: PlannedWrite['action'], times: number, fields: readonly string[] = []): PlannedWrite[] {
  return Array.from({ length: times }, () => ({ action, fields }));
}

it.each([
  ['creates by ten, read back by a hundred', writes('create', 101, ['summary']), 11 + 2],
  ['an update', writes('update', 1, ['summary', 'duedate']), 1],
  ['a status alone', writes('update', 1, ['status']), 3],
  ['a status with other fields', writes('update', 1, ['status', 'summary']), 4],
  ['a stamp', writes('stamp', 1), 2],
  ['a delete', writes('delete', 1), 1],
])('counts the requests of %s', (_name, planned, calls) => {
  expect(bill(planned).calls).toBe(calls);
});

it('takes as long as the slowest operation, since each has a pace of its own', () => {
  expect(bill(writes('update', 4_900, ['summary'])).seconds).toBeCloseTo(100);
  expect(bill(writes('update', 4_900, ['status'])).seconds).toBeCloseTo(50);
  expect(bill([...writes('update', 4_900, ['summary']), ...writes('create', 4_900)]).seconds).toBeCloseTo(100);
});

it('takes no time at a server without limits', () => {
  expect(billOf(() => UNLIMITED)(writes('update', 4_900, ['summary'])).seconds).toBeCloseTo(0, 1);
});
