// T11: expressions as a careless or hostile author writes them. Compiled or refused at once, with a cure; what is compiled
// answers at once on any record, or says that the record has no answer.
import { expect, it } from 'vitest';
import { MappingError } from '../../src/errors.ts';
import type { FieldSchema, Fields, Side, Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import { compileComputation, compileCondition } from '../../src/profiles/expressions.ts';
import { createProblemList } from '../../src/profiles/problem-list.ts';
import { type Proof, prove } from '../support/cases.ts';
import { below, damageText, hostileText, maybe, pick } from '../support/hostile.ts';
import { quick } from '../support/quick.ts';
import { CRM_FIELDS, JIRA_FIELDS } from '../support/sample-descriptions.ts';

const STALL_MS = 50;
const SCHEMAS: Readonly<Record<Side, readonly FieldSchema[]>> = { jira: JIRA_FIELDS, crm: CRM_FIELDS };
const NOW = Date.parse('2026-03-10T22:30:00Z');

const NAMES = [...JIRA_FIELDS.map(({ id }) => `jira.${id}`), ...CRM_FIELDS.map(({ id }) => `crm.${id}`)];
const OTHERS = [
  'jira',
  'crm',
  'old.crm.title',
  'old',
  'now',
  'today',
  'null',
  'true',
  '1',
  '-0.0',
  '1e308',
  '"x"',
  '"2026-03-31"',
];
const ODD = [
  '__proto__',
  'crm.constructor',
  'crm["__proto__"]',
  'this',
  'globalThis',
  'x',
  'crm.?title',
  'crm[?0]',
  'dyn(1)',
];
const METHODS = [
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'exists',
  'all',
  'map',
  'filter',
  'size',
  'constructor',
];
const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '&&', '||', '+', '-', '*', '/', '%', 'in', '?', '='];
const CALLS = ['size', 'days', 'changed', 'has', 'timestamp', 'duration', 'string', 'int', 'matches', 'type', 'eval'];

/** Patterns that take other engines minutes. */
const EVIL_PATTERNS = [
  '(a+)+$',
  '(a|aa)+$',
  '(.*)*x',
  '([a-z]+)*$',
  '(x+x+)+y',
  '^(\\d+)*$',
  '(?=(a+))a*b',
  'a{1,9999}{1,9999}',
];

function expression(chance: Random, depth: number): string {
  const deeper = () => expression(chance, depth - 1);
  if (depth <= 0 || maybe(chance, 0.15)) {
    const leaf = chance.next();
    if (leaf < 0.6) return pick(chance, NAMES);
    if (leaf < 0.85) return pick(chance, OTHERS);
    return leaf < 0.93 ? pick(chance, ODD) : JSON.stringify(hostileText(chance).slice(0, 60));
  }
  switch (below(chance, 10)) {
    case 0:
      return `(${deeper()})`;
    case 1:
      return `!${deeper()}`;
    case 2:
      return `${deeper()} ? ${deeper()} : ${deeper()}`;
    case 3:
      return `${pick(chance, NAMES)}.${pick(chance, ['exists', 'all', 'map', 'filter'])}(x, ${deeper()})`;
    case 4:
      return `${pick(chance, NAMES)}.matches(${JSON.stringify(pick(chance, EVIL_PATTERNS))})`;
    case 5:
      return `${deeper()}.${pick(chance, METHODS)}(${maybe(chance, 0.8) ? deeper() : ''})`;
    case 6:
      return `${pick(chance, CALLS)}(${deeper()})`;
    case 7:
      return `[${Array.from({ length: below(chance, 5) }, deeper).join(', ')}]`;
    default:
      return `${deeper()} ${pick(chance, OPERATORS)} ${deeper()}`;
  }
}

/** Sizes that reach the limits of the language, and go beyond. */
function bomb(chance: Random): string {
  const size = pick(chance, [50, 200, 900, 3_900]);
  return pick(chance, [
    () => `${'('.repeat(size)}${')'.repeat(size)}`,
    () => '!'.repeat(size),
    () => `${'-'.repeat(size)}1`,
    () => `${'crm.title == "a" || '.repeat(size / 20)}true`,
    () => `[${'1,'.repeat(size / 2)}1]`,
    () => `"${'a'.repeat(size)}" == crm.title`,
    () => `crm${'.title'.repeat(size / 6)}`,
    () => `crm${'["a"]'.repeat(size / 5)}`,
    () => `${'crm.tags.exists(x, '.repeat(size / 20)}true${')'.repeat(size / 20)}`,
    () => `${'true ? '.repeat(size / 7)}1`,
    () => `{${'"a": 1,'.repeat(size / 7)}}`,
    () => `crm.title.matches("${'(a+)+'.repeat(size / 5)}$")`,
    () => '"'.repeat(size),
    () => `${'1 + '.repeat(size / 4)}1`,
  ])();
}

/** Any value that a field of that type can show, some of them long. */
function valueFor({ type, options }: FieldSchema, chance: Random): Value {
  if (maybe(chance, 0.2)) return null;
  switch (type) {
    case 'number':
      return pick(chance, ['0', '-1.5', '9007199254740993', '1'.repeat(300)]);
    case 'money':
      return { amount: pick(chance, ['0', '1200.5', '1'.repeat(300)]), currency: 'RUB' };
    case 'date':
      return pick(chance, ['2026-03-31', '0001-01-01', '9999-12-31']);
    case 'datetime':
      return '2026-03-01T09:00:00.000Z';
    case 'boolean':
      return maybe(chance, 0.5);
    case 'set':
      return Array.from({ length: pick(chance, [1, 3, 400]) }, (_, at) => `a${at}`).sort();
    case 'enum':
    case 'status':
      return options?.[0]?.id ?? '1';
    default:
      return pick(chance, ['a'.repeat(10_000), `${'a'.repeat(5_000)}!`, hostileText(chance)]);
  }
}

function record(side: Side, chance: Random): Fields {
  return Object.fromEntries(SCHEMAS[side].map((field) => [field.id, valueFor(field, chance)]));
}

const COMPILERS = { condition: compileCondition, computation: compileComputation } as const;

function tryOut(source: string, chance: Random): void {
  for (const [name, compile] of Object.entries(COMPILERS)) {
    const { compiled, problems } = quick(`to read ${source}`, STALL_MS, () => {
      const found = createProblemList('p.yaml', source);
      const setting = {
        schemas: SCHEMAS,
        zone: 'UTC',
        person: () => 'Oleg Petrov',
        isMapped: () => true,
        problems: found,
      };
      return { compiled: compile({ source, at: 0, place: (index) => index }, setting), problems: found.all() };
    });
    if (compiled === null) {
      if (problems.length === 0) throw new Error(`refused without a reason: ${source}`);
      for (const { cure } of problems) if (cure === '') throw new Error(`refused without a cure: ${source}`);
      continue;
    }
    const context = {
      jira: maybe(chance, 0.9) ? record('jira', chance) : null,
      crm: maybe(chance, 0.9) ? record('crm', chance) : null,
      old: { jira: null, crm: maybe(chance, 0.5) ? record('crm', chance) : null },
      now: NOW,
    };
    const answer = quick(`to answer ${source}`, STALL_MS, () => {
      try {
        return compiled.expression.evaluate(context);
      } catch (error) {
        if (error instanceof MappingError && error.cure !== '') return null;
        throw error;
      }
    });
    if (name === 'condition' && answer !== null && typeof answer !== 'boolean')
      throw new Error(`${source} is ${answer}`);
  }
}

const proofOf = (what: string, cases: Proof['cases']): Proof => ({ goal: 'T11', what, cases, file: import.meta.url });

it('random expressions are read and answered within 50 ms, or refused with a cure', async () => {
  await prove(proofOf('random expressions', [30_000, 500_000]), (chance) => {
    const source = expression(chance, 1 + below(chance, 5));
    tryOut(maybe(chance, 0.15) ? damageText(chance, source) : source, chance);
  });
}, 900_000);

it('expressions made to be slow, deep or long are too', async () => {
  await prove(proofOf('expression bombs', [1_500, 30_000]), (chance) => tryOut(bomb(chance), chance));
}, 900_000);

it('no pattern of a person is ever run', () => {
  for (const pattern of EVIL_PATTERNS) {
    const problems = createProblemList('p.yaml', '');
    const setting = { schemas: SCHEMAS, zone: 'UTC', person: () => '', isMapped: () => true, problems };
    const source = `crm.title != null && crm.title.matches(${JSON.stringify(pattern)})`;
    expect(compileCondition({ source, at: 0, place: (index) => index }, setting)).toBeNull();
    expect(problems.all()).toHaveLength(1);
  }
});
