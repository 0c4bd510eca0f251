import { describe, expect, test } from 'vitest';
import { readJqlDate } from '../../../src/sandbox/jira/jql/dates.ts';
import { instantOf, isDate, jiraTime, parseDateTime } from '../../../src/sandbox/jira/time.ts';

const at = Date.parse;

describe("Jira's date-time form", () => {
  test.each([
    ['2026-11-20T13:03:21.417Z', 'Europe/Berlin', '2026-11-20T14:03:21.417+0100'],
    ['2026-07-01T00:00:00.000Z', 'Europe/Berlin', '2026-07-01T02:00:00.000+0200'],
    ['2026-11-20T00:30:00.001Z', 'America/New_York', '2026-11-19T19:30:00.001-0500'],
    ['2026-11-20T00:30:00.000Z', 'Asia/Kolkata', '2026-11-20T06:00:00.000+0530'],
    ['2026-11-20T00:30:00.000Z', 'UTC', '2026-11-20T00:30:00.000+0000'],
  ])('%s in %s', (instant, zone, text) => {
    expect(jiraTime(at(instant), zone)).toBe(text);
    expect(parseDateTime(text)).toBe(at(instant));
  });

  test('is read with or without the colon, and needs a zone', () => {
    expect(parseDateTime('2015-11-18T14:39:00+11:00')).toBe(at('2015-11-18T03:39:00Z'));
    expect(parseDateTime('2015-11-18T14:39:00.000Z')).toBe(at('2015-11-18T14:39:00Z'));
    expect(parseDateTime('2015-11-18T14:39:00')).toBeNull();
    expect(parseDateTime('2015-02-30T14:39:00Z')).toBeNull();
  });
});

describe('wall clocks', () => {
  const wall = (text: string, zone: string) => new Date(instantOf(at(`${text}Z`), zone)).toISOString();

  test('become instants on both sides of a change of the clocks', () => {
    expect(wall('2026-10-25T01:59', 'Europe/Berlin')).toBe('2026-10-24T23:59:00.000Z');
    expect(wall('2026-10-25T03:00', 'Europe/Berlin')).toBe('2026-10-25T02:00:00.000Z');
  });

  test('take the first of an hour that comes twice', () => {
    expect(wall('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  test('land beside an hour that does not exist', () => {
    expect(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z']).toContain(
      wall('2026-03-29T02:30', 'Europe/Berlin'),
    );
  });
});

test('a date has to be in the calendar', () => {
  expect([isDate('2028-02-29'), isDate('2027-02-29'), isDate('2027-2-9'), isDate('27-02-09')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe('JQL dates', () => {
  const reading = { now: at('2026-11-20T13:00:00Z'), zone: 'Europe/Berlin', epochPrecision: 'ms' } as const;
  const read = (text: string, quoted = true) => {
    const ms = readJqlDate(text, quoted, reading);
    return ms === null ? null : new Date(ms).toISOString();
  };

  test.each([
    ['2026-11-20 14:00', '2026-11-20T13:00:00.000Z'],
    ['2026/11/20 14:00', '2026-11-20T13:00:00.000Z'],
    ['2026-11-20', '2026-11-19T23:00:00.000Z'],
    ['2026/1/5', '2026-01-04T23:00:00.000Z'],
    ['-5m', '2026-11-20T12:55:00.000Z'],
    ['-1w 2d', '2026-11-11T13:00:00.000Z'],
    ['4h', '2026-11-20T17:00:00.000Z'],
  ])('%s', (text, instant) => {
    expect(read(text)).toBe(instant);
  });

  test('a bare number is epoch milliseconds, a quoted one is no date', () => {
    expect(read(String(at('2026-11-20T12:00:00.123Z')), false)).toBe('2026-11-20T12:00:00.123Z');
    expect(read('1795180202118')).toBeNull();
  });

  test.each(['yesterday', '2026-11/20', '2026-13-01', '2026-11-20 25:00', '2026-11-20T14:00', '-5x', '5'])(
    '%s is none',
    (text) => {
      expect(read(text)).toBeNull();
    },
  );
});
