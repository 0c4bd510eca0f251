import { expect, it } from 'vitest';
import { parseProfile } from '../../../src/profiles/parse-profile.ts';
import { createProblemList } from '../../../src/profiles/problem-list.ts';

it('shows a hundred problems in file order, and says that there are more', () => {
  const problems = createProblemList('p.yaml', 'a\n'.repeat(300));
  for (let line = 299; line >= 0; line -= 1) problems.add(line * 2, 'wrong', 'mend it');
  const shown = problems.all();
  expect(problems.full()).toBe(true);
  expect(shown).toHaveLength(101);
  expect(shown.slice(0, 100).map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_, at) => 201 + at));
  expect(shown.at(-1)).toMatchObject({ line: 300, message: 'There are more problems than these.' });
});

it('counts the same problem at the same place once', () => {
  const problems = createProblemList('p.yaml', 'a: 1\n');
  for (let times = 0; times < 200; times += 1) problems.add(3, 'wrong', 'mend it');
  expect(problems.all()).toHaveLength(1);
  expect(problems.full()).toBe(false);
});

it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('a key %s is a wrong key like any other', (key) => {
  const { problems } = parseProfile(`name: a\n${key}: { x: 1 }\n`, 'p.yaml');
  const [problem] = problems.filter(({ line }) => line === 2);
  expect(problem?.message).toBe(`\`${key}\` is not a key of \`profile\`.`);
  expect(typeof problem?.cure).toBe('string');
});
