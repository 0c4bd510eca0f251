import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import type { Fields } from '../../../src/model.ts';
import type { ExpressionContext } from '../../../src/profiles/profile.ts';
import { load, mustLoad, profileText, shown } from '../../support/profile-fixture.ts';
import { quick } from '../../support/quick.ts';
import { CRM_FIELDS } from '../../support/sample-descriptions.ts';

const LINES = ['{ jira: summary, crm: title }', '{ jira: status, crm: stage, conflict: crm }'];
const NOW = Date.parse('2026-03-10T22:30:00Z');

const EMPTY_DEAL: Fields = Object.fromEntries(CRM_FIELDS.map((field) => [field.id, null]));
const DEAL: Fields = {
  ...EMPTY_DEAL,
  id: '7405',
  title: 'Насосы для цеха 4',
  stageId: 'C9:EXECUTING',
  opportunity: { amount: '1200.5', currency: 'RUB' },
  closedate: '2026-03-31',
  createdTime: '2026-03-01T09:00:00.000Z',
  assignedById: '2',
  ufCrm_1747309872: ['срочно', 'цех-4'],
  ufCrm_1747309875: true,
  ufCrm_1747309877: ['91', '92'],
};

function withExpression(source: string): string {
  return profileText(
    LINES,
    `sync-when: '${source.replaceAll("'", "''")}'\nsweep: { full: { cron: "0 3 * * *", zone: Europe/Moscow } }`,
  );
}

function evaluate(source: string, context: Partial<ExpressionContext> = {}): boolean {
  const profile = mustLoad(withExpression(source));
  const whole = { jira: null, crm: DEAL, old: { jira: null, crm: null }, now: NOW, ...context };
  return profile.syncWhen?.evaluate(whole) ?? true;
}

function problemOf(source: string): string | undefined {
  return shown(load(withExpression(source)).problems)[0];
}

describe('values as an expression sees them', () => {
  const truths = [
    'crm.stage == "В работе" && crm.stageId != "Черновик"',
    'crm["Стадия"] in ["Новая", "В работе"]',
    'crm.opportunity != null && crm.opportunity > 1200 && crm.opportunity < 1200.75',
    'crm.assignedById == "Oleg Petrov"',
    'crm["Срочно"] == true',
    '"срочно" in crm["Метки"] && !("x" in crm["Метки"])',
    '"Германия" in crm["Страны"]',
    'crm["Метки"].exists(x, x.startsWith("цех")) && !crm["Метки"].all(x, x == "срочно")',
    'size(crm["Метки"]) == 2',
    'crm.closedate != null && crm.closedate > today && crm.closedate - today == days(20)',
    'crm.closedate == "2026-03-31"',
    'crm.closedate == null || crm.closedate + days(30) > "2026-04-29"',
    'crm.createdTime != null && now - crm.createdTime > days(9.5)',
    'crm.createdTime == null || crm.createdTime < "2026-03-01T12:00:01+03:00"',
    'crm.title != null && crm.title.contains("цеха") && crm.title.endsWith("4")',
    '(crm.probability == null ? 0 : crm.probability) * 2 + 1 == 1',
    'crm.id == "7405"',
    '-1 < 0 && 7 % 4 == 3 && 1 / 4 == 0.25',
    'string(1200.50) == "1200.5" && string(today) == "2026-03-11"',
  ];

  test.each(truths)('%s', (source) => {
    expect(evaluate(source)).toBe(true);
  });

  test('today is the civil day of the profile’s zone', () => {
    // 22:30 UTC on the 10th is already the 11th in Moscow.
    expect(evaluate('today == "2026-03-11"')).toBe(true);
  });
});

describe('a missing side, an empty field, an unknown field', () => {
  test('a side that does not exist reads as null, and so do its fields', () => {
    expect(evaluate('crm == null || crm.stage != "Черновик"', { crm: null })).toBe(true);
    expect(evaluate('crm.stage != "Черновик"', { crm: null })).toBe(true);
    expect(evaluate('crm.stage == "Новая" || "x" in crm["Метки"]', { crm: null })).toBe(false);
    expect(evaluate('jira == null && crm != null')).toBe(true);
  });

  test('a field that cannot be read now is no ground for a decision', () => {
    const { stageId: _gone, ...rest } = DEAL;
    expect(() => evaluate('crm.stage == "Новая"', { crm: rest })).toThrow(MappingError);
    expect(() => evaluate('crm.stage == "Новая"', { crm: rest })).toThrow(
      '`Стадия` of the `crm` side cannot be read now',
    );
  });

  test('what comes first is decided first', () => {
    const { stageId: _gone, ...rest } = DEAL;
    expect(evaluate('crm.title != null || crm.stage == "Новая"', { crm: rest })).toBe(true);
  });
});

describe('changed()', () => {
  const old = { jira: null, crm: { stageId: 'C9:NEW', title: 'Насосы для цеха 4' } };

  test('is true when the value differs from the base, false when it is the base', () => {
    expect(evaluate('changed(crm.stage)', { old })).toBe(true);
    expect(evaluate('changed(crm.title)', { old })).toBe(false);
    expect(evaluate('old.crm.stage == "Черновик"', { old })).toBe(true);
  });

  test('is true for a field without base', () => {
    expect(evaluate('changed(crm.stage)')).toBe(true);
    expect(evaluate('changed(crm.stage)', { old: { jira: null, crm: {} } })).toBe(true);
    expect(evaluate('old.crm.stage == null')).toBe(true);
  });
});

describe('what would have no answer for an empty field is refused', () => {
  const refused: [string, string][] = [
    ['crm.opportunity > 100', '4:13 `crm.opportunity` may be empty'],
    ['100 < crm.opportunity || crm.opportunity == null', '4:19 `crm.opportunity` may be empty'],
    ['crm.opportunity != null || crm.opportunity > 100', '4:40 `crm.opportunity` may be empty'],
    ['!(crm.opportunity != null) && crm.opportunity > 100', '4:43 `crm.opportunity` may be empty'],
    ['crm.closedate + days(30) > today', '4:13 `crm.closedate` may be empty'],
    ['crm.title.contains("x")', '4:13 `crm.title` may be empty'],
    ['string(crm.title) == "x"', '4:20 `crm.title` may be empty'],
    ['crm["Срочно"] || crm == null', '4:13 `crm["Срочно"]` may be empty'],
  ];
  test.each(refused)('%s', (source, expected) => {
    expect(problemOf(source)).toContain(expected);
  });

  const accepted = [
    'crm.opportunity != null && crm.opportunity > 100',
    'crm.opportunity == null || crm.opportunity > 100',
    '!(crm.opportunity == null) && crm.opportunity > 100',
    '!(crm.opportunity == null || crm.title == null) && crm.opportunity > 100',
    'crm.opportunity == null ? false : crm.opportunity > 100',
    'crm.title == "x" && crm.title.contains("y")',
    '(crm.title in ["x"]) && size(crm.title) == 1',
    'crm["Дата завершения"] != null && crm.closedate > today',
  ];
  test.each(accepted)('accepts %s', (source) => {
    expect(problemOf(source)).toBeUndefined();
  });
});

describe('mistakes are named at their place with a cure', () => {
  const mistakes: [string, string][] = [
    ['crm.stage != "Новaя "', '4:26 `Новaя ` is not an option of `Стадия`. → Did you mean `Новая`?'],
    ['crm.stag == null', '4:17 `stag` is not a field of the `crm` side. → Did you mean `stage`?'],
    [
      'crm["Дата"] != null',
      '4:17 `Дата` is the label of 2 fields on the `crm` side. → Write the id: `ufCrm_1747309881` or `ufCrm_1747309882`.',
    ],
    [
      'changed(crm.probability)',
      '4:21 `Вероятность` is not in `fields`, so its old value is not kept. → Add it to `fields`',
    ],
    ['crm.Дата == null', '→ Write a label in brackets and quotes: `crm["Дата оплаты"]`.'],
    ['crm.stage == Новая', '→ Put texts in double quotes'],
    ['crm.stage = "Новая"', '→ Compare with `==`.'],
    ['crm.title == null and crm.id == null', '→ Write `&&` for and, `||` for or, `!` for not.'],
    ['crm.title == 5', '4:13 This is never true: a text is compared with a number.'],
    ['crm.stage', '4:12 `crm.stage` is not a condition that is always true or false.'],
    ['has(crm.stage)', '4:13 `has()` is not a function of profile expressions. → Write `x != null`.'],
    ['crm.title.matches("(a+)+$")', '→ Use `contains`, `startsWith` or `endsWith`.'],
    ['crm["Метки"].exists(x, crm["Страны"].exists(y, y == x))', 'is refused. → Use one level only.'],
    ['crm.closedate == "31.03.2026"', '4:30 `31.03.2026` is not a date. → Write `"2026-01-31"`.'],
    [
      'deal.stage == "Новая"',
      '4:13 `deal` is not a name that expressions know. → Write one of: `jira`, `crm`, `old`, `now`, `today`.',
    ],
    ['constructor == null', '4:13 `constructor` is not a name'],
    ['crm.__proto__ == null', '4:17 `__proto__` is not a field of the `crm` side.'],
  ];
  test.each(mistakes)('%s', (source, expected) => {
    expect(problemOf(source)).toContain(expected);
  });

  test('points into folded, literal and quoted scalars', () => {
    const folded = 'sync-when: >-\n  crm.title != null\n  && crm.stag == null';
    expect(shown(load(profileText(LINES, folded)).problems)[0]).toMatch(/^6:10 `stag`/);
    const literal = 'sync-when: |\n    crm.title != null\n    && crm.stag == null';
    expect(shown(load(profileText(LINES, literal)).problems)[0]).toMatch(/^6:12 `stag`/);
    const escaped = 'sync-when: "crm.stage == \\"Новая\\" || crm.stag == null"';
    expect(shown(load(profileText(LINES, escaped)).problems)[0]).toMatch(/^4:43 `stag`/);
    const plain = 'sync-when: crm.title != null &&\n  crm.stag == null';
    expect(shown(load(profileText(LINES, plain)).problems)[0]).toMatch(/^5:7 `stag`/);
  });
});

describe('expressions are bounded', () => {
  test.each([
    ['(', 3_000],
    ['!', 3_000],
    ['[', 3_000],
    ['crm.title == null || ', 190],
    ['x', 5_000],
  ] as const)('%s × %d', (piece, count) => {
    const source = piece.repeat(count) + (piece.endsWith(' ') ? 'true' : '');
    expect(quick(`${count} times ${piece}`, 200, () => problemOf(source))).toContain('→');
  });

  test('whatever is written, checking never throws, and what passes has an answer for every record', () => {
    const atom = fc.constantFrom(
      'crm.stage',
      'crm.title',
      'crm.opportunity',
      'crm.closedate',
      'crm["Метки"]',
      'crm["Срочно"]',
      'today',
      'now',
      'null',
      'true',
      '1',
      '"Новая"',
      '"2026-01-31"',
      'days(1)',
      'old.crm.title',
      'changed(crm.title)',
      'crm',
      'size(crm["Метки"])',
    );
    const operator = fc.constantFrom('==', '!=', '<', '>=', '+', '-', '*', '/', '%', 'in', '&&', '||', '? 1 :', '(');
    const records = [null, EMPTY_DEAL, DEAL];
    fc.assert(
      fc.property(fc.array(fc.tuple(atom, operator), { maxLength: 5 }), atom, (parts, last) => {
        const source = parts.map(([left, op]) => `${left} ${op} `).join('') + last;
        const { profile, problems } = load(withExpression(source));
        for (const problem of problems) expect(problem.cure).not.toBe('');
        for (const crm of records) {
          const answer = profile?.syncWhen?.evaluate({ jira: null, crm, old: { jira: null, crm: null }, now: NOW });
          if (profile !== null) expect(typeof answer).toBe('boolean');
        }
      }),
      { numRuns: 400, seed: 3 },
    );
  });
});
