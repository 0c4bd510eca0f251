import { describe, expect, it } from 'vitest';
import { dayOf, printDate, readDay, readInstant } from '../../../src/sandbox/bitrix24/dates.ts';
import { parseForm, phpArray } from '../../../src/sandbox/bitrix24/form.ts';
import { restName } from '../../../src/sandbox/bitrix24/user-fields.ts';

describe('form bodies of the sandbox portal', () => {
  it('nest by PHP brackets', () => {
    expect(parseForm('a=1&b[c]=2&b[d][]=3&b[d][]=4&e[2]=x&f=%5B%5D&g')).toEqual({
      a: '1',
      b: { c: '2', d: ['3', '4'] },
      e: { 2: 'x' },
      f: '[]',
      g: '',
    });
  });

  it('decode once and take a plus as a space', () => {
    expect(parseForm('t=a+b%2Bc%26d&u=100%25&v=%D0%9F%ZZ')).toEqual({ t: 'a b+c&d', u: '100%', v: '%D0%9F%ZZ' });
  });

  it('cannot reach a prototype', () => {
    const params = parseForm('__proto__[polluted]=1&a[__proto__][polluted]=1&constructor[prototype][polluted]=1');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
  });

  it('stop at the depth and number that PHP allows', () => {
    expect(parseForm(`a${'[x]'.repeat(64)}=1&b=2`)).toEqual({ b: '2' });
    const many = Array.from({ length: 10_050 }, (_, index) => `k${index}=1`).join('&');
    expect(Object.keys(parseForm(many))).toHaveLength(10_000);
  });

  it('become lists when keyed 0, 1, 2 and when empty', () => {
    expect(phpArray([])).toEqual([]);
    expect(
      phpArray([
        ['0', 'a'],
        ['1', 'b'],
      ]),
    ).toEqual(['a', 'b']);
    expect(
      phpArray([
        ['1', 'a'],
        ['0', 'b'],
      ]),
    ).toEqual({ 0: 'b', 1: 'a' });
  });
});

describe('names of user fields in the sandbox portal', () => {
  it('follow the documented table', () => {
    const cases: Record<string, string> = {
      UF_CRM_10_5186744711: 'ufCrm10_5186744711',
      UF_CRM_3_DIGIT: 'ufCrm3Digit',
      UF_CRM_1747309879: 'ufCrm_1747309879',
      UF_CRM_3_DIGIT10: 'ufCrm_3_DIGIT10',
      UF_CRM_JIRA_KEY: 'ufCrmJiraKey',
    };
    for (const [upper, name] of Object.entries(cases)) expect(restName(upper, 'A')).toBe(name);
    expect(restName('UF_CRM_JIRA_KEY', 'B')).toBe('ufCrm_JIRA_KEY');
  });
});

describe('dates of the sandbox portal', () => {
  it('are read in every documented form', () => {
    expect(readDay('2026-12-01', '+03:00')).toBe('2026-12-01');
    expect(readDay('01.12.2026', '+03:00')).toBe('2026-12-01');
    expect(readDay('2026-12-01T03:00:00+03:00', '+03:00')).toBe('2026-12-01');
    expect(readDay('2026-11-30T22:30:00Z', '+03:00')).toBe('2026-12-01');
    expect(readDay('2026-02-30', '+03:00')).toBeNull();
    expect(readInstant('2026-11-18 10:15', '+03:00')).toBe(Date.parse('2026-11-18T07:15:00Z'));
    expect(readInstant('18.11.2026 10:15:00', '+03:00')).toBe(Date.parse('2026-11-18T07:15:00Z'));
    expect(readInstant('2026-11-18T07:15:00.999Z', '+03:00')).toBe(Date.parse('2026-11-18T07:15:00Z'));
  });

  it('print a day earlier west of UTC', () => {
    expect(printDate('2026-12-01', '+03:00', 'A')).toBe('2026-12-01T03:00:00+03:00');
    expect(printDate('2026-12-01', '-05:00', 'A')).toBe('2026-11-30T19:00:00-05:00');
    expect(printDate('2026-12-01', '-05:00', 'B')).toBe('2026-12-01T00:00:00-05:00');
    expect(dayOf(Date.parse('2026-11-30T23:00:00Z'), '+03:00')).toBe('2026-12-01');
  });
});
