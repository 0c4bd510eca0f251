// Checks a CEL tree against both schemas and compiles it on the way. Every field may be empty: an operation that has no
// answer for an empty value is refused unless the expression has established before that it is not.
import type { ASTNode } from '@marcbachmann/cel-js';
import type { FieldSchema, Side } from '../model.ts';
import { quoted, suggest } from '../nearest.ts';
import { checkCall, checkMethod } from './expression-functions.ts';
import { checkBinary } from './expression-operators.ts';
import { type Facts, type Report, type Typed, textOf, type Walk } from './expression-types.ts';
import { kindOfField } from './expression-values.ts';
import { resolveField } from './resolve-field.ts';

export type Checker = {
  check(tree: ASTNode): Typed | null;
  uses(): readonly { readonly side: Side; readonly field: FieldSchema }[];
  /** The answer may change by the mere passing of time. */
  timed(): boolean;
};

export function createChecker(
  source: string,
  schemas: Readonly<Record<Side, readonly FieldSchema[]>>,
  isMapped: (side: Side, id: string) => boolean,
  report: Report,
): Checker {
  const used = new Map<string, { side: Side; field: FieldSchema }>();
  const seen = new Map<ASTNode, Typed>();
  let timed = false;
  const walk: Walk = { source, report, visit, needsBase };

  // The base holds what the lines of `fields` settled, and nothing else.
  function needsBase(side: Side, field: FieldSchema, index: number): void {
    if (isMapped(side, field.id)) return;
    report(
      index,
      `${quoted(field.label)} is not in \`fields\`, so its old value is not kept.`,
      'Add it to `fields`, or compare its present value only.',
    );
  }

  function visit(node: ASTNode, facts: Facts, bound: string | null): Typed | null {
    const typed = inspect(node, facts, bound);
    if (typed === null) return null;
    const known = typed.path !== undefined && facts.has(typed.path) ? { ...typed, nullable: false } : typed;
    seen.set(node, known);
    return known;
  }

  function inspect(node: ASTNode, facts: Facts, bound: string | null): Typed | null {
    switch (node.op) {
      case 'value':
        return literal(node.args, node.start, report);
      case 'id':
        return variable(node.args, node.start, bound);
      case '.':
        return access(node.args[0], node.args[1], node.pos, facts, bound);
      case '[]':
        return bracket(node.args[0], node.args[1], facts, bound);
      case 'list':
        return list(node.args, node.start, facts, bound);
      case '!_':
        return negate(node.args, facts, bound);
      case '-_':
        return minus(node.args, facts, bound);
      case '&&':
      case '||':
        return logical(node, facts, bound);
      case '?:':
        return ternary(node, facts, bound);
      case 'call':
        return checkCall(walk, node, facts, bound);
      case 'rcall':
        return checkMethod(walk, node, facts, bound);
      case 'map':
      case '.?':
      case '[?]':
        report(
          node.start,
          'Maps and optional access are not part of profile expressions.',
          'Use fields, texts, numbers and lists.',
        );
        return null;
      default:
        return checkBinary(walk, node, facts, bound);
    }
  }

  function variable(name: string, index: number, bound: string | null): Typed | null {
    if (name === bound) return { kind: 'text', nullable: false, run: (scope) => scope.bound };
    if (name === 'jira' || name === 'crm') {
      return {
        kind: 'record',
        nullable: true,
        record: { side: name, old: false },
        run: (scope) => scope.exists(name, false) || null,
      };
    }
    timed ||= name === 'now' || name === 'today';
    if (name === 'now') return { kind: 'datetime', nullable: false, run: (scope) => scope.now };
    if (name === 'today') return { kind: 'date', nullable: false, run: (scope) => scope.today };
    if (name === 'old') report(index, '`old` alone has no value.', 'Write `old.crm.<field>` or `old.jira.<field>`.');
    else
      report(
        index,
        `${quoted(name)} is not a name that expressions know.`,
        suggest(name, ['jira', 'crm', 'old', 'now', 'today'], ''),
      );
    return null;
  }

  function access(left: ASTNode, name: string, index: number, facts: Facts, bound: string | null): Typed | null {
    if (left.op === 'id' && left.args === 'old' && bound !== 'old') {
      if (name === 'jira' || name === 'crm') {
        return {
          kind: 'record',
          nullable: true,
          record: { side: name, old: true },
          run: (scope) => scope.exists(name, true) || null,
        };
      }
      report(index, `${quoted(name)} is not a side.`, 'Write `old.jira` or `old.crm`.');
      return null;
    }
    const record = visit(left, facts, bound);
    if (record === null) return null;
    if (record.record === undefined) {
      report(
        index,
        `A ${record.kind} has no ${quoted(name)}.`,
        'Fields belong to `jira`, `crm`, `old.jira` and `old.crm`.',
      );
      return null;
    }
    return field(record.record, name, index);
  }

  function bracket(left: ASTNode, right: ASTNode, facts: Facts, bound: string | null): Typed | null {
    const record = visit(left, facts, bound);
    if (record === null) return null;
    if (record.record !== undefined && right.op === 'value' && typeof right.args === 'string')
      return field(record.record, right.args, right.start);
    if (record.record !== undefined)
      report(right.start, 'A field name must be a text in quotes.', 'Write for example `crm["Дата оплаты"]`.');
    else
      report(
        right.start,
        'Sets have no order, so their elements have no number.',
        'Use `"x" in list`, or `list.exists(x, x == "…")`.',
      );
    return null;
  }

  function field(record: { side: Side; old: boolean }, name: string, index: number): Typed | null {
    const { side, old } = record;
    const found = resolveField(name, side, schemas[side]);
    if (found.field === null) {
      report(index, found.message, found.cure);
      return null;
    }
    const schema = found.field;
    const kind = kindOfField(schema);
    if (kind === null) {
      report(index, `${quoted(schema.label)} is of a kind that expressions cannot use.`, 'Use another field.');
      return null;
    }
    if (old) needsBase(side, schema, index);
    used.set(`${side}:${schema.id}`, { side, field: schema });
    const labels = schema.options?.map((option) => option.label);
    return {
      kind,
      nullable: kind !== 'list',
      path: `${old ? 'old.' : ''}${side}:${schema.id}`,
      field: { side, old, schema },
      ...(labels === undefined || schema.type === 'user' ? {} : { labels }),
      // An empty set is stored as null; here it is a list without elements.
      run:
        kind === 'list' ? (scope) => scope.field(side, old, schema) ?? [] : (scope) => scope.field(side, old, schema),
    };
  }

  function list(items: readonly ASTNode[], index: number, facts: Facts, bound: string | null): Typed | null {
    const found = items.map((item) => visit(item, facts, bound));
    if (found.some((item) => item === null)) return null;
    const typed = found as Typed[];
    if (typed.some((item) => item.literal === undefined)) {
      report(index, 'A list may hold only texts in quotes.', 'Write for example `crm.stage in ["Новая", "В работе"]`.');
      return null;
    }
    const texts = typed.map((item) => item.literal ?? '');
    return { kind: 'list', nullable: false, run: () => texts };
  }

  function negate(inner: ASTNode, facts: Facts, bound: string | null): Typed | null {
    const typed = condition(inner, facts, bound);
    return typed === null ? null : { kind: 'boolean', nullable: false, run: (scope) => typed.run(scope) !== true };
  }

  function minus(inner: ASTNode, facts: Facts, bound: string | null): Typed | null {
    const typed = visit(inner, facts, bound);
    if (typed === null) return null;
    if ((typed.kind === 'number' || typed.kind === 'days') && !typed.nullable)
      return { kind: typed.kind, nullable: false, run: (scope) => -(typed.run(scope) as number) };
    report(
      inner.start,
      '`-` needs a number that is not empty.',
      `Write \`${textOf(source, inner)} != null && …\` before it.`,
    );
    return null;
  }

  /** A boolean that cannot be null. */
  function condition(node: ASTNode, facts: Facts, bound: string | null): Typed | null {
    const typed = visit(node, facts, bound);
    if (typed === null) return null;
    const text = textOf(source, node);
    if (typed.kind !== 'boolean')
      report(node.start, `\`${text}\` is not a condition.`, `Compare it, for example \`${text} != null\`.`);
    else if (typed.nullable)
      report(node.start, `\`${text}\` may be empty, and is then neither true nor false.`, `Write \`${text} == true\`.`);
    else return typed;
    return null;
  }

  function logical(node: ASTNode & { op: '&&' | '||' }, facts: Facts, bound: string | null): Typed | null {
    const [first, second] = node.args as [ASTNode, ASTNode];
    const and = node.op === '&&';
    const left = condition(first, facts, bound);
    const right = condition(second, new Set([...facts, ...established(first, and)]), bound);
    if (left === null || right === null) return null;
    if (and)
      return {
        kind: 'boolean',
        nullable: false,
        run: (scope) => left.run(scope) === true && right.run(scope) === true,
      };
    return { kind: 'boolean', nullable: false, run: (scope) => left.run(scope) === true || right.run(scope) === true };
  }

  function ternary(node: ASTNode & { op: '?:' }, facts: Facts, bound: string | null): Typed | null {
    const [question, yes, no] = node.args as [ASTNode, ASTNode, ASTNode];
    const test = condition(question, facts, bound);
    const left = visit(yes, new Set([...facts, ...established(question, true)]), bound);
    const right = visit(no, new Set([...facts, ...established(question, false)]), bound);
    if (test === null || left === null || right === null) return null;
    const kind = unify(left.kind, right.kind);
    if (kind === null) {
      report(
        node.start,
        `The two answers are a ${left.kind} and a ${right.kind}.`,
        'Make both answers the same kind of value, or `null`.',
      );
      return null;
    }
    return {
      kind,
      nullable: left.nullable || right.nullable,
      run: (scope) => (test.run(scope) === true ? left : right).run(scope),
    };
  }

  /** Paths that cannot be null once `node` has turned out `truth`. */
  function established(node: ASTNode, truth: boolean): readonly string[] {
    if (node.op === '!_') return established(node.args, !truth);
    if (node.op === '&&' || node.op === '||') {
      const [left, right] = node.args as [ASTNode, ASTNode];
      // `a && b` true: both hold. False: a is false, or a is true and b false. `||` mirrors it.
      const both = truth === (node.op === '&&');
      if (both) return [...established(left, truth), ...established(right, truth)];
      const other = new Set([...established(left, !truth), ...established(right, truth)]);
      return established(left, truth).filter((path) => other.has(path));
    }
    if (node.op === 'in' && truth) return pathOf(node.args[0]);
    if (node.op !== '==' && node.op !== '!=') return [];
    const [left, right] = node.args as [ASTNode, ASTNode];
    const nullSide = isNull(left) ? right : isNull(right) ? left : null;
    if (nullSide !== null) return truth === (node.op === '!=') ? pathOf(nullSide) : [];
    if (truth !== (node.op === '==')) return [];
    if (seen.get(right)?.nullable === false) return pathOf(left);
    return seen.get(left)?.nullable === false ? pathOf(right) : [];
  }

  function pathOf(node: ASTNode): readonly string[] {
    const path = seen.get(node)?.path;
    return path === undefined ? [] : [path];
  }

  return { check: (tree) => visit(tree, new Set(), null), timed: () => timed, uses: () => [...used.values()] };
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null;
}

function literal(value: unknown, index: number, report: Report): Typed | null {
  if (value === null) return { kind: 'null', nullable: true, run: () => null };
  if (typeof value === 'boolean') return { kind: 'boolean', nullable: false, run: () => value };
  if (typeof value === 'string') return { kind: 'text', nullable: false, literal: value, run: () => value };
  if (typeof value === 'number' || typeof value === 'bigint') {
    const number = Number(value);
    return { kind: 'number', nullable: false, run: () => number };
  }
  report(index, 'Bytes and unsigned numbers are not part of profile expressions.', 'Write a plain text or number.');
  return null;
}

function unify(a: Typed['kind'], b: Typed['kind']): Typed['kind'] | null {
  if (a === b) return a;
  if (a === 'null') return b;
  if (b === 'null') return a;
  if ((a === 'text' && b === 'label') || (a === 'label' && b === 'text')) return 'text';
  return null;
}
