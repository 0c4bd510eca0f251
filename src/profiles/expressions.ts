// Expressions of profiles: CEL as cel-js parses it, checked against the live schemas (empty values included) and compiled
// to closures by expression-check.ts. What passes the check is total: on real values it answers, or throws MappingError.
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { MappingError } from '../errors.ts';
import { type FieldSchema, type Fields, type Side, sameValue, type Value } from '../model.ts';
import { quoted } from '../nearest.ts';
import type { ExpressionText } from './draft.ts';
import { createChecker } from './expression-check.ts';
import type { EvaluationScope, Typed } from './expression-types.ts';
import { DAY_MS, dayIn, fromRaw, type Kind, toRaw } from './expression-values.ts';
import type { ProblemList } from './problem-list.ts';
import type { Expression, ExpressionContext } from './profile.ts';

const MAX_LENGTH = 4000;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 100, maxMapEntries: 1, maxCallArguments: 4 },
});

export type ExpressionSetting = {
  /** Null: that side could not be described; expressions are then only parsed. */
  readonly schemas: Readonly<Record<Side, readonly FieldSchema[] | null>>;
  /** The civil day of `today`. */
  readonly zone: string;
  readonly person: (side: Side, id: string) => string;
  /** Whether a line of `fields` keeps a base of it. */
  readonly isMapped: (side: Side, id: string) => boolean;
  readonly problems: ProblemList;
};

export type Compiled<Result> = {
  readonly expression: Expression<Result>;
  /** Fields that must be read for it. */
  readonly uses: readonly { readonly side: Side; readonly field: FieldSchema }[];
  readonly kind: Kind;
};

export function compileCondition(text: ExpressionText, setting: ExpressionSetting): Compiled<boolean> | null {
  const checked = check(text, setting);
  if (checked === null) return null;
  const { typed } = checked;
  if (typed.kind !== 'boolean' || typed.nullable) {
    const cure =
      typed.kind === 'boolean'
        ? `Write \`${text.source.trim()} == true\`.`
        : 'Compare it with something, for example `… == "…"` or `… != null`.';
    setting.problems.add(text.at, `\`${short(text.source)}\` is not a condition that is always true or false.`, cure);
    return null;
  }
  const evaluate = (context: ExpressionContext) => run(text.source, () => typed.run(checked.scope(context))) === true;
  return { expression: { source: text.source, timed: checked.timed, evaluate }, uses: checked.uses, kind: 'boolean' };
}

export function compileComputation(text: ExpressionText, setting: ExpressionSetting): Compiled<Value> | null {
  const checked = check(text, setting);
  if (checked === null) return null;
  const { typed } = checked;
  const evaluate = (context: ExpressionContext): Value =>
    run(text.source, () => {
      const value = fromRaw(typed.run(checked.scope(context)), typed.kind);
      if (value === undefined) throw failure(text.source, 'the result is not a finite number', null);
      return value;
    });
  return { expression: { source: text.source, timed: checked.timed, evaluate }, uses: checked.uses, kind: typed.kind };
}

type Checked = {
  readonly typed: Typed;
  readonly uses: Compiled<unknown>['uses'];
  readonly timed: boolean;
  readonly scope: (context: ExpressionContext) => EvaluationScope;
};

function check(text: ExpressionText, setting: ExpressionSetting): Checked | null {
  const { problems } = setting;
  const tree = parse(text, problems);
  if (tree === null || setting.schemas.jira === null || setting.schemas.crm === null) return null;
  const schemas = { jira: setting.schemas.jira, crm: setting.schemas.crm };
  const checker = createChecker(text.source, schemas, setting.isMapped, (index, message, cure) =>
    problems.add(text.place(index), message, cure),
  );
  const typed = checker.check(tree);
  if (typed === null) return null;
  const timed = checker.timed();
  // Telling the day in a zone costs more than most conditions: only those that ask for it pay.
  const today = timed ? dayIn(setting.zone) : () => 0;
  const scope = (context: ExpressionContext): EvaluationScope => ({
    now: context.now / DAY_MS,
    today: today(context.now),
    bound: '',
    exists: (side, old) => (old ? context.old[side] : context[side]) !== null,
    field(side, old, field) {
      const value = old ? (context.old[side]?.[field.id] ?? null) : current(text.source, side, context[side], field);
      return toRaw(value, field, (id) => setting.person(side, id));
    },
    changed(side, field) {
      const base = context.old[side]?.[field.id];
      return base === undefined || !sameValue(current(text.source, side, context[side], field), base);
    },
  });
  return { typed, uses: checker.uses(), timed, scope };
}

function parse(text: ExpressionText, problems: ProblemList): ASTNode | null {
  if (text.source.length > MAX_LENGTH) {
    problems.add(text.at, `The expression is longer than ${MAX_LENGTH} characters.`, 'Say it in a shorter way.');
    return null;
  }
  try {
    return environment.parse(text.source).ast;
  } catch (error) {
    const { summary, range } = error as { summary?: string; range?: { start: number } };
    const why = summary ?? 'it is nested too deeply';
    const start = range?.start ?? 0;
    problems.add(text.place(start), `The expression cannot be read: ${why}.`, syntaxCure(text.source, start, why));
    return null;
  }
}

function syntaxCure(source: string, start: number, why: string): string {
  if (/exceeded|limit|nested/i.test(why)) return 'Say it in a shorter way.';
  const rest = source.slice(start);
  if (/^=(?!=)/.test(rest)) return 'Compare with `==`.';
  if (/^\p{L}/u.test(rest) && /[.]\s*$/.test(source.slice(0, start)))
    return 'Write a label in brackets and quotes: `crm["Дата оплаты"]`.';
  if (/\b(and|or|not)\s/i.test(source)) return 'Write `&&` for and, `||` for or, `!` for not.';
  if (/^\p{L}/u.test(rest))
    return 'Put texts in double quotes: `crm.stage == "Новая"`; write a label as `crm["Дата оплаты"]`.';
  return 'Check brackets, quotes and operators at this place.';
}

/** A missing side reads as empty; a field that the record does not show now is unknown, which nothing may be decided on. */
function current(source: string, side: Side, fields: Fields | null, field: FieldSchema): Value {
  if (fields === null) return null;
  const value = fields[field.id];
  if (value === undefined)
    throw failure(source, `${quoted(field.label)} of the \`${side}\` side cannot be read now`, null);
  return value;
}

function run<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MappingError) throw error;
    throw failure(source, (error as Error).message, null);
  }
}

function failure(source: string, why: string, value: Value): MappingError {
  return new MappingError(
    `The expression \`${short(source)}\` has no answer: ${why}.`,
    'Correct the record, or the expression in the profile.',
    value,
  );
}

function short(source: string): string {
  const line = source.trim().replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}
