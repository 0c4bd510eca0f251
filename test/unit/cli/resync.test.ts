import { describe, expect, it } from 'vitest';
import { sinceOf } from '../../../src/cli/resync.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('--since', () => {
  it.each([
    ['2h', NOW - 7_200_000],
    ['30d', NOW - 30 * 86_400_000],
    ['2026-11-20', Date.parse('2026-11-20T00:00:00Z')],
    ['2026-11-21T12:30:00+03:00', Date.parse('2026-11-21T09:30:00Z')],
  ])('takes %s', (text, at) => {
    expect(sinceOf(text, NOW)).toBe(at);
  });

  it.each(['tomorrow', '2026-11-22', '2026-13-01', '5', '', '20.11.2026'])('refuses "%s" with an example', (text) => {
    expect(() => sinceOf(text, NOW)).toThrow(expect.objectContaining({ cure: expect.stringContaining('2026-11-01') }));
  });
});
