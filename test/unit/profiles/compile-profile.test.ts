import { describe, expect, test } from 'vitest';
import { MappingError } from '../../../src/errors.ts';
import { createPeopleTable } from '../../../src/mapping/people.ts';
import type { Value } from '../../../src/model.ts';
import { compileProfile } from '../../../src/profiles/compile-profile.ts';
import { parseProfile } from '../../../src/profiles/parse-profile.ts';
import { load, mustLoad, profileText } from '../../support/profile-fixture.ts';
import { CRM_PEOPLE, JIRA_PEOPLE, sampleDescriptions, samplePeople } from '../../support/sample-descriptions.ts';

function mapperOf(line: string) {
  const field = mustLoad(profileText([line])).fields[0];
  if (field === undefined) throw new Error('no field');
  return field.mapper;
}

describe('names', () => {
  test('are found by id, by alias and by label in any case', () => {
    for (const name of ['stageId', 'stage', 'STAGE_ID', '"Стадия"', '"стадия "']) {
      const profile = mustLoad(profileText([`{ jira: status, crm: ${name} }`]));
      expect(profile.fields[0]?.ids).toEqual({ jira: 'status', crm: 'stageId' });
    }
  });

  test('of fields are unique within the profile, after the CRM label', () => {
    const { fields } = mustLoad(
      profileText(['{ jira: duedate, crm: ufCrm_1747309881 }', '{ jira: "Delivery date", crm: ufCrm_1747309882 }']),
    );
    expect(fields.map((field) => field.name)).toEqual(['Дата', 'Дата (ufCrm_1747309882)']);
  });
});

describe('translations', () => {
  const cases: [string, string, Value, Value][] = [
    [
      'statuses by `values`',
      '{ jira: status, crm: stage, values: { To Do: [Новая, Согласование] } }',
      '10010',
      'C9:PREPAYMENT_INVOICE',
    ],
    ['options with equal labels', '{ jira: Distributor, crm: "Дистрибьютор по сделке" }', '10204', '84'],
    ['a choice and a yes/no', '{ jira: Urgent, crm: "Срочно", values: { "Yes": true, "No": false } }', '10302', false],
    ['a choice by id', '{ jira: Urgent, crm: "Срочно", values: { 10301: true } }', '10301', true],
    [
      'a text and a choice',
      '{ jira: "Customer note", crm: "Дистрибьютор по сделке", values: { hydro: Hydrotech } }',
      'hydro',
      '81',
    ],
    [
      'a number and money',
      '{ jira: Budget, crm: opportunity, currency: RUB }',
      '1200.5',
      { amount: '1200.5', currency: 'RUB' },
    ],
    ['people by the table', '{ jira: assignee, crm: assignedById }', 'acc-1', '1'],
    ['sets of texts', '{ jira: labels, crm: "Метки" }', ['a', 'b'], ['a', 'b']],
    [
      'sets of options with values',
      '{ jira: Countries, crm: "Страны", values: { Germany: Германия, "Россия": Россия } }',
      ['10401', '10402'],
      ['91', '92'],
    ],
    ['dates', '{ jira: duedate, crm: closedate, as: date }', '2026-03-31', '2026-03-31'],
    ['times', '{ jira: "Approved at", crm: "Согласовано" }', '2026-03-31T10:00:00.000Z', '2026-03-31T10:00:00.000Z'],
    ['texts', '{ jira: summary, crm: title }', 'Насосы', 'Насосы'],
    [
      '`as: stage` for a status',
      '{ jira: status, crm: stage, as: stage, values: { Done: Выиграна } }',
      '10012',
      'C9:WON',
    ],
  ];
  test.each(cases)('%s', (_name, line, jira, crm) => {
    const mapper = mapperOf(line);
    expect(mapper.translate(jira, 'jira')).toEqual(crm);
    expect(mapper.translate(crm, 'crm')).toEqual(jira);
  });

  test('several CRM values may mean one Jira value; the first is written', () => {
    const mapper = mapperOf('{ jira: status, crm: stage, values: { To Do: [Новая, Согласование] } }');
    expect(mapper.translate('C9:PREPARATION', 'crm')).toBe('10010');
    expect(mapper.translate('10010', 'jira')).toBe('C9:PREPAYMENT_INVOICE');
  });

  test('a value without translation takes the default, or is a MappingError', () => {
    const line = '{ jira: status, crm: stage, values: { Done: Выиграна }';
    expect(mapperOf(`${line}, default: { jira: To Do } }`).translate('C9:NEW', 'crm')).toBe('10010');
    expect(() => mapperOf(`${line} }`).translate('C9:NEW', 'crm')).toThrow(MappingError);
  });
});

describe('policies', () => {
  test('a line overrides the profile, and the profile the defaults', () => {
    const text = profileText(
      [
        '{ jira: summary, crm: title }',
        '{ jira: labels, crm: "Метки", conflict: merge, initial: jira, direction: to-crm, on: update }',
      ],
      'conflict: newest\ntie: crm\ninitial: crm',
    );
    const [first, second] = mustLoad(text).fields;
    expect(first).toMatchObject({
      conflict: { kind: 'newest', tie: 'crm' },
      initial: 'crm',
      direction: 'both',
      on: 'always',
    });
    expect(second).toMatchObject({ conflict: { kind: 'merge' }, initial: 'jira', direction: 'to-crm', on: 'update' });
    expect(mustLoad(profileText()).fields[0]).toMatchObject({ conflict: { kind: 'hold' }, initial: 'fill-empty' });
  });

  test('creates nothing, sweeps every five minutes and stamps by marker unless told otherwise', () => {
    const profile = mustLoad(profileText());
    expect(profile.create).toEqual({ jira: null, crm: null });
    expect(profile.sweep).toEqual({ everyMs: 300_000, full: null });
    expect(profile.stamp).toEqual({ jira: { kind: 'marker' }, crm: { kind: 'marker' } });
    expect(profile.syncWhen).toBeNull();
    expect(profile.was).toBeNull();
  });

  test('reads what it was told', () => {
    const more = `was: purchasing
create: { crm: true, jira: { when: 'crm.stage == "Новая"' } }
sweep: { every: 2h, full: { cron: "0 3 * * *", zone: Europe/Moscow } }
stamp: { jira: { field: "Номер сделки" }, crm: origin }
match: [link, { jira: "Номер сделки", crm: id }, { jira: summary, crm: title, normalise: [trim, lowercase, digits] }]`;
    const profile = mustLoad(profileText(undefined, more));
    expect(profile.was).toBe('purchasing');
    expect(profile.create.crm).toEqual({ when: null });
    expect(profile.create.jira?.when?.source).toBe('crm.stage == "Новая"');
    expect(profile.sweep).toEqual({ everyMs: 7_200_000, full: { cron: '0 3 * * *', zone: 'Europe/Moscow' } });
    expect(profile.stamp.jira).toEqual({ kind: 'field', id: 'customfield_10033' });
    expect(profile.match.map((rule) => rule.ids)).toEqual([
      { jira: 'customfield_10033', crm: 'id' },
      { jira: 'summary', crm: 'title' },
    ]);
    expect(profile.match[1]?.normalise(' Deal 74-05 ')).toBe('7405');
    expect(profile.match[0]?.normalise(' 7405')).toBe(' 7405');
    expect(profile.match[0]?.normalise(null)).toBeNull();
    expect(profile.sides.crm.reads).toEqual(['id', 'stageId', 'title']);
  });
});

describe('computed fields', () => {
  const context = { crm: null, old: { jira: null, crm: null }, now: Date.parse('2026-03-10T12:00:00Z') };

  test('give canonical values of their kind', () => {
    const lines = [
      '{ jira: summary, crm: title }',
      '{ crm: "Ссылка на задачу", from: jira.url }',
      `{ crm: "Примечание", from: 'jira.key == null ? null : "Задача " + jira.key' }`,
      `{ crm: "Плановая дата оплаты", from: 'jira.duedate == null ? null : jira.duedate + days(30)' }`,
      `{ crm: probability, from: 'jira.Budget == null ? 0 : jira.Budget / 3' }`,
      `{ crm: "Согласовано", from: 'jira.created' }`,
      `{ crm: "Срочно", from: 'jira.Urgent == "Yes"' }`,
    ];
    const { computed, sides } = mustLoad(profileText(lines));
    const jira = {
      url: 'https://x/browse/BUY-1',
      key: 'BUY-1',
      duedate: '2026-12-15',
      customfield_10031: '1',
      created: '2026-03-10T12:00:00.001Z',
      customfield_10036: '10301',
    };
    expect(computed.map((one) => [one.name, one.from.evaluate({ ...context, jira })])).toEqual([
      ['Ссылка на задачу', 'https://x/browse/BUY-1'],
      ['Примечание', 'Задача BUY-1'],
      ['Плановая дата оплаты', '2027-01-14'],
      ['Вероятность', '0.333333333333333'],
      ['Согласовано', '2026-03-10T12:00:00.001Z'],
      ['Срочно', true],
    ]);
    expect(sides.jira.reads).toContain('url');
    expect(sides.crm.reads).toContain('ufCrm_1747309873');
  });

  test('a result that is no number is a MappingError, not a value', () => {
    const { computed } = mustLoad(
      profileText([`{ crm: probability, from: 'jira.Budget == null ? 1 / 0 : jira.Budget' }`]),
    );
    expect(() => computed[0]?.from.evaluate({ ...context, jira: { customfield_10031: null } })).toThrow(MappingError);
  });
});

describe('the version', () => {
  const text = profileText(['{ jira: status, crm: stage }', '{ jira: assignee, crm: assignedById }']);
  const version = mustLoad(text).version;

  test('is twelve hex digits and stays the same for the same text and schemas', () => {
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(mustLoad(text).version).toBe(version);
  });

  test('changes with the text, a renamed option and the people, not with a field that is not used', () => {
    expect(mustLoad(`${text}# note\n`).version).not.toBe(version);
    const { jira, crm } = sampleDescriptions();
    const renamed = crm.fields.map((field) =>
      field.id === 'stageId'
        ? {
            ...field,
            options:
              field.options?.map((option) => (option.id === 'C9:NEW' ? { ...option, label: 'Проект' } : option)) ?? [],
          }
        : field,
    );
    expect(mustLoad(text, { jira, crm: { ...crm, fields: renamed } }).version).not.toBe(version);
    const unused = crm.fields.filter((field) => field.id !== 'probability');
    expect(mustLoad(text, { jira, crm: { ...crm, fields: unused } }).version).toBe(version);
    const { draft } = parseProfile(text, 'p.yaml');
    if (draft === null) throw new Error('no draft');
    const people = createPeopleTable(JIRA_PEOPLE, CRM_PEOPLE.slice(1), { map: [], fallback: {} });
    expect(compileProfile(draft, { jira, crm }, people).profile?.version).not.toBe(version);
  });
});

test('a draft can be compiled again and again without keeping the problems of the last time', () => {
  const { draft } = parseProfile(profileText(['{ jira: status, crm: stage }']), 'p.yaml');
  if (draft === null) throw new Error('no draft');
  const good = sampleDescriptions();
  const down = sampleDescriptions({
    crm: { scope: null, fields: [], problems: [{ path: [], message: 'gone', cure: 'wait' }] },
  });
  expect(compileProfile(draft, down, samplePeople()).problems).toHaveLength(1);
  expect(compileProfile(draft, good, samplePeople()).problems).toEqual([]);
});

test('the draft tells the caller whom to ask, also when other parts are wrong', () => {
  const { draft, problems } = parseProfile(profileText(['{ jira: summary }']), 'p.yaml');
  expect(problems).toHaveLength(1);
  expect(draft?.sides.jira).toMatchObject({
    connection: 'jira',
    spec: { entity: 'issue', project: 'BUY', type: 'Purchase request' },
  });
  expect(draft?.sides.crm).toMatchObject({
    connection: 'bitrix24',
    spec: { entity: 'deal', where: { category: 'Закупки' } },
  });
  expect(load(profileText(['{ jira: summary }'])).profile).toBeNull();
});
