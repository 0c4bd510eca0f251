import { it } from 'vitest';
import { playSlice, TEST_TIMEOUT, THIN_PARTS } from './schedules.ts';

it('keeps every promise through days of edits and faults, on records in memory', { timeout: TEST_TIMEOUT }, () =>
  playSlice({ depth: 'thin', part: 1, parts: THIN_PARTS, schedules: [18_000, 360_000], again: 90 }),
);
