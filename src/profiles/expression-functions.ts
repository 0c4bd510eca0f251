import type { ASTNode } from '@marcbachmann/cel-js';
import { quoted, suggest } from '../nearest.ts';
import { isText } from './expression-operators.ts';
import { type Facts, type Typed, textOf, type Walk } from './expression-types.ts';
import { civilText, DAY_MS, decimalText, type Kind, type Raw } from './expression-values.ts';

const FUNCTIONS = ['changed', 'days', 'size', 'string'];
const METHODS = ['contains', 'startsWith', 'endsWith', 'exists', 'all'];

/** `changed(x)`, `days(n)`, `size(x)`, `string(x)`. */
export function checkCall(
  walk: Walk,
  node: ASTNode & { op: 'call' },
  facts: Facts,
  bound: string | null,
): Typed | null {
  const [name, args] = node.args;
  const [only] = args;
  if (!FUNCTIONS.includes(name)) {
    const cure = name === 'has' ? 'Write `x != null`.' : suggest(name, FUNCTIONS, '');
    walk.report(node.start, `\`${name}()\` is not a function of profile expressions.`, cure);
    return null;
  }
  if (only === undefined || args.length !== 1) {
    walk.report(
      node.start,
      `\`${name}()\` takes one value.`,
      `Write for example \`${name}(${name === 'days' ? '30' : 'crm.stage'})\`.`,
    );
    return null;
  }
  const typed = walk.visit(only, facts, bound);
  if (typed === null) return null;
  if (name === 'changed') return changed(walk, only, typed);
  const text = textOf(walk.source, only);
  if (typed.nullable) {
    walk.report(
      only.start,
      `\`${text}\` may be empty, and \`${textOf(walk.source, node)}\` has no answer then.`,
      `Write \`${text} != null && …\` before it.`,
    );
    return null;
  }
  if (name === 'days' && typed.kind === 'number') return { kind: 'days', nullable: false, run: typed.run };
  if (name === 'size' && (typed.kind === 'list' || isText(typed.kind))) {
    return { kind: 'number', nullable: false, run: (scope) => (typed.run(scope) as string | readonly string[]).length };
  }
  if (name === 'string' && typed.kind !== 'list' && typed.kind !== 'record') {
    return { kind: 'text', nullable: false, run: (scope) => asText(typed.run(scope), typed.kind) };
  }
  walk.report(
    only.start,
    `\`${name}()\` does not take a ${typed.kind}.`,
    name === 'days' ? 'Give it a number: `days(30)`.' : 'Give it a field with one value.',
  );
  return null;
}

function changed(walk: Walk, node: ASTNode, typed: Typed): Typed | null {
  const { field } = typed;
  if (field === undefined || field.old) {
    walk.report(node.start, '`changed()` takes a field as it is now.', 'Write for example `changed(crm.stage)`.');
    return null;
  }
  walk.needsBase(field.side, field.schema, node.start);
  return { kind: 'boolean', nullable: false, run: (scope) => scope.changed(field.side, field.schema) };
}

function asText(raw: Raw, kind: Kind): string {
  if (typeof raw !== 'number') return String(raw);
  if (kind === 'date') return civilText(raw);
  return kind === 'datetime' ? new Date(Math.round(raw * DAY_MS)).toISOString() : decimalText(raw);
}

/** `text.contains("…")` and its like, `list.exists(x, …)`, `list.all(x, …)`. */
export function checkMethod(
  walk: Walk,
  node: ASTNode & { op: 'rcall' },
  facts: Facts,
  bound: string | null,
): Typed | null {
  const [name, receiver, args] = node.args;
  if (!METHODS.includes(name)) {
    // `matches` would run a pattern of the profile's author with a backtracking engine.
    const cure = name === 'matches' ? 'Use `contains`, `startsWith` or `endsWith`.' : suggest(name, METHODS, '');
    walk.report(receiver.end, `\`.${name}()\` is not part of profile expressions.`, cure);
    return null;
  }
  if (name === 'exists' || name === 'all') return comprehension(walk, node, facts, bound);
  const left = walk.visit(receiver, facts, bound);
  const [only] = args;
  const right = only === undefined ? null : walk.visit(only, facts, bound);
  if (only === undefined || args.length !== 1)
    walk.report(node.start, `\`.${name}()\` takes one text.`, `Write \`.${name}("…")\`.`);
  if (left === null || right === null || only === undefined) return null;
  for (const [part, typed] of [
    [receiver, left],
    [only, right],
  ] as const) {
    const text = textOf(walk.source, part);
    if (!isText(typed.kind)) {
      walk.report(
        part.start,
        `\`${text}\` is a ${typed.kind}, not a text.`,
        typed.kind === 'list' ? 'Write `"x" in list`.' : 'Use it on a text field.',
      );
      return null;
    }
    if (typed.nullable) {
      walk.report(
        part.start,
        `\`${text}\` may be empty, and \`.${name}()\` has no answer then.`,
        `Write \`${text} != null && ${textOf(walk.source, node)}\`.`,
      );
      return null;
    }
  }
  const test = name === 'contains' ? 'includes' : name === 'startsWith' ? 'startsWith' : 'endsWith';
  return {
    kind: 'boolean',
    nullable: false,
    run: (scope) => (left.run(scope) as string)[test](right.run(scope) as string),
  };
}

/** One level only: nested ones multiply their lists. */
function comprehension(walk: Walk, node: ASTNode & { op: 'rcall' }, facts: Facts, bound: string | null): Typed | null {
  const [name, receiver, args] = node.args;
  const [variable, predicate] = args;
  if (bound !== null) {
    walk.report(node.start, `\`.${name}()\` inside another \`exists\` or \`all\` is refused.`, 'Use one level only.');
    return null;
  }
  if (variable?.op !== 'id' || predicate === undefined || args.length !== 2) {
    walk.report(node.start, `\`.${name}()\` takes a name and a condition.`, `Write \`list.${name}(x, x == "…")\`.`);
    return null;
  }
  const list = walk.visit(receiver, facts, bound);
  const test = walk.visit(predicate, facts, variable.args);
  if (list === null || test === null) return null;
  if (list.kind !== 'list') {
    walk.report(
      receiver.start,
      `${quoted(textOf(walk.source, receiver))} is not a set.`,
      'Use it on a field with several values.',
    );
    return null;
  }
  if (test.kind !== 'boolean' || test.nullable) {
    walk.report(
      predicate.start,
      `${quoted(textOf(walk.source, predicate))} is not a condition.`,
      `Compare, for example \`${variable.args} == "…"\`.`,
    );
    return null;
  }
  const each = (scope: Parameters<Typed['run']>[0]) => (item: string) => test.run({ ...scope, bound: item }) === true;
  if (name === 'exists')
    return {
      kind: 'boolean',
      nullable: false,
      run: (scope) => (list.run(scope) as readonly string[]).some(each(scope)),
    };
  return {
    kind: 'boolean',
    nullable: false,
    run: (scope) => (list.run(scope) as readonly string[]).every(each(scope)),
  };
}
