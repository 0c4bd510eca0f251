import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProfile } from '../../../src/profiles/parse-profile.ts';
import { readYaml } from '../../../src/profiles/yaml-source.ts';
import { profileText, shown } from '../../support/profile-fixture.ts';
import { quick } from '../../support/quick.ts';

function problemsOf(text: string): readonly string[] {
  return shown(readYaml(text, 'p.yaml').problems.all());
}

describe('what YAML would change silently is refused', () => {
  test('asks for quotes when an expression begins with `!`', () => {
    expect(problemsOf('name: a\nsync-when: !crm.closed\n')).toEqual([
      "2:12 An unquoted `!` at the start of a value is a YAML tag; the value would lose it. → Put the expression in quotes: '!…'.",
    ]);
  });

  test('asks for quotes when an unquoted value holds a colon', () => {
    expect(problemsOf('sync-when: crm.stage == "a: b"\n')).toEqual([
      '1:12 A value with `: ` in it cannot stand unquoted. → Put the value in quotes.',
    ]);
  });

  test('reports each of two equal keys once, and merge keys, anchors, aliases and tags', () => {
    expect(problemsOf('a: &x 1\na: 2\nb: *x\n<<: {}\nc: !!str 1\n').map((line) => line.split('→')[0]?.trim())).toEqual([
      '1:7 Anchors (`&name`) are not allowed.',
      '2:1 `a` is given twice.',
      '3:4 Aliases (`*name`) are not allowed.',
      '4:1 Merge keys (`<<`) are not allowed.',
      '5:10 Tags (`!!name`) are not allowed.',
    ]);
  });

  test('says what is wrong with an empty file, a list and two documents', () => {
    expect(problemsOf('')[0]).toMatch(/^1:1 The file is empty/);
    expect(problemsOf('- a\n')[0]).toMatch(/^1:1 The file is not a list of `key: value` lines/);
    expect(problemsOf('a: 1\n---\nb: 2\n')[0]).toMatch(/^2:1 The file holds several YAML documents/);
  });
});

describe('a hostile file is refused fast', () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  const bombs: Record<string, string> = {
    'a file above 256 KB': `a: "${'x'.repeat(256 * 1024)}"`,
    'a million open brackets': `a: ${'['.repeat(1_000_000)}`,
    'a million open maps': `a: ${'{a: '.repeat(200_000)}`,
    'a million nested dashes': '- '.repeat(500_000),
    'a billion laughs': `l0: &l0 lol\n${laughs.join('\n')}`,
    'keys without end': Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n'),
    'a deep staircase': Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'a long list of ones': `a: [${'1,'.repeat(400_000)}1]`,
  };

  test.each(Object.entries(bombs))('%s', (name, text) => {
    const { problems } = quick(name, 100, () => parseProfile(text, 'bomb.yaml'));
    expect(problems).toHaveLength(name === 'a billion laughs' ? problems.length : 1);
    expect(problems[0]?.message).toMatch(/larger than 256 KB|nested|too many entries|Anchors|Aliases|is not a key/);
  });
});

describe('parsing never throws', () => {
  const snippets = [
    'name: a\n',
    'jira:',
    ' {',
    '}',
    '[',
    ']',
    '- ',
    'fields:\n',
    'crm: ',
    '"',
    "'",
    '|\n',
    '>-\n',
    '\t',
    '&a ',
    '*a',
    '!x ',
    '? ',
    ': ',
    '#',
    '\u0000',
    '🚚',
    'from: jira.url',
    'values: ',
    'on: [a]',
    'create: ',
    'stamp: ',
    'sweep: ',
    'match: ',
  ];

  test('on pieces of YAML in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...snippets), { maxLength: 40 }), (parts) => {
        for (const problem of parseProfile(parts.join(''), 'p.yaml').problems) expect(problem.cure).not.toBe('');
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('on a valid profile with a piece cut out or doubled', () => {
    const text = profileText(
      ['{ jira: status, crm: stage, values: { To Do: [Новая] } }', '{ crm: "Ссылка на задачу", from: jira.url }'],
      `match: [link, { jira: summary, crm: title, normalise: [trim] }]\nstamp: { jira: label }\ncreate: { crm: true, jira: { when: 'crm.stage == "Новая"' } }\nsweep: { every: 5m, full: { cron: "0 3 * * *" } }`,
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(30), fc.boolean(), (at, length, doubled) => {
        const piece = text.slice(at, at + length);
        const changed = text.slice(0, at) + (doubled ? piece + piece : '') + text.slice(at + length);
        for (const problem of parseProfile(changed, 'p.yaml').problems) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.cure).not.toBe('');
        }
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
