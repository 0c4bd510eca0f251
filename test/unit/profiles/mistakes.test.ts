import { describe, expect, test } from 'vitest';
import { HEAD, load, mustLoad, profileText, shown } from '../../support/profile-fixture.ts';
import { sampleDescriptions } from '../../support/sample-descriptions.ts';

const TEN = `name: Procurement
jira: { connection: jira, entity: issue, project: BUY, type: Purchase request }
crm: { connection: bitrix24, entity: deal, where: { category: Закупки } }
comments: both
conflict: newest
sync-wen: crm.stage != "Черновик"
create:
  jira: { when: 'crm.opportunity > 100' }
fields:
  - { jira: sumary, crm: title }
  - { jira: Budget, crm: opportunity }
  - { jira: duedate, crm: "Дата" }
  - { jira: Distributor, crm: "Дистрибьютор по сделке", values: { Hydrotek: Hydrotech } }
  - { jira: labels, crm: "Метки", direction: to_crm }
`;

test('a profile with ten different mistakes gets ten problems with places and cures, in file order', () => {
  const { profile, problems } = load(TEN);
  expect(profile).toBeNull();
  expect(shown(problems)).toEqual([
    '1:7 `Procurement` is not a profile name. → Use small letters a–z, digits and `-`, at most 63.',
    '4:1 `comments` is not in this version. → Remove it; comments stay on their side.',
    '5:11 `conflict: newest` needs `tie`. → Add `tie: jira` or `tie: crm`: it wins when both changes are less than two minutes apart.',
    '6:1 `sync-wen` is not a key of `profile`. → Did you mean `sync-when`?',
    '8:18 `crm.opportunity` may be empty, and `crm.opportunity > 100` has no answer then. → Write `crm.opportunity != null && crm.opportunity > 100` (or `crm.opportunity == null || crm.opportunity > 100`).',
    '10:13 `sumary` is not a field of the `jira` side. → Did you mean `Summary`?',
    '11:5 `Budget` is a number without a currency. → Add the currency that it is in, for example `currency: RUB`.',
    '12:27 `Дата` is the label of 2 fields on the `crm` side. → Write the id: `ufCrm_1747309881` or `ufCrm_1747309882`.',
    '13:67 `Hydrotek` is not an option of `Distributor` on the `jira` side. → Did you mean `Hydrotech`?',
    '14:46 `to_crm` is not a value of `direction`. → Did you mean `to-crm`?',
  ]);
});

describe('keys and values of later versions say so', () => {
  const later: [string, string][] = [
    [profileText(undefined, 'attachments: { direction: both }'), '4:1 `attachments` is not in this version.'],
    [profileText(undefined, 'rules: []'), '4:1 `rules` is not in this version.'],
    [profileText(['{ jira: summary, crm: title, as: link }']), '5:38 `as: link` is not in this version.'],
    [profileText(['{ jira: summary, crm: title, as: rich-text }']), '5:38 `as: rich-text` is not in this version.'],
    [profileText(['{ jira: summary, crm: title, profile: companies }']), '5:34 `profile` is not in this version.'],
    [profileText().replace('entity: issue', 'entity: version'), '2:35 `entity: version` is not in this version.'],
    [
      profileText().replace('entity: deal', 'entity: smart/Projects'),
      '3:38 `entity: smart/Projects` is not in this version.',
    ],
    [profileText().replace('entity: deal', 'entity: quote'), '3:38 `entity: quote` is not in this version.'],
  ];

  test.each(later)('in %j', (text, expected) => {
    const { problems } = load(text);
    expect(shown(problems)[0]).toContain(expected);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.cure).not.toBe('');
  });
});

describe('one mistake, one problem at its place', () => {
  const cases: [string, string, string][] = [
    [
      'an unknown entity',
      profileText().replace('entity: deal', 'entity: dael'),
      '3:38 `dael` is not an entity of the `crm` side. → Did you mean `deal`?',
    ],
    [
      'a missing key',
      profileText().replace('project: BUY, ', ''),
      '2:1 `project` is missing in `jira`. → Add for example `project: BUY`.',
    ],
    [
      'an empty value',
      profileText(undefined, 'sweep:'),
      '4:1 `sweep` has no value. → Write for example `sweep: { every: 5m, full: { cron: "0 3 * * *", zone: Europe/Moscow } }`, or remove the line.',
    ],
    [
      'a bad duration',
      profileText(undefined, 'sweep: { every: 5 minutes }'),
      '4:17 `5 minutes` is not a duration. → Write a whole number and a unit: `30s`, `5m`, `24h` or `85d`.',
    ],
    [
      'a sweep too often',
      profileText(undefined, 'sweep: { every: 1s }'),
      '4:17 `every` must be between 10s and 7d. → Write for example `5m`.',
    ],
    [
      'a bad cron pattern',
      profileText(undefined, 'sweep: { full: { cron: "0 3 * *" } }'),
      '4:24 `0 3 * *` is not a cron pattern: it must have five fields. → Write minute, hour, day, month and weekday, for example `"0 3 * * *"`.',
    ],
    [
      'a bad time zone',
      profileText(undefined, 'sweep: { full: { cron: "0 3 * * *", zone: Europe/Moskow } }'),
      '4:43 `Europe/Moskow` is not a time zone. → Did you mean `Europe/Moscow`',
    ],
    [
      'a tie without newest',
      profileText(undefined, 'conflict: hold\ntie: crm'),
      '5:1 `tie` has no meaning with `conflict: hold`. → Remove `tie`.',
    ],
    [
      'merge for a whole profile',
      profileText(undefined, 'conflict: merge'),
      '4:11 `conflict: merge` works for sets only, so not for a whole profile. → Write `conflict: merge` on the lines of the sets.',
    ],
    [
      'merge on a text',
      profileText(['{ jira: summary, crm: title, conflict: merge }']),
      '5:44 `conflict: merge` works for sets, and `Название` is none. → Write `hold`, `jira`, `crm` or `newest`.',
    ],
    [
      'a stamp nobody knows',
      profileText(undefined, 'stamp: { crm: xmlId }'),
      '4:15 `xmlId` is not a stamp of the `crm` side. → Write `origin`, or `{ field: "xmlId" }` for a field of that name.',
    ],
    [
      'a stamp in a date',
      profileText(undefined, 'stamp: { jira: { field: "Delivery date" } }'),
      '4:25 `Delivery date` is a date; a stamp needs a text field. → Name a text field, or leave the stamp out.',
    ],
    [
      'a match by a set',
      profileText(undefined, 'match: [{ jira: labels, crm: title }]'),
      '4:17 `Labels` is a set; records are matched by texts, numbers and dates. → Use another field.',
    ],
    [
      'an unknown normaliser',
      profileText(undefined, 'match: [{ jira: summary, crm: title, normalise: [lowrcase] }]'),
      '4:50 `lowrcase` is not a value of `normalise`. → Did you mean `lowercase`?',
    ],
    [
      'a read-only target',
      profileText(['{ jira: "Approved at", crm: "Дата создания" }']),
      '5:33 `Дата создания` cannot be written on the `crm` side. → Write `direction: to-jira`, or remove the line.',
    ],
    [
      'a status written on create',
      profileText(['{ jira: status, crm: stage, on: create, direction: to-jira, values: { To Do: Новая } }']),
      '5:56 `Status` cannot be written on the `jira` side when the record is created. → Write `direction: to-crm`, or remove the line.',
    ],
    [
      'kinds that do not fit',
      profileText(['{ jira: Budget, crm: title }']),
      '5:5 `Budget` is a number and `Название` is a text; they cannot be one field. → Pair fields of the same kind.',
    ],
    [
      'a wrong `as`',
      profileText(['{ jira: summary, crm: title, as: number }']),
      '5:38 `Summary` is a text and `Название` is a text, not `number`. → Write `as: text`, or leave `as` out.',
    ],
    [
      'a choice beside a yes/no',
      profileText(['{ jira: Urgent, crm: "Срочно" }']),
      '5:5 `Urgent` is an enum and `Срочно` is a boolean: nobody can tell which value is which. → Add `values: { "Yes": true, … }`.',
    ],
    [
      'a yes/no that is neither',
      profileText(['{ jira: Urgent, crm: "Срочно", values: { "Yes": да } }']),
      '5:53 `да` is not a value of `Срочно`, which is yes or no. → Write `true` or `false`.',
    ],
    [
      'a value translated twice',
      profileText(['{ jira: status, crm: stage, values: { To Do: Новая, Done: Новая } }']),
      '5:63 `Новая` is the translation of `To Do` already. → Name it once: on the way back the first line would win.',
    ],
    [
      'values on a text',
      profileText(['{ jira: summary, crm: title, values: { a: b } }']),
      '5:34 `values` has no meaning for a text. → Remove `values`.',
    ],
    [
      'a default nobody knows',
      profileText(['{ jira: status, crm: stage, default: { crm: Новаяя } }']),
      '5:49 `Новаяя` is not an option of `Стадия` on the `crm` side. → Did you mean `Новая`?',
    ],
    [
      'a line with one side',
      profileText(['{ jira: summary }']),
      '5:5 The line names no `crm` field. → Add `crm: <field>`, or `from: <expression>` for a computed field.',
    ],
    [
      'a computed line with both sides',
      profileText(['{ jira: summary, crm: title, from: jira.url }']),
      '5:5 A computed line names the one field that it writes. → Remove `from`, or remove `crm`.',
    ],
    [
      'a computed line with a policy',
      profileText(['{ crm: title, from: jira.url, conflict: hold }']),
      '5:35 `conflict` has no meaning on a computed line. → Remove `conflict`.',
    ],
    [
      'a computed value of another kind',
      profileText(['{ crm: "Плановая дата оплаты", from: jira.url }']),
      '5:42 The expression gives a text, but `Плановая дата оплаты` is a date. → Write an expression that gives a date.',
    ],
    [
      'a field computed from its own side',
      profileText(['{ crm: "Примечание", from: crm.title }']),
      '5:32 A field of the `crm` side is computed from that side itself. → Use fields of the `jira` side.',
    ],
    [
      'two writers of one field',
      profileText(['{ jira: summary, crm: title }', '{ jira: "Customer note", crm: title, direction: to-crm }']),
      '6:35 `Название` of the `crm` side is written by another line already. → Remove one of the two, or give one of them `direction: to-jira`.',
    ],
    [
      'a required field that nobody fills',
      profileText(['{ jira: "Customer note", crm: title }'], 'create: { jira: true }'),
      '4:11 `Summary` is required to create an issue on the `jira` side, and no line fills it. → Add a line with `jira: "Summary"` to `fields`, or write `create: { jira: false }`.',
    ],
    [
      'a create without issue type',
      profileText(undefined, 'create: { jira: true }').replace(', type: Purchase request', ''),
      '4:11 Issues are to be created, but `jira` names no issue type. → Add `type: <issue type>` to the `jira` block, or write `create: { jira: false }`.',
    ],
    [
      'a currency that is none',
      profileText(['{ jira: Budget, crm: opportunity, currency: rub }']),
      '5:49 `rub` is not a currency code. → Write three capital letters, for example `RUB`.',
    ],
    [
      'a currency on a text',
      profileText(['{ jira: summary, crm: title, currency: RUB }']),
      '5:44 `currency` has a meaning for money only. → Remove `currency`.',
    ],
    [
      'no fields',
      `${HEAD}fields: []\n`,
      '4:9 `fields` is empty. → Write for example `fields: [{ jira: summary, crm: title }]`.',
    ],
    [
      'fields that are no list',
      `${HEAD}fields: { jira: summary }\n`,
      '4:9 `fields` must be a list, not a map. → Write for example `fields: [{ jira: summary, crm: title }]`.',
    ],
  ];

  test.each(cases)('%s', (_name, text, expected) => {
    const found = shown(load(text).problems);
    expect(found[0]).toContain(expected);
    expect(found).toHaveLength(1);
  });
});

describe('what the connectors find wrong with a side', () => {
  test('points at the key of the side block', () => {
    const problem = {
      path: ['where', 'category'],
      message: 'There is no pipeline `Закупки`.',
      cure: 'Did you mean `Закупка`?',
    };
    const { problems } = load(profileText(), sampleDescriptions({ crm: { scope: null, problems: [problem] } }));
    expect(shown(problems)).toEqual(['3:63 There is no pipeline `Закупки`. → Did you mean `Закупка`?']);
  });

  test('does not drown in follow-ups when a side has no fields at all', () => {
    const problem = { path: ['project'], message: 'There is no project `BUY`.', cure: 'Did you mean `BUYS`?' };
    const down = sampleDescriptions({ jira: { scope: null, fields: [], problems: [problem] } });
    const { problems } = load(profileText(['{ jira: nonsense, crm: titel }'], "sync-when: 'jira.x == 1'"), down);
    expect(shown(problems).map((line) => line.split(' ')[0])).toEqual(['2:51', '6:28']);
  });

  test('does not look up stages while it is unclear whose', () => {
    const problem = { path: ['where', 'category'], message: 'There is no pipeline `Закупки`.', cure: 'Write `Общая`.' };
    const { crm } = sampleDescriptions();
    const stages = crm.fields.map((field) =>
      field.id === 'stageId' ? { ...field, options: [{ id: 'NEW', label: 'Новая (Общая)' }] } : field,
    );
    const unclear = sampleDescriptions({ crm: { scope: null, fields: stages, problems: [problem] } });
    const text = profileText(
      ['{ jira: status, crm: stage, values: { To Do: Новая } }'],
      `sync-when: 'crm.stage == "Новая"'`,
    );
    expect(load(text, unclear).problems).toHaveLength(1);
    expect(load(profileText(['{ jira: status, crm: stage }']), unclear).problems).toHaveLength(1);
  });

  test('finds an option that was removed and a field that was renamed', () => {
    const text = profileText([
      '{ jira: status, crm: stage, values: { Done: Выиграна } }',
      '{ jira: Budget, crm: opportunity, currency: RUB }',
    ]);
    expect(mustLoad(text).fields).toHaveLength(2);
    const now = sampleDescriptions();
    const jira = now.jira.fields.map((field) => {
      if (field.id === 'status')
        return { ...field, options: field.options?.filter((option) => option.label !== 'Done') ?? [] };
      return field.label === 'Budget' ? { ...field, label: 'Budget, RUB' } : field;
    });
    expect(shown(load(text, { ...now, jira: { ...now.jira, fields: jira } }).problems)).toEqual([
      "5:43 `Done` is not an option of `Status` on the `jira` side. → Write one of: `To Do`, `In Progress`, `Won't do`.",
      '6:13 `Budget` is not a field of the `jira` side. → Did you mean `Budget, RUB`?',
    ]);
  });
});
