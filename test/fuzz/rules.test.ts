// G1, the rules of a profile: conditions against a second meaning of theirs, what a new record starts with, and which
// texts match.
import { describe, expect, it } from 'vitest';
import { otherSide, SIDES, sameValue, type Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import { compileCondition } from '../../src/profiles/expressions.ts';
import { createProblemList } from '../../src/profiles/problem-list.ts';
import type { Direction, ExpressionContext, ProfileField } from '../../src/profiles/profile.ts';
import { createPatch } from '../../src/sync/create-patch.ts';
import { type Proof, prove, sharedBy } from '../support/cases.ts';
import { hostileText, maybe, pick } from '../support/hostile.ts';
import { mustLoad, profileText, shown } from '../support/profile-fixture.ts';
import { RANDOM_FIELDS } from '../support/random-fields.ts';
import { CRM_FIELDS, JIRA_FIELDS } from '../support/sample-descriptions.ts';
import { carried, fail } from './mapper-laws.ts';
import { anyCondition, anyDeal, anyIssue, type Meant, NOW } from './random-conditions.ts';

const proofOf = (what: string, cases: Proof['cases']): Proof => ({ goal: 'G1', what, cases, file: import.meta.url });

type Tried = {
  readonly meant: Meant;
  readonly answer: (context: ExpressionContext) => boolean;
  readonly issues: readonly ExpressionContext['jira'][];
  readonly deals: readonly ExpressionContext['crm'][];
};

/** One condition, with the records that it is asked about. */
function tried(chance: Random): Tried {
  const meant = anyCondition(chance, 3);
  const problems = createProblemList('p.yaml', meant.source);
  const compiled = compileCondition(
    { source: meant.source, at: 0, place: (index) => index },
    {
      schemas: { jira: JIRA_FIELDS, crm: CRM_FIELDS },
      zone: 'UTC',
      person: (_, id) => id,
      isMapped: () => true,
      problems,
    },
  );
  if (compiled === null) fail('refused', meant.source, ...shown(problems.all()));
  return {
    meant,
    answer: compiled.expression.evaluate,
    issues: [null, ...Array.from({ length: 7 }, () => anyIssue(chance))],
    deals: [null, ...Array.from({ length: 15 }, () => anyDeal(chance))],
  };
}

describe('the rules of a profile (G1)', () => {
  it('hold for a record when what they say is true of it', async () => {
    const answers = { true: 0, false: 0 };
    const conditionAt = sharedBy(60, tried);
    await prove(proofOf('conditions on records', [350_000, 4_000_000]), (chance, at) => {
      const { meant, answer, issues, deals } = conditionAt(at);
      const context = {
        jira: pick(chance, issues),
        crm: pick(chance, deals),
        old: { jira: null, crm: pick(chance, deals) },
        now: NOW,
      };
      const wanted = meant.holds(context);
      if (answer(context) !== wanted) fail('another answer', wanted, meant.source, context);
      answers[`${wanted}`] += 1;
    });
    // Conditions that are always true would show nothing.
    const all = answers.true + answers.false;
    if (all > 1_000) expect(Math.min(answers.true, answers.false)).toBeGreaterThan(all / 5);
  }, 900_000);

  it('say of each field once what a new record starts with', async () => {
    const fieldsAt = sharedBy(16, someFields);
    await prove(proofOf('what a new record starts with', [150_000, 1_500_000]), (chance, at) => {
      const { fields, values } = fieldsAt(at);
      obeysCreateLaws(fields, values, chance);
    });
  }, 900_000);

  it('match equal texts, and know a text in its normal form again', async () => {
    const rules = NORMALISERS.map((steps) => {
      const rule = `match: [{ jira: summary, crm: title${steps === '' ? '' : `, normalise: [${steps}]`} }]`;
      const [found] = mustLoad(profileText(['{ jira: summary, crm: title }'], rule)).match;
      if (found === undefined) throw new Error(`no rule in ${rule}`);
      return { steps, normalise: found.normalise };
    });
    await prove(proofOf('texts in their normal form', [100_000, 1_000_000]), (chance) => {
      const { steps, normalise } = pick(chance, rules);
      const text = hostileText(chance).slice(0, 200);
      const once = normalise(text);
      if (once === null ? /[0-9]/.test(text) : normalise(once) !== once) fail('not its own normal form', steps, text);
      if (steps.includes('trim') && normalise(` \n${text}\t`) !== once) fail('told apart by its ends', steps, text);
      if (steps.includes('lowercase') && normalise(text.toLowerCase()) !== once)
        fail('told apart by case', steps, text);
      if (steps === 'digits' && normalise(`+(${text})-`) !== once) fail('told apart by more than digits', text);
      if (normalise(maybe(chance, 0.5) ? null : maybe(chance, 0.5)) !== null) fail('matched what is no text', steps);
    });
  }, 900_000);
});

const NORMALISERS = ['', 'trim', 'lowercase', 'trim, lowercase', 'digits'];

type Drawn = {
  readonly fields: readonly ProfileField[];
  /** Of each field on each side. */
  readonly values: readonly Readonly<Record<'jira' | 'crm', Value>>[];
};

/** Four fields of any kind, each under ids of its own. */
function someFields(chance: Random): Drawn {
  const chosen = Array.from({ length: 4 }, () => pick(chance, RANDOM_FIELDS));
  return {
    fields: chosen.map(({ field }, at) => ({ ...field, name: `${at}`, ids: { jira: `j${at}`, crm: `c${at}` } })),
    values: chosen.map(({ valueFor }) => ({ jira: valueFor(chance, 'jira'), crm: valueFor(chance, 'crm') })),
  };
}

function obeysCreateLaws(drawn: readonly ProfileField[], values: Drawn['values'], chance: Random): void {
  const side = pick(chance, SIDES);
  const from = otherSide(side);
  const fields = drawn.map((field) => ({
    ...field,
    direction: pick<Direction>(chance, ['both', 'to-crm', 'to-jira']),
    on: pick(chance, ['always', 'create', 'update'] as const),
    schemas: { ...field.schemas, [side]: { ...field.schemas[side], writableOnCreate: maybe(chance, 0.7) } },
  }));
  // Unknown is not empty: what the source does not show is left to the vendor.
  const known = fields.map(() => maybe(chance, 0.9));
  const source = Object.fromEntries(
    fields.flatMap(({ ids }, at) => (known[at] ? [[ids[from], values[at]?.[from] ?? null]] : [])),
  );
  const { patch, failed, deferred } = createPatch({ fields }, side, source);
  for (const [at, field] of fields.entries()) {
    const { name, ids, direction, on, schemas } = field;
    const told = () => [side, name, direction, on, source, patch, Object.keys(failed), deferred];
    const [given, refused, later] = [
      Object.hasOwn(patch, ids[side]),
      Object.hasOwn(failed, name),
      deferred.includes(name),
    ];
    if (Number(given) + Number(refused) + Number(later) > 1) fail('said twice', ...told());
    const asked = known[at] && on !== 'update' && (direction === 'both' || direction === `to-${side}`);
    const wanted = asked ? carried(field, source[ids[from]] ?? null, from) : null;
    if (!asked) {
      if (given || refused || later) fail('nobody asked for it', ...told());
    } else if (wanted === undefined) {
      if (!refused) fail('a refusal that nobody hears of', ...told());
    } else if (schemas[side].writableOnCreate) {
      if (!given || !sameValue(patch[ids[side]] ?? null, wanted)) fail('another value', ...told());
    } else if (wanted !== null && (on === 'always' ? !later : !refused)) fail('a value was lost', ...told());
  }
  const said = Object.keys(patch).length + Object.keys(failed).length + deferred.length;
  if (said > fields.length) fail('more than was asked', side, patch, Object.keys(failed), deferred);
}
