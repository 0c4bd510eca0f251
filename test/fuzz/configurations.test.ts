// G19: bad configurations and profiles. Each is refused with line, column and cure, fast and in little memory, or is one
// that can be meant; none ends the program.
import { readFileSync } from 'node:fs';
import { memoryUsage } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { connectorTypes } from '../../src/connectors/registry.ts';
import type { Problem } from '../../src/errors.ts';
import type { Random } from '../../src/ports.ts';
import { parseProfile } from '../../src/profiles/parse-profile.ts';
import { byDepth, chanceOf, grouped, prove, reportGoal } from '../support/cases.ts';
import { below, damageText, HOSTILE_TEXTS, hostileText, maybe, pick, randomText } from '../support/hostile.ts';
import { quick } from '../support/quick.ts';

const MOST_MS = 100;
const MOST_BYTES = 64 * 1024 * 1024;

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const CONFIG = read('config/sync.example.yaml');
const PROFILES = ['procurement', 'operations-leads'].map((name) => read(`config/examples/${name}.yaml`));

/** Pieces that mean something to YAML, to profiles, or to JavaScript. */
const PIECES = [
  ...HOSTILE_TEXTS.filter((text) => text.length < 600),
  '\n',
  '\n  ',
  '\t',
  ': ',
  '- ',
  '? ',
  '&a ',
  '*a',
  '!!js/function ',
  '!<tag:x> ',
  '<<: *a\n',
  '{',
  '}',
  '[',
  ']',
  '|',
  '>-\n',
  "'",
  '"',
  '#',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '__proto__: { x: 1 }\n',
  'constructor: 1\n',
  '"__proto__": []\n',
  '0x1F',
  '0o17',
  '.inf',
  '.nan',
  '2026-11-21',
  '~',
  'null',
  'yes',
  '${',
  'JIRA_TOKEN',
  'file:/etc/passwd',
  'crm.stage == "a"',
  'jira.summary.matches("(a+)+$")',
  'link',
  'status',
  'to-jira',
];

function shownPlace(problem: Problem, text: string): void {
  const lines = text.split(/\r\n|\r|\n/).length;
  const placed = problem.line >= 1 && problem.line <= lines + 1 && problem.column >= 1;
  if (!placed) throw new Error(`no place: ${JSON.stringify(problem)}`);
  if (problem.message.trim() === '' || problem.cure.trim() === '')
    throw new Error(`no cure: ${JSON.stringify(problem)}`);
  if (problem.message.length > 2_000) throw new Error(`an endless message: ${problem.message.slice(0, 200)}`);
}

/** The least of some readings: a collection in between only makes it less, and one that is late makes it more. */
function leftBehind(text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && least > MOST_BYTES; tries += 1) {
    const before = memoryUsage().heapUsed;
    parseText(text);
    loadText(text);
    least = Math.min(least, memoryUsage().heapUsed - before);
  }
  return least;
}

function damaged(chance: Random, text: string): string {
  let result = text;
  for (let times = 1 + below(chance, 4); times > 0; times -= 1) result = damageText(chance, result, PIECES);
  return result;
}

function invented(chance: Random): string {
  const parts = Array.from({ length: 1 + below(chance, 40) }, () => {
    const kind = chance.next();
    if (kind < 0.6) return pick(chance, PIECES);
    return kind < 0.8 ? randomText(chance, below(chance, 12)) : `${pick(chance, ['name', 'jira', 'crm', 'fields'])}: `;
  });
  return parts.join('');
}

const ENV = { JIRA_TOKEN: 'x'.repeat(40), B24_WEBHOOK: 'https://a.bitrix24.ru/rest/1/abcdefgh/', EMPTY: '' };

function loadText(text: string): readonly Problem[] {
  const { config, problems } = loadConfig(text, 'sync.yaml', ENV, () => 'secret from a file', connectorTypes);
  if (config === null && problems.length === 0) throw new Error('refused without a reason');
  if (config !== null && problems.length > 0) throw new Error('taken with problems');
  return problems;
}

function parseText(text: string): readonly Problem[] {
  const { draft, problems } = parseProfile(text, 'p.yaml') as { draft?: unknown; problems: readonly Problem[] };
  if (draft === null && problems.length === 0) throw new Error('refused without a reason');
  return problems;
}

const proofOf = (what: string, cases: readonly [number, number]) => ({
  goal: 'G19',
  what,
  cases,
  file: import.meta.url,
});

describe('a bad file', () => {
  it('of configuration is refused with line, column and cure', async () => {
    await prove(proofOf('bad configurations', [20_000, 1_000_000]), (chance) => {
      const text = maybe(chance, 0.8) ? damaged(chance, CONFIG) : invented(chance);
      for (const problem of quick('it', MOST_MS, () => loadText(text))) shownPlace(problem, text);
    });
  }, 900_000);

  it('that is a profile is refused with line, column and cure', async () => {
    await prove(proofOf('bad profiles', [80_000, 1_000_000]), (chance) => {
      const text = maybe(chance, 0.8) ? damaged(chance, pick(chance, PROFILES)) : invented(chance);
      for (const problem of quick('it', MOST_MS, () => parseText(text))) shownPlace(problem, text);
    });
  }, 900_000);
});

/** T10: what grows when it is read. Each is made of a size, so that many of each kind can be tried. */
const BOMBS: Readonly<Record<string, (size: number) => string>> = {
  'open brackets': (size) => `a: ${'['.repeat(size)}`,
  'open maps': (size) => `a: ${'{a: '.repeat(size / 4)}`,
  'closed brackets': (size) => `a: ${'['.repeat(size / 2)}${']'.repeat(size / 2)}`,
  'nested dashes': (size) => '- '.repeat(size / 2),
  'nested questions': (size) => '? '.repeat(size / 2),
  'a staircase': (size) => stairs(Math.floor(Math.sqrt(size * 2)), ' ', 'a:'),
  'a staircase of lists': (size) => stairs(Math.floor(Math.sqrt(size * 2)), ' ', '-'),
  'keys without end': (size) => Array.from({ length: size / 8 }, (_, at) => `k${at}: 1`).join('\n'),
  'one key again and again': (size) => 'a: 1\n'.repeat(size / 5),
  'a list of ones': (size) => `a: [${'1,'.repeat(size / 2)}1]`,
  'a long word': (size) => `a: ${'x'.repeat(size)}`,
  'a long quoted word': (size) => `a: "${'\\u0041'.repeat(size / 6)}"`,
  'a long key': (size) => `${'k'.repeat(size)}: 1`,
  'a long folded text': (size) => `a: >\n${'  word\n\n'.repeat(size / 8)}`,
  'a long comment': (size) => `#${'x'.repeat(size)}\na: 1`,
  'comments without end': (size) => '# x\n'.repeat(size / 4),
  'empty lines': (size) => '\n'.repeat(size),
  spaces: (size) => ' '.repeat(size),
  tabs: (size) => '\t'.repeat(size),
  'a billion laughs': (size) => laughs(Math.min(40, size / 100), 9),
  'aliases of one anchor': (size) => `a: &a x\nb: [${'*a, '.repeat(size / 4)}]`,
  'merge keys': (size) =>
    `a: &a { b: 1 }\n${Array.from({ length: size / 14 }, (_, at) => `c${at}: { <<: *a }`).join('\n')}`,
  'documents without end': (size) => '---\na: 1\n'.repeat(size / 9),
  'tags without end': (size) => `a: ${'!x '.repeat(size / 3)}`,
  'anchors without end': (size) => Array.from({ length: size / 10 }, (_, at) => `k${at}: &a${at} 1`).join('\n'),
  'flow in block in flow': (size) => `${'a:\n - ['.repeat(size / 8)}`,
  'quotes never closed': (size) => `a: "${'x\n'.repeat(size / 2)}`,
  'carriage returns': (size) => 'a: 1\r'.repeat(size / 5),
  'wide characters': (size) => `a: "${'👩‍👩‍👧‍👦'.repeat(size / 11)}"`,
  'NUL bytes': (size) => `a: ${'\0'.repeat(size)}`,
  colons: (size) => 'a: '.repeat(size / 3),
  indicators: (size) => '|>!&*?:-#'.repeat(size / 9),
};

function stairs(steps: number, indent: string, line: string): string {
  return Array.from({ length: steps }, (_, at) => `${indent.repeat(at)}${line}`).join('\n');
}

function laughs(levels: number, each: number): string {
  const lines = Array.from(
    { length: levels },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array(each).fill(`*l${at}`).join(', ')}]`,
  );
  return `l0: &l0 lol\n${lines.join('\n')}`;
}

describe('a bomb (T10)', () => {
  const sizes = byDepth(6, 60);

  // One line of the table for all of them.
  const tried = { bombs: 0, ms: 0, failures: [] as string[] };
  afterAll(() => {
    const what = `${tried.bombs} kinds of YAML bombs`;
    const reached = tried.failures.length === 0 ? null : tried.failures.join('; ');
    reportGoal({ goal: 'T10', what, file: import.meta.url }, { cases: tried.bombs * sizes, ms: tried.ms, reached });
  });

  it.each(Object.entries(BOMBS))('of %s is read or refused in 100 ms and 64 MB', (name, make) => {
    const began = performance.now();
    let failure: string | null = null;
    for (let at = 0; at < sizes && failure === null; at += 1) {
      const chance = chanceOf(at);
      // One just below and one just above the limit of 256 KB, then whatever comes.
      const size = [260_000, 263_000, 40_000, 20_000][at] ?? 8 + below(chance, 300_000);
      const text = make(size);
      for (const reading of [parseText, loadText]) {
        try {
          for (const problem of quick('it', MOST_MS, () => reading(text)))
            shownPlace(problem, '\n'.repeat(text.length));
        } catch (error) {
          failure = `${name} of ${size}: ${(error as Error).message}`;
        }
      }
      if (failure === null && leftBehind(text) > MOST_BYTES) failure = `${name} of ${size} left over 64 MB behind`;
    }
    tried.bombs += 1;
    tried.ms += performance.now() - began;
    if (failure !== null) tried.failures.push(failure);
    expect(failure).toBeNull();
  });
});

it('a text with a hostile value in each place of a profile pollutes no prototype', () => {
  const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '"__proto__"', '? __proto__\n'];
  let tried = 0;
  for (const key of keys) {
    for (const text of PROFILES) {
      const lines = text.split('\n');
      for (let at = 0; at < lines.length; at += 1) {
        const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? '';
        const value = pick(chanceOf(tried), [
          '{ polluted: 1 }',
          '{ prototype: { polluted: 1 } }',
          '[polluted]',
          hostileText(chanceOf(tried)),
        ]);
        const planted = [...lines.slice(0, at), `${indent}${key}: ${value}`, ...lines.slice(at)].join('\n');
        parseText(planted);
        loadText(planted);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(200);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  reportGoal(
    {
      goal: 'T9',
      what: 'prototype keys in YAML',
      file: import.meta.url,
      reached: (n) => `0 of ${grouped(n)} got through`,
    },
    { cases: tried, ms: 0, reached: null },
  );
});
