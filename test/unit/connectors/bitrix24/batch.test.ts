import { expect, test } from 'vitest';
import {
  encodeCommand,
  encodeCommands,
  losesMeaning,
  readBatch,
  timeOf,
} from '../../../../src/connectors/bitrix24/batch.ts';

test('encodes a command once, with PHP brackets', () => {
  const command = encodeCommand({
    method: 'crm.item.update',
    params: { entityTypeId: 2, id: 5, fields: { title: 'A & B=1 + 50%', ufCrm_1: ['x', 'y'], skipped: undefined } },
  });
  expect(command).toBe(
    'crm.item.update?entityTypeId=2&id=5&fields%5Btitle%5D=A%20%26%20B%3D1%20%2B%2050%25&fields%5BufCrm_1%5D%5B0%5D=x&fields%5BufCrm_1%5D%5B1%5D=y',
  );
  expect(encodeCommand({ method: 'profile', params: {} })).toBe('profile');
});

test('keys are named, so that PHP does not answer a list', () => {
  expect(
    encodeCommands([
      { method: 'profile', params: {} },
      { method: 'scope', params: {} },
    ]),
  ).toEqual({
    p0: 'profile',
    p1: 'scope',
  });
});

test.each([
  [{ a: 1, b: 'x', c: ['y'] }, false],
  [{ fields: { title: '' } }, false],
  [{ fields: { tags: [] } }, true],
  [{ fields: { title: null } }, true],
])('%o loses meaning in a query string: %o', (params, lost) => {
  expect(losesMeaning(params)).toBe(lost);
});

test('judges every command alone', () => {
  const outcomes = readBatch(
    {
      result: { p0: { item: 1 }, p3: null },
      result_error: { p1: { error: '', error_description: 'нет<br>прав' } },
      result_total: { p0: '7' },
      result_time: { p0: { processing: 0.5, operating_reset_at: 1794986700 } },
    },
    4,
  );
  expect(outcomes[0]).toMatchObject({ kind: 'done', answer: { total: 7, time: { resetAt: 1794986700000 } } });
  expect(outcomes[1]).toEqual({ kind: 'failed', failure: { code: '', description: 'нет прав', status: null } });
  expect(outcomes[2]).toEqual({ kind: 'not-run' });
  expect(outcomes[3]).toMatchObject({ kind: 'done', answer: { result: null } });
});

test('empty maps come as lists, and nonsense runs nothing', () => {
  const [only] = readBatch({ result: { p0: [] }, result_error: [], result_total: [], result_time: [] }, 1);
  expect(only).toMatchObject({ kind: 'done', answer: { result: [], total: null } });
  for (const nonsense of [null, [], 'x', { result: [] }]) {
    expect(readBatch(nonsense, 1)).toEqual([{ kind: 'not-run' }]);
  }
});

test('reads the server clock from numbers or from the printed time', () => {
  expect(timeOf({ start: 1794986100.214513 }).start).toBe(1794986100214);
  expect(timeOf({ date_start: '2026-11-18T10:15:00+03:00' }).start).toBe(Date.parse('2026-11-18T07:15:00Z'));
  expect(timeOf([])).toEqual({ start: null, processing: null, resetAt: null, operating: null });
});
