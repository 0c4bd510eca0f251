import { expect, it } from 'vitest';
import type { Goal } from '../../support/goals.ts';
import { goalsTable, parseGoals, replayLines } from '../../support/goals-table.ts';
import { readRunOptions } from '../../support/run-options.ts';

it('hands to vitest what it does not know itself', () => {
  const options = readRunOptions(['--nightly', '--shard', '2/8', 'test/fuzz', '--bail=1']);
  expect(options).toEqual({
    fast: false,
    nightly: true,
    shard: '2/8',
    vitest: ['test/fuzz', '--bail=1'],
  });
});

it('leaves the long searches out of the fast run', () => {
  const { fast, vitest } = readRunOptions(['--fast', '--bail=1']);
  expect({ fast, vitest }).toEqual({
    fast: true,
    vitest: ['--project', 'in process', '--project', 'units', '--bail=1'],
  });
  expect(readRunOptions([])).toMatchObject({ fast: false, vitest: [] });
});

it('refuses a part that does not exist', () => {
  for (const shard of ['9/8', '0/8', 'two']) expect(() => readRunOptions(['--shard', shard])).toThrow('--shard 2/8');
});

const goal = (number: string, ok = true): Goal => ({
  goal: number,
  what: 'forged signatures',
  reached: '0 of 1000 accepted',
  ok,
  cases: 1000,
  seed: 7,
  ms: 1234,
  replay: `npm test -- ${number}`,
});

it('prints the goals in the order of their numbers, and names what was missed', () => {
  const goals = parseGoals(`${JSON.stringify(goal('G20'))}\n${JSON.stringify(goal('G2', false))}\n`);
  const table = goalsTable(goals);
  expect(table.indexOf('G2 ')).toBeLessThan(table.indexOf('G20'));
  expect(table).toContain('MISSED: 0 of 1000 accepted');
  expect(table).toContain('1.2 s');
  expect(replayLines([...goals, goal('G2')])).toEqual(['G2: npm test -- G2', 'G20: npm test -- G20']);
});
