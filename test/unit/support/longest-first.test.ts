import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inOrder, LONG_FILES, secondsOf } from '../../support/longest-first.ts';

it('begins the long files first, group by group, and keeps together what shares a process', () => {
  const places = [
    { name: 'last group', group: 1, together: '', seconds: 500 },
    { name: 'shared, long', group: 0, together: 'scenarios', seconds: 42 },
    { name: 'short', group: 0, together: '', seconds: 0 },
    { name: 'shared, short', group: 0, together: 'scenarios', seconds: 0 },
    { name: 'long', group: 0, together: '', seconds: secondsOf('test/faults/index-3.test.ts') },
  ];
  expect(places.sort(inOrder).map(({ name }) => name)).toEqual([
    ...['long', 'short', 'shared, long', 'shared, short', 'last group'],
  ]);
});

it('names files that are there', () => {
  const missing = LONG_FILES.filter(
    (path) => !existsSync(fileURLToPath(new URL(`../../${path}.test.ts`, import.meta.url))),
  );
  expect(missing).toEqual([]);
  expect(secondsOf('test/unit/support/longest-first.test.ts')).toBe(0);
});
