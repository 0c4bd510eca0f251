import { it } from 'vitest';
import { playSlice, TEST_TIMEOUT } from './schedules.ts';

it('keeps every promise through days of edits and faults, on records in memory', { timeout: TEST_TIMEOUT }, () =>
  playSlice({ depth: 'thin', part: 2, parts: 2, schedules: [1200, 360_000], minutes: [10, 600], again: [6, 90] }),
);
