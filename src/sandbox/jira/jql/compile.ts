// A parsed query -> a test and an order over issue data, with Jira's messages for what does not exist.

import { byId, PRIORITIES } from '../schema.ts';
import { instantOf } from '../time.ts';
import type { IssueData, Person, World } from '../world.ts';
import { DATE_HELP, readJqlDate } from './dates.ts';
import { issueIdOf, type JqlField, jqlField } from './fields.ts';
import { JqlSyntaxError } from './lexer.ts';
import { type Clause, type Operand, type Operator, type Order, parseJql } from './parser.ts';

type Test = (data: IssueData) => boolean;
export type CompiledJql = {
  readonly bounded: boolean;
  readonly test: Test;
  /** A total order: id decides last. */
  readonly compare: (a: IssueData, b: IssueData) => number;
  /** The order is that of ids, upwards. */
  readonly byId: boolean;
  /** No other issues than these can pass; null where the query names none. */
  readonly within: ReadonlySet<string> | null;
  /** Grammar and operators: always 400. */
  readonly errors: readonly string[];
  /** Fields and values that do not exist: 400 or an empty answer, see settings.unknownJqlValue. */
  readonly unknown: readonly string[];
};

type Context = { world: World; caller: Person | null; errors: string[]; unknown: string[] };
const NOTHING: Test = () => false;
const COMPARE: Readonly<Record<string, (difference: number) => boolean>> = {
  '=': (d) => d === 0,
  '!=': (d) => d !== 0,
  '>': (d) => d > 0,
  '>=': (d) => d >= 0,
  '<': (d) => d < 0,
  '<=': (d) => d <= 0,
};

const zoneOf = ({ world, caller }: Context) => (caller ? world.settings.accountTimeZone : world.settings.siteTimeZone);

function unsupported(context: Context, field: JqlField, operator: Operator): Test {
  context.errors.push(`The operator '${operator}' is not supported by the '${field.name}' field.`);
  return NOTHING;
}

function missing(context: Context, field: JqlField, text: string): Test {
  context.unknown.push(`The value '${text}' does not exist for the field '${field.name}'.`);
  return NOTHING;
}

/** Operand texts; functions resolved. */
function texts(context: Context, operands: readonly Operand[]): string[] | null {
  const found: string[] = [];
  for (const operand of operands) {
    if (operand.kind === 'value') found.push(operand.text);
    else if (operand.kind === 'function' && operand.name.toLowerCase() === 'currentuser') {
      if (context.caller) found.push(context.caller.accountId);
    } else if (operand.kind === 'function') {
      context.errors.push(`Unable to find JQL function '${operand.name}(${operand.args.join(', ')})'.`);
      return null;
    } else found.push('');
  }
  return found;
}

/** `in` with EMPTY inside, `= EMPTY`, `is EMPTY`. */
function emptiness(operands: readonly Operand[]): boolean {
  return operands.some((operand) => operand.kind === 'empty');
}

function choiceTest(
  context: Context,
  field: JqlField & { kind: 'choice' },
  operator: Operator,
  operands: readonly Operand[],
): Test {
  const wantsEmpty = emptiness(operands);
  if (operator === 'is') return (data) => field.get(data).length === 0;
  if (operator === 'is not') return (data) => field.get(data).length > 0;
  const given = texts(
    context,
    operands.filter((operand) => operand.kind !== 'empty'),
  );
  if (!given) return NOTHING;
  const ids = new Set<string>();
  let lost: Test | null = null;
  for (const text of given) {
    const resolved = field.resolve(text);
    if (resolved) for (const id of resolved) ids.add(id);
    else lost = missing(context, field, text);
  }
  if (lost) return lost;
  if (operator === '=' || operator === 'in') {
    return (data) => {
      const have = field.get(data);
      return have.length === 0 ? wantsEmpty : have.some((id) => ids.has(id));
    };
  }
  // Negative operators do not find issues where the field is empty.
  if (operator === '!=' || operator === 'not in') {
    return (data) => {
      const have = field.get(data);
      return have.length > 0 && !have.some((id) => ids.has(id));
    };
  }
  if (!field.ordered || operator === '~' || operator === '!~') return unsupported(context, field, operator);
  const rank = (id: string) => PRIORITIES.length - PRIORITIES.findIndex((priority) => priority.id === id);
  const wanted = byId(PRIORITIES, [...ids][0] ?? '');
  if (!wanted) return NOTHING;
  return (data) => field.get(data).some((id) => COMPARE[operator]?.(rank(id) - rank(wanted.id)) ?? false);
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

/** Word search: every word occurs, `word*` as a prefix; an inner "phrase" as it stands. */
function textMatch(value: string, query: string): boolean {
  const phrase = /^"(.*)"$/s.exec(query.trim())?.[1];
  if (phrase !== undefined) return ` ${wordsOf(value).join(' ')} `.includes(` ${wordsOf(phrase).join(' ')} `);
  const have = wordsOf(value);
  return (query.toLowerCase().match(/[\p{L}\p{N}_]+\*?/gu) ?? []).every((word) =>
    word.endsWith('*') ? have.some((item) => item.startsWith(word.slice(0, -1))) : have.includes(word),
  );
}

function textTest(
  context: Context,
  field: JqlField & { kind: 'text' },
  operator: Operator,
  operands: readonly Operand[],
): Test {
  if (operator === 'is' || (operator === '~' && emptiness(operands))) return (data) => field.get(data) === null;
  if (operator === 'is not' || (operator === '!~' && emptiness(operands))) return (data) => field.get(data) !== null;
  if (operator !== '~' && operator !== '!~') return unsupported(context, field, operator);
  const [query] = texts(context, operands) ?? [];
  if (query === undefined) return NOTHING;
  return (data) => {
    const value = field.get(data);
    return value !== null && textMatch(value, query) === (operator === '~');
  };
}

type Amount = JqlField & { kind: 'number' | 'date' | 'datetime' };

function amountOperand(context: Context, field: Amount, operand: Operand): number | null {
  const { world } = context;
  const now = world.clock.now();
  if (operand.kind === 'function' && operand.name.toLowerCase() === 'now') return now;
  if (operand.kind === 'function' && operand.name.toLowerCase() === 'currentuser') {
    context.errors.push(`A value provided by the function 'currentUser' is invalid for the field '${field.name}'.`);
    return null;
  }
  const text = texts(context, [operand])?.[0];
  if (text === undefined) return null;
  if (field.kind === 'number') {
    if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
    context.errors.push(`The value '${text}' provided for the field '${field.name}' is not a number.`);
    return null;
  }
  const quoted = operand.kind === 'value' && operand.quoted;
  const ms = readJqlDate(text, quoted, {
    now,
    zone: zoneOf(context),
    epochPrecision: world.settings.jqlEpochPrecision,
  });
  if (ms === null) context.errors.push(`Date value '${text}' for field '${field.name}' is invalid. ${DATE_HELP}`);
  return ms;
}

function amountTest(context: Context, field: Amount, operator: Operator, operands: readonly Operand[]): Test {
  const zone = zoneOf(context);
  const get = (data: IssueData): number | null => {
    const value = field.get(data);
    return typeof value === 'string' ? instantOf(Date.parse(`${value}T00:00:00Z`), zone) : value;
  };
  if (operator === 'is') return (data) => get(data) === null;
  if (operator === 'is not') return (data) => get(data) !== null;
  if (operator === '~' || operator === '!~') return unsupported(context, field, operator);
  const wantsEmpty = emptiness(operands);
  const wanted: number[] = [];
  for (const operand of operands) {
    if (operand.kind === 'empty') continue;
    const value = amountOperand(context, field, operand);
    if (value === null) return NOTHING;
    wanted.push(value);
  }
  const positive = operator === '=' || operator === 'in';
  const negative = operator === '!=' || operator === 'not in';
  return (data) => {
    const value = get(data);
    if (value === null) return positive && wantsEmpty;
    if (positive) return wanted.includes(value);
    if (negative) return !wanted.includes(value);
    return wanted.some((other) => COMPARE[operator]?.(value - other) ?? false);
  };
}

function issueTest(context: Context, field: JqlField, operator: Operator, operands: readonly Operand[]): Test {
  if (operator === '~' || operator === '!~') return unsupported(context, field, operator);
  if (operator === 'is') return NOTHING;
  if (operator === 'is not') return () => true;
  const given = texts(context, operands);
  if (!given) return NOTHING;
  const ids = new Set<string>();
  for (const text of given) {
    const id = issueIdOf(context.world, context.caller, text);
    if (id !== null) ids.add(id);
    else if (/^\d+$/.test(text))
      context.unknown.push(`A value with ID '${text}' does not exist for the field '${field.name}'.`);
    else context.unknown.push(`An issue with key '${text}' does not exist for field '${field.name}'.`);
  }
  if (operator === '=' || operator === 'in') return (data) => ids.has(data.id);
  if (operator === '!=' || operator === 'not in') return (data) => !ids.has(data.id);
  const [wanted] = ids;
  return (data) => wanted !== undefined && (COMPARE[operator]?.(Number(data.id) - Number(wanted)) ?? false);
}

function testOf(context: Context, clause: Clause): Test {
  switch (clause.kind) {
    case 'and': {
      const tests = clause.clauses.map((inner) => testOf(context, inner));
      return (data) => tests.every((test) => test(data));
    }
    case 'or': {
      const tests = clause.clauses.map((inner) => testOf(context, inner));
      return (data) => tests.some((test) => test(data));
    }
    case 'not': {
      const test = testOf(context, clause.clause);
      return (data) => !test(data);
    }
    case 'words':
      return NOTHING;
    case 'term': {
      const field = jqlField(context.world, context.caller, clause.field);
      if (!field) {
        context.unknown.push(`Field '${clause.field}' does not exist or you do not have permission to view it.`);
        return NOTHING;
      }
      const { operator, operands } = clause;
      if (field.kind === 'choice') return choiceTest(context, field, operator, operands);
      if (field.kind === 'text') return textTest(context, field, operator, operands);
      if (field.kind === 'issue') return issueTest(context, field, operator, operands);
      return amountTest(context, field, operator, operands);
    }
  }
}

/** The issues that a conjunction names, before anything else is asked of them. */
function namedIn(context: Context, clause: Clause | null): ReadonlySet<string> | null {
  if (clause?.kind === 'and') {
    for (const inner of clause.clauses) {
      const named = namedIn(context, inner);
      if (named !== null) return named;
    }
  }
  if (clause?.kind !== 'term' || (clause.operator !== '=' && clause.operator !== 'in')) return null;
  const { world, caller } = context;
  if (jqlField(world, caller, clause.field)?.kind !== 'issue') return null;
  const found = (texts(context, clause.operands) ?? []).map((text) => issueIdOf(world, caller, text));
  return new Set(found.filter((id) => id !== null));
}

type Sort = (data: IssueData) => string | number | null;

function sortOf(context: Context, order: Order): Sort {
  const field = jqlField(context.world, context.caller, order.field);
  if (!field) {
    context.unknown.push(`Field '${order.field}' does not exist or this field cannot be viewed by anonymous users.`);
    return () => null;
  }
  if (field.kind === 'choice') return field.sort;
  if (field.kind === 'issue') return (data) => Number(data.id);
  return field.get;
}

/** Empty values come last upwards and first downwards. */
function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

export function compileJql(world: World, caller: Person | null, jql: string): CompiledJql {
  const context: Context = { world, caller, errors: [], unknown: [] };
  try {
    const { where, orderBy } = parseJql(jql);
    const test = where ? testOf(context, where) : () => true;
    if (orderBy.length > 7) context.errors.push('JQL can be ordered by at most 7 fields.');
    const sorts = orderBy.map((order) => ({ sort: sortOf(context, order), sign: order.descending ? -1 : 1 }));
    const byNewest = sorts.length === 0 ? -1 : 1;
    const compare = (a: IssueData, b: IssueData) => {
      for (const { sort, sign } of sorts) {
        const difference = compareValues(sort(a), sort(b));
        if (difference !== 0) return difference * sign;
      }
      return (Number(a.id) - Number(b.id)) * byNewest;
    };
    const [first] = orderBy;
    const byId = first !== undefined && !first.descending && jqlField(world, caller, first.field)?.kind === 'issue';
    const { errors, unknown } = context;
    // A query with mistakes is answered without looking at issues.
    const within = errors.length + unknown.length > 0 ? null : namedIn(context, where);
    return { bounded: where !== null, test, compare, byId, within, errors, unknown };
  } catch (error) {
    if (!(error instanceof JqlSyntaxError)) throw error;
    return {
      bounded: true,
      test: NOTHING,
      compare: () => 0,
      byId: false,
      within: null,
      errors: [error.message],
      unknown: [],
    };
  }
}
