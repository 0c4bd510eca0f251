import { describe, expect, it } from 'vitest';
import { type Budget, type Figure, median, quantile, ratioOf, verdictOf } from '../../../bench/figures.ts';
import { firstWrites } from '../../../bench/writes-in-log.ts';

const figure = (value: number, budget: Budget | null): Figure => ({ id: 'P5', what: '', value, unit: 's', budget });

describe('a figure', () => {
  it.each([
    [45, { most: 60 }, 0.75, 'met'],
    [60, { most: 60 }, 1, 'met'],
    [61.2, { most: 60 }, 1.02, 'missed'],
    [96, { least: 95 }, 0.9896, 'met'],
    [50, { least: 95 }, 1.9, 'missed'],
    [0, { most: 0 }, 0, 'met'],
    [1, { most: 0 }, Number.POSITIVE_INFINITY, 'missed'],
  ] as const)('of %d against %o uses %d of it', (value, budget, ratio, verdict) => {
    expect(ratioOf(figure(value, budget))).toBeCloseTo(ratio, 3);
    expect(verdictOf(figure(value, budget))).toBe(verdict);
  });

  it('without a budget explains and does not judge', () => {
    expect([ratioOf(figure(1, null)), verdictOf(figure(1, null))]).toEqual([null, null]);
  });
});

it('quantiles are values that occurred', () => {
  const values = [5, 1, 4, 2, 3];
  expect([median(values), quantile(values, 0.99), quantile(values, 0.2)]).toEqual([3, 5, 1]);
  expect(quantile([], 0.5)).toBeNaN();
});

it('a record is written when the first request that writes it arrives', () => {
  const line = { status: 200, bytesIn: 0, bytesOut: 0 };
  const jira = [
    { ...line, at: 10, method: 'POST', path: '/rest/api/3/search/jql' },
    { ...line, at: 12, method: 'PUT', path: '/rest/api/3/issue/10401' },
    { ...line, at: 15, method: 'PUT', path: '/rest/api/3/issue/10401' },
  ];
  const update = 'crm.item.update?entityTypeId=2&id=7002&fields[title]=a%26id%3D9';
  const commands = ['crm.item.get?entityTypeId=2&id=7001', update];
  const crm = [{ ...line, at: 20, method: 'POST', path: '/rest/1/c/batch.json', commands }];
  expect([...firstWrites(jira, crm)]).toEqual([
    ['jira/10401', 12],
    ['crm/7002', 20],
  ]);
});
