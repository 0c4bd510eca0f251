// Tokens -> syntax tree. Precedence: NOT, AND, OR.

import { JqlSyntaxError, type Token, tokenize } from './lexer.ts';

export type Operator = '=' | '!=' | '~' | '!~' | '>' | '>=' | '<' | '<=' | 'in' | 'not in' | 'is' | 'is not';

export type Operand =
  | { readonly kind: 'value'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly string[] };

export type Clause =
  | { readonly kind: 'and' | 'or'; readonly clauses: readonly Clause[] }
  | { readonly kind: 'not'; readonly clause: Clause }
  | {
      readonly kind: 'term';
      readonly field: string;
      readonly operator: Operator;
      readonly operands: readonly Operand[];
    }
  /** Bare words: a text search. */
  | { readonly kind: 'words'; readonly text: string };

export type Order = { readonly field: string; readonly descending: boolean };
export type Query = { readonly where: Clause | null; readonly orderBy: readonly Order[] };

const COMPARISONS = ['=', '!=', '~', '!~', '>', '>=', '<', '<='];
const RESERVED = ['and', 'or', 'not', 'in', 'is', 'empty', 'null', 'order', 'by', 'was', 'changed'];

export function parseJql(jql: string): Query {
  const tokens = tokenize(jql);
  let at = 0;

  const peek = (): Token | undefined => tokens[at];
  const isWord = (word: string, ahead = 0) => {
    const token = tokens[at + ahead];
    return token?.kind === 'word' && token.value.toLowerCase() === word;
  };
  const isSign = (...signs: string[]) => {
    const token = peek();
    return token?.kind === 'sign' && signs.includes(token.value);
  };

  function fail(expected: string): never {
    const token = peek();
    if (!token) throw new JqlSyntaxError(`Error in the JQL Query: ${expected} before the end of the query.`);
    throw new JqlSyntaxError(
      `Error in the JQL Query: ${expected} but got '${token.value}'. (line 1, character ${token.at})`,
    );
  }

  function takeSign(sign: string, expected: string): void {
    if (!isSign(sign)) fail(expected);
    at++;
  }

  function fieldName(): string {
    const token = peek();
    if (!token || token.kind === 'sign') fail('Expecting a field name at the start of a clause');
    if (token.kind === 'word' && RESERVED.includes(token.value.toLowerCase())) {
      throw new JqlSyntaxError(
        `Error in the JQL Query: '${token.value}' is a reserved JQL word. You must surround it in quotation marks to use it in a query. (line 1, character ${token.at})`,
      );
    }
    at++;
    return token.value;
  }

  function operator(): Operator {
    const token = peek();
    if (token?.kind === 'sign' && COMPARISONS.includes(token.value)) {
      at++;
      return token.value as Operator;
    }
    if (isWord('not') && isWord('in', 1)) {
      at += 2;
      return 'not in';
    }
    if (isWord('in')) {
      at++;
      return 'in';
    }
    if (isWord('is')) {
      at++;
      if (!isWord('not')) return 'is';
      at++;
      return 'is not';
    }
    return fail(
      "Expecting operator (the valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT')",
    );
  }

  function operand(): Operand {
    const token = peek();
    if (!token || token.kind === 'sign') fail('Expecting either a value, list or function');
    if (isWord('empty') || isWord('null')) {
      at++;
      return { kind: 'empty' };
    }
    at++;
    if (token.kind === 'text') return { kind: 'value', text: token.value, quoted: true };
    if (!isSign('(')) {
      if (RESERVED.includes(token.value.toLowerCase())) {
        at--;
        fail('Expecting either a value, list or function');
      }
      return { kind: 'value', text: token.value, quoted: false };
    }
    at++;
    const args: string[] = [];
    while (!isSign(')')) {
      const arg = peek();
      if (!arg || arg.kind === 'sign') fail("Expecting ')'");
      args.push(arg.value);
      at++;
      if (isSign(',')) at++;
      else if (!isSign(')')) fail("Expecting ')'");
    }
    at++;
    return { kind: 'function', name: token.value, args };
  }

  function operandList(): Operand[] {
    takeSign('(', "Expecting '('");
    const operands = [operand()];
    while (isSign(',')) {
      at++;
      operands.push(operand());
    }
    takeSign(')', "Expecting ')' or ','");
    return operands;
  }

  function term(): Clause {
    const field = fieldName();
    const used = operator();
    if (used === 'in' || used === 'not in') {
      const single = peek()?.kind === 'word' && tokens[at + 1]?.value === '(';
      return { kind: 'term', field, operator: used, operands: single ? [operand()] : operandList() };
    }
    const value = operand();
    if ((used === 'is' || used === 'is not') && value.kind !== 'empty') {
      at--;
      fail("Expecting 'EMPTY' or 'NULL'");
    }
    return { kind: 'term', field, operator: used, operands: [value] };
  }

  function unary(): Clause {
    if (isWord('not') || isSign('!')) {
      at++;
      return { kind: 'not', clause: unary() };
    }
    if (!isSign('(')) return term();
    at++;
    const inner = either();
    takeSign(')', "Expecting ')'");
    return inner;
  }

  function chain(kind: 'and' | 'or', signs: string[], next: () => Clause): Clause {
    const clauses = [next()];
    while (isWord(kind) || isSign(...signs)) {
      at++;
      clauses.push(next());
    }
    const [only] = clauses;
    return clauses.length === 1 && only ? only : { kind, clauses };
  }
  const both = (): Clause => chain('and', ['&&', '&'], unary);
  const either = (): Clause => chain('or', ['||', '|'], both);

  function orders(): Order[] {
    at += 2;
    const orderBy: Order[] = [];
    for (;;) {
      const field = fieldName();
      const descending = isWord('desc');
      if (descending || isWord('asc')) at++;
      orderBy.push({ field, descending });
      if (!isSign(',')) return orderBy;
      at++;
    }
  }

  const startsOrder = () => isWord('order') && isWord('by', 1);
  const end = tokens.findIndex(
    (token, i) => token.value.toLowerCase() === 'order' && tokens[i + 1]?.value.toLowerCase() === 'by',
  );
  const head = end < 0 ? tokens : tokens.slice(0, end);
  let where: Clause | null = null;
  const bare = head.every((token) => token.kind !== 'sign' && !RESERVED.includes(token.value.toLowerCase()));
  if (head.length > 0 && bare) {
    where = { kind: 'words', text: head.map((token) => token.value).join(' ') };
    at = head.length;
  } else if (!startsOrder() && tokens.length > 0) where = either();
  const orderBy = startsOrder() ? orders() : [];
  if (at < tokens.length) fail("Expecting either 'OR' or 'AND'");
  return { where, orderBy };
}
