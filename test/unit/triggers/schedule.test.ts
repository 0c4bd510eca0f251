import { describe, expect, it } from 'vitest';
import { nextFullRun } from '../../../src/triggers/schedule.ts';

function next(cron: string, zone: string, after: string): string {
  return new Date(nextFullRun(cron, zone, Date.parse(after))).toISOString();
}

describe('the next full run', () => {
  it('is by the wall clock of the zone', () => {
    expect(next('0 3 * * *', 'UTC', '2026-11-21T09:00:00Z')).toBe('2026-11-22T03:00:00.000Z');
    expect(next('0 3 * * *', 'Europe/Moscow', '2026-11-21T09:00:00Z')).toBe('2026-11-22T00:00:00.000Z');
  });
  it('is after the given time, never at it', () => {
    expect(next('0 3 * * *', 'UTC', '2026-11-21T03:00:00Z')).toBe('2026-11-22T03:00:00.000Z');
  });
  it('keeps the wall clock when the offset changes', () => {
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T02:00:00.000Z');
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-10-23T12:00:00Z')).toBe('2026-10-24T01:00:00.000Z');
  });
  it('does not skip the night whose hour does not exist', () => {
    const run = next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z');
    expect(run.slice(0, 10)).toBe('2026-03-29');
  });
  it('says what is wrong with an expression or a zone', () => {
    expect(() => next('every night', 'UTC', '2026-11-21T09:00:00Z')).toThrow('"every night"');
    expect(() => next('0 3 * * *', 'Mars/Base', '2026-11-21T09:00:00Z')).toThrow('"Mars/Base"');
    expect(() => next('0 0 30 2 *', 'UTC', '2026-11-21T09:00:00Z')).toThrow('0 0 30 2 *');
  });
});
