import { it } from 'vitest';
import { playSlice, TEST_TIMEOUT } from './schedules.ts';

it('keeps every promise through days of edits and faults, behind the HTTP handlers', { timeout: TEST_TIMEOUT }, () =>
  playSlice({ depth: 'full', part: 1, parts: [1, 1], schedules: [2_000, 40_000] }),
);
