import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JqlSyntaxError } from '../../../src/sandbox/jira/jql/lexer.ts';
import { type Clause, parseJql } from '../../../src/sandbox/jira/jql/parser.ts';

const value = (text: string, quoted = false) => ({ kind: 'value', text, quoted });
const term = (field: string, operator: string, ...operands: unknown[]) => ({ kind: 'term', field, operator, operands });

function where(jql: string) {
  return parseJql(jql).where;
}

describe('JQL clauses', () => {
  test.each([
    ['project = BUY', term('project', '=', value('BUY'))],
    ['project=BUY', term('project', '=', value('BUY'))],
    ['summary ~ "shaft seals"', term('summary', '~', value('shaft seals', true))],
    ["summary !~ 'it''", null],
    ['cf[10031] >= 12.5', term('cf[10031]', '>=', value('12.5'))],
    ['"Delivery date" <= "2026-12-31"', term('Delivery date', '<=', value('2026-12-31', true))],
    ['updated >= -5m', term('updated', '>=', value('-5m'))],
    ['updated >= 1795180202118', term('updated', '>=', value('1795180202118'))],
    ['assignee is EMPTY', term('assignee', 'is', { kind: 'empty' })],
    ['assignee is not null', term('assignee', 'is not', { kind: 'empty' })],
    ['status in ("To Do", Done)', term('status', 'in', value('To Do', true), value('Done'))],
    ['status NOT IN (Done)', term('status', 'not in', value('Done'))],
    ['assignee = currentUser()', term('assignee', '=', { kind: 'function', name: 'currentUser', args: [] })],
    ['assignee = 712020:9a77b3f0-1d2e', term('assignee', '=', value('712020:9a77b3f0-1d2e'))],
    ['summary ~ "say \\"hi\\" \\u0041"', term('summary', '~', value('say "hi" A', true))],
    ['Бюджет > 5', term('Бюджет', '>', value('5'))],
  ])('%s', (jql, tree) => {
    if (tree === null) expect(() => where(jql)).toThrow(JqlSyntaxError);
    else expect(where(jql)).toEqual(tree);
  });

  test('binds NOT before AND before OR', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => term(name, '=', value('1')));
    expect(where('a = 1 OR b = 1 AND NOT c = 1')).toEqual({
      kind: 'or',
      clauses: [a, { kind: 'and', clauses: [b, { kind: 'not', clause: c }] }],
    });
  });

  test('lets parentheses regroup, and takes the signs for the words', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => term(name, '=', value('1')));
    const grouped = {
      kind: 'and',
      clauses: [
        { kind: 'or', clauses: [a, b] },
        { kind: 'not', clause: c },
      ],
    };
    expect(where('(a = 1 OR b = 1) AND NOT (c = 1)')).toEqual(grouped);
    expect(where('(a = 1 || b = 1) && !c = 1')).toEqual(grouped);
  });

  test('keeps a chain of the same word flat', () => {
    expect(where('a = 1 and b = 1 AND c = 1')).toMatchObject({ kind: 'and', clauses: [{}, {}, {}] });
  });

  test('takes bare words for a text search', () => {
    expect(where('shaft seals')).toEqual({ kind: 'words', text: 'shaft seals' });
  });
});

describe('ORDER BY', () => {
  test('reads fields and directions', () => {
    expect(parseJql('project = BUY ORDER BY updated DESC, key asc, "Delivery date"').orderBy).toEqual([
      { field: 'updated', descending: true },
      { field: 'key', descending: false },
      { field: 'Delivery date', descending: false },
    ]);
  });

  test('may stand alone', () => {
    expect(parseJql('order by created')).toEqual({ where: null, orderBy: [{ field: 'created', descending: false }] });
  });

  test('an empty query has neither', () => {
    expect(parseJql('  ')).toEqual({ where: null, orderBy: [] });
  });
});

describe('syntax errors', () => {
  test.each([
    ['project =', /Expecting either a value, list or function before the end/],
    ['project BUY =', /Expecting operator .* but got 'BUY'/],
    ['project = BUY status = Done', /Expecting either 'OR' or 'AND' but got 'status'/],
    ['(project = BUY', /Expecting '\)'/],
    ['project in BUY', /Expecting '\('/],
    ['project in (BUY, )', /Expecting either a value/],
    ['assignee is petrov', /Expecting 'EMPTY' or 'NULL' but got 'petrov'/],
    ['summary ~ "open', /has not been completed/],
    ['summary ~ "bad \\x"', /illegal JQL escape sequence/],
    ['assignee = a@b', /'@' is a reserved JQL character/],
    ['order = 1', /'order' is a reserved JQL word/],
    ['project = BUY ORDER BY', /Expecting a field name/],
    ['AND project = BUY', /'AND' is a reserved JQL word/],
    ['status was Done', /Expecting operator/],
  ])('%s', (jql, message) => {
    expect(() => parseJql(jql)).toThrow(message);
  });

  test('names the character where it stopped', () => {
    expect(() => parseJql('project ( BUY')).toThrow(/but got '\('\. \(line 1, character 9\)/);
  });
});

describe('whatever is written', () => {
  const quoted = (text: string) =>
    JSON.stringify(text).replace(/\\[bf]/g, (sign) => (sign === '\\b' ? '\\u0008' : '\\u000c'));

  test('a quoted value comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(where(`summary ~ ${quoted(text)}`)).toEqual(term('summary', '~', value(text, true)));
      }),
      { seed: 42 },
    );
  });

  const leaf: fc.Arbitrary<Clause> = fc
    .tuple(fc.constantFrom('status', 'cf[10031]', 'Delivery date'), fc.constantFrom('=', '!=', '<='), fc.string())
    .map(([field, operator, text]) => term(field, operator, value(text, true)) as Clause);
  const { tree } = fc.letrec<{ tree: Clause }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      tie('tree').map((clause) => ({ kind: 'not', clause }) as const),
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(tie('tree'), { minLength: 2, maxLength: 3 }))
        .map(([kind, clauses]) => ({ kind, clauses }) as Clause),
    ),
  }));

  function written(clause: Clause): string {
    if (clause.kind === 'not') return `NOT (${written(clause.clause)})`;
    if (clause.kind === 'words') return clause.text;
    if (clause.kind !== 'term') return clause.clauses.map((inner) => `(${written(inner)})`).join(` ${clause.kind} `);
    const [operand] = clause.operands;
    return `${quoted(clause.field)} ${clause.operator} ${operand?.kind === 'value' ? quoted(operand.text) : 'EMPTY'}`;
  }

  test('a tree of clauses comes back as it was', () => {
    fc.assert(
      fc.property(tree, (clause) => {
        expect(where(written(clause))).toEqual(clause);
      }),
      { seed: 42 },
    );
  });

  test('anything at all either parses or is a syntax error', () => {
    const part = fc.constantFrom(
      'project',
      '=',
      '(',
      ')',
      'and',
      'not',
      'in',
      'is',
      'empty',
      '"x y"',
      '"',
      ',',
      '-5m',
      'order',
      'by',
      '~',
      '@',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          parseJql(parts.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(JqlSyntaxError);
        }
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});
