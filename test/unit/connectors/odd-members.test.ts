// Members of answers that are not what they should be, one by one; test/fuzz/answers.test.ts found them.
import { describe, expect, it } from 'vitest';
import { failureIn } from '../../../src/connectors/bitrix24/failures.ts';
import { calendarDate, instant } from '../../../src/connectors/bitrix24/fields.ts';
import { canonicalInstant, decode } from '../../../src/connectors/jira/fields.ts';
import { wireIssue, wireServerInfo } from '../../../src/connectors/jira/wire.ts';
import { plainOf } from '../../../src/connectors/plain.ts';

describe('a member of an answer', () => {
  it('is a text only where it is one, or a number', () => {
    expect([plainOf('x'), plainOf(7), plainOf(false), plainOf(0)]).toEqual(['x', '7', 'false', '0']);
    for (const odd of [null, undefined, {}, [], { toString: 'x' }, Object.create(null)]) expect(plainOf(odd)).toBe('');
  });

  it('that names an error may be an object with a `toString` of its own', () => {
    const odd = { toString: 'x', valueOf: 7 };
    expect(failureIn({ error: odd, error_description: odd }, 400)).toEqual({ code: '', description: '', status: 400 });
  });

  it('is no time unless it is written as one', () => {
    for (const text of ['Pump 1', '1', '(12)', '2026', '2026-11', 'x2026-11-20T14:03:21.417+0100']) {
      expect(canonicalInstant(text)).toBeUndefined();
      expect(instant(text)).toBeUndefined();
    }
    expect(canonicalInstant('2026-11-20T14:03:21.417+0100')).toBe('2026-11-20T13:03:21.417Z');
  });

  it('is no day unless a calendar has it', () => {
    for (const text of ['2026-02-30', '2026-13-01', '0000-00-00', '2026-11-31T00:00:00+03:00']) {
      expect(decode('date', text)).toBeUndefined();
      expect(calendarDate(text)).toBeUndefined();
    }
    expect(decode('date', '2028-02-29')).toBe('2028-02-29');
    expect(calendarDate('2028-02-29')).toBe('2028-02-29');
  });

  it('is no id of an issue, and no address, by being a text', () => {
    for (const id of ['', 'BUY-1', '../1', '1'.repeat(19), '1 OR 1=1']) {
      expect(wireIssue.safeParse({ id, key: 'BUY-1' }).success).toBe(false);
    }
    expect(wireServerInfo.safeParse({ baseUrl: 'constructor' }).success).toBe(false);
    expect(wireServerInfo.safeParse({ baseUrl: '' }).success).toBe(true);
  });
});
