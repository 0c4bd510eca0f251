import { expect, it } from 'vitest';
import { billOf } from '../../../../src/connectors/bitrix24/bill.ts';
import type { PlannedWrite } from '../../../../src/connectors/connector.ts';

function writes(action: PlannedWrite['action'], times: number): PlannedWrite[] {
  return Array.from({ length: times }, () => ({ action, fields: ['title'] }));
}

it('counts ten writes to a request, whatever they are, and the looks before stamps by fifty', () => {
  expect(billOf('standard')([...writes('create', 45), ...writes('update', 12)]).calls).toBe(6);
  expect(billOf('standard')(writes('stamp', 51)).calls).toBe(6 + 2);
});

it('takes as long as the pace of the plan says', () => {
  expect(billOf('standard')(writes('update', 390)).seconds).toBeCloseTo(20);
  expect(billOf('enterprise')(writes('update', 490)).seconds).toBeCloseTo(10);
});

it('takes no time at a portal without limits', () => {
  expect(billOf('standard', 'off')(writes('update', 490)).seconds).toBeCloseTo(0, 2);
});

it('waits for the next ten minutes where a method is out of operating time', () => {
  expect(billOf('enterprise')(writes('create', 960)).seconds).toBeLessThan(60);
  expect(billOf('enterprise')(writes('create', 961)).seconds).toBe(600);
  // Methods are counted apart.
  expect(billOf('enterprise')([...writes('create', 900), ...writes('update', 900)]).seconds).toBeLessThan(60);
});
