import type { ASTNode } from '@marcbachmann/cel-js';
import { nearest, quoted, suggest } from '../nearest.ts';
import { type Facts, type Typed, textOf, type Walk } from './expression-types.ts';
import { civilDay, DAY_MS, type Kind, type Raw } from './expression-values.ts';

type Pair = { readonly left: Typed; readonly right: Typed };

/** Comparison, arithmetic and `in`. */
export function checkBinary(walk: Walk, node: ASTNode, facts: Facts, bound: string | null): Typed | null {
  const [first, second] = node.args as [ASTNode, ASTNode];
  const left = walk.visit(first, facts, bound);
  const right = walk.visit(second, facts, bound);
  if (left === null || right === null) return null;
  if (node.op === 'in') return membership(walk, node, { left, right });
  const pair = datesOf(walk, node, { left, right });
  if (pair === null) return null;
  if (node.op === '==' || node.op === '!=') return equality(walk, node, pair);
  const result = resultOf(node.op, pair.left.kind, pair.right.kind);
  if (result === null) {
    walk.report(
      node.start,
      `\`${node.op}\` is not defined for a ${pair.left.kind} and a ${pair.right.kind}.`,
      cureFor(node.op, pair),
    );
    return null;
  }
  if (!present(walk, first, pair.left, node) || !present(walk, second, pair.right, node)) return null;
  const compute = OPERATIONS[node.op];
  if (compute === undefined) return null;
  return { kind: result, nullable: false, run: (scope) => compute(pair.left.run(scope), pair.right.run(scope)) };
}

type Ordered = number | string;

const OPERATIONS: Readonly<Record<string, (a: Raw, b: Raw) => Raw>> = {
  '<': (a, b) => (a as Ordered) < (b as Ordered),
  '<=': (a, b) => (a as Ordered) <= (b as Ordered),
  '>': (a, b) => (a as Ordered) > (b as Ordered),
  '>=': (a, b) => (a as Ordered) >= (b as Ordered),
  '+': (a, b) => (typeof a === 'string' ? a + String(b) : (a as number) + (b as number)),
  '-': (a, b) => (a as number) - (b as number),
  '*': (a, b) => (a as number) * (b as number),
  '/': (a, b) => (a as number) / (b as number),
  '%': (a, b) => (a as number) % (b as number),
};

function resultOf(op: string, left: Kind, right: Kind): Kind | null {
  const dates = left === 'date' || left === 'datetime';
  switch (op) {
    case '<':
    case '<=':
    case '>':
    case '>=':
      return left === right && (left === 'number' || left === 'text' || left === 'days' || dates) ? 'boolean' : null;
    case '+':
      if (isText(left) && isText(right)) return 'text';
      if (left === right && (left === 'number' || left === 'days')) return left;
      if (dates && right === 'days') return left;
      return left === 'days' && (right === 'date' || right === 'datetime') ? right : null;
    case '-':
      if (left === right && (left === 'number' || left === 'days')) return left;
      if (left === right && dates) return 'days';
      return dates && right === 'days' ? left : null;
    default:
      return left === 'number' && right === 'number' ? 'number' : null;
  }
}

function cureFor(op: string, { left, right }: Pair): string {
  const kinds = [left.kind, right.kind];
  if (kinds.includes('null')) return 'Compare with `== null` or `!= null`.';
  if (op === '+' && kinds.some(isText)) return 'Turn the other value into a text with `string(…)`.';
  if (kinds.includes('record')) return 'Name a field of it, for example `crm.title`.';
  if ((kinds.includes('date') || kinds.includes('datetime')) && kinds.includes('number'))
    return 'Write a number of days as `days(30)`.';
  if (kinds.includes('date') && kinds.includes('datetime')) return 'Compare dates with `today` and times with `now`.';
  if (kinds.includes('label')) return 'Options have no order; use `==`, `!=` or `in [...]`.';
  return 'Use two values of the same kind.';
}

/** An ordered or computed value must not be empty: there is no answer for it. */
function present(walk: Walk, operand: ASTNode, typed: Typed, whole: ASTNode): boolean {
  if (!typed.nullable) return true;
  const text = textOf(walk.source, operand);
  const all = textOf(walk.source, whole);
  const ordered = ['<', '<=', '>', '>='].includes(whole.op);
  const guarded = ordered
    ? `Write \`${text} != null && ${all}\` (or \`${text} == null || ${all}\`).`
    : `Write \`${text} != null && …\` before it, or \`${text} == null ? null : ${all}\`.`;
  const cure = typed.path === undefined ? 'Make sure before that it is not `null`.' : guarded;
  walk.report(operand.start, `\`${text}\` may be empty, and \`${all}\` has no answer then.`, cure);
  return false;
}

function equality(walk: Walk, node: ASTNode, { left, right }: Pair): Typed | null {
  if (!comparable(left, right)) {
    const same = node.op === '==' ? 'never' : 'always';
    const cure =
      left.kind === 'list' || right.kind === 'list' ? 'Use `"x" in list`.' : cureFor(node.op, { left, right });
    walk.report(node.start, `This is ${same} true: a ${left.kind} is compared with a ${right.kind}.`, cure);
    return null;
  }
  const [first, second] = node.args as [ASTNode, ASTNode];
  if (!knownLabel(walk, second, right.literal, left) || !knownLabel(walk, first, left.literal, right)) return null;
  const wanted = node.op === '==';
  return { kind: 'boolean', nullable: false, run: (scope) => (left.run(scope) === right.run(scope)) === wanted };
}

function comparable(left: Typed, right: Typed): boolean {
  if (left.kind === 'list' || right.kind === 'list') return false;
  if (left.kind === 'null' || right.kind === 'null') return true;
  if (left.kind === 'record' || right.kind === 'record') return false;
  return left.kind === right.kind || (isText(left.kind) && isText(right.kind));
}

function membership(walk: Walk, node: ASTNode, { left, right }: Pair): Typed | null {
  const [first, second] = node.args as [ASTNode, ASTNode];
  if (right.kind !== 'list' || !isText(left.kind)) {
    walk.report(
      node.start,
      '`in` asks whether a text is in a list.',
      'Write `crm.stage in ["Новая", "В работе"]` or `"x" in crm["Метки"]`.',
    );
    return null;
  }
  const literals = second.op === 'list' ? (second.args as readonly ASTNode[]) : [];
  let known = knownLabel(walk, first, left.literal, right);
  for (const item of literals) {
    if (item.op === 'value' && typeof item.args === 'string') known = knownLabel(walk, item, item.args, left) && known;
  }
  if (!known) return null;
  return {
    kind: 'boolean',
    nullable: false,
    run: (scope) => (right.run(scope) as readonly string[]).includes(left.run(scope) as string),
  };
}

/** A text that is compared with options must be one of them, or the comparison would quietly never hold. */
function knownLabel(walk: Walk, node: ASTNode, literal: string | undefined, against: Typed): boolean {
  if (literal === undefined || against.labels === undefined || against.labels.includes(literal)) return true;
  const name = against.field === undefined ? 'the field' : quoted(against.field.schema.label);
  const close = nearest(literal, against.labels, 1)[0];
  const cure =
    close === undefined
      ? suggest(literal, against.labels, 'Write an option as the product shows it.')
      : `Did you mean ${quoted(close)}?`;
  walk.report(node.start, `${quoted(literal)} is not an option of ${name}.`, cure);
  return false;
}

/** A text in quotes beside a date or a time is one: `crm.closedate > "2026-01-31"`. */
function datesOf(walk: Walk, node: ASTNode, pair: Pair): Pair | null {
  const [first, second] = node.args as [ASTNode, ASTNode];
  const right = dateOf(walk, second, pair.right, pair.left.kind);
  const left = dateOf(walk, first, pair.left, pair.right.kind);
  return left === null || right === null ? null : { left, right };
}

function dateOf(walk: Walk, node: ASTNode, typed: Typed, other: Kind): Typed | null {
  if (typed.literal === undefined || (other !== 'date' && other !== 'datetime')) return typed;
  const parsed = other === 'date' ? civilDay(typed.literal) : instant(typed.literal);
  if (parsed !== null) return { kind: other, nullable: false, run: () => parsed };
  walk.report(
    node.start,
    `${quoted(typed.literal)} is not a ${other === 'date' ? 'date' : 'time'}.`,
    other === 'date' ? 'Write `"2026-01-31"`.' : 'Write `"2026-01-31T09:00:00Z"`.',
  );
  return null;
}

function instant(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms / DAY_MS;
}

export function isText(kind: Kind): boolean {
  return kind === 'text' || kind === 'label';
}
