import { expect, test } from 'vitest';
import { entityNamed, stageDictionary } from '../../../../src/connectors/bitrix24/entities.ts';
import { fieldSchemas, readDescriptors, unlabelled } from '../../../../src/connectors/bitrix24/schema.ts';
import { resolveWhere } from '../../../../src/connectors/bitrix24/where.ts';
import { namedField } from '../../../../src/connectors/bitrix24/writes.ts';

const deal = entityNamed('deal');
const contact = entityNamed('contact');
if (deal === null || contact === null) throw new Error('entities are missing');
const NO_LISTS = { options: new Map(), labels: new Map() };

const described = readDescriptors(
  {
    fields: {
      id: { type: 'integer', isReadOnly: true, title: 'ID', upperName: 'ID' },
      title: { type: 'string', title: 'Название', upperName: 'TITLE', settings: [] },
      stageId: { type: 'crm_status', statusType: 'DEAL_STAGE', title: 'Стадия сделки', upperName: 'STAGE_ID' },
      categoryId: { type: 'crm_category', isImmutable: true, title: 'Воронка' },
      typeId: { type: 'crm_status', statusType: 'DEAL_TYPE', title: 'Тип' },
      assignedById: { type: 'user', title: 'Ответственный' },
      opportunity: { type: 'double', title: 'Сумма' },
      currencyId: { type: 'crm_currency', title: 'Валюта' },
      companyId: { type: 'crm_company', title: 'Компания' },
      sourceDescription: { type: 'text', title: 'Дополнительно об источнике' },
      comments: { type: 'text', title: 'Комментарий' },
      observers: { type: 'user', isMultiple: true, title: 'Наблюдатели' },
      fm: { type: 'crm_multifield', isMultiple: true, title: 'Мультиполя' },
      ufCrm_5: {
        type: 'enumeration',
        isMultiple: true,
        isDynamic: true,
        isRequired: true,
        items: [{ ID: 131, VALUE: 'Облако' }],
        title: 'UF_CRM_5',
        formLabel: 'Размещение',
        listLabel: 'Размещение (список)',
        upperName: 'UF_CRM_5',
      },
      ufCrm_6: {
        type: 'string',
        isDynamic: 'Y',
        title: 'UF_CRM_6',
        upperName: 'UF_CRM_6',
        settings: { MAX_LENGTH: 40 },
      },
      ufCrm_7: { type: 'date', isMultiple: true, isDynamic: true, title: 'Даты' },
      ufCrm_8: { type: 'resourcebooking', isDynamic: true, title: 'Бронь' },
      broken: 'nonsense',
    },
  },
  deal,
);
const schemas = fieldSchemas(described, NO_LISTS);
const by = (id: string) => schemas.find((field) => field.id === id);

test('gives every field its neutral type', () => {
  const types = Object.fromEntries(schemas.map(({ id, type }) => [id, type]));
  expect(types).toEqual({
    id: 'text',
    url: 'text',
    title: 'text',
    stageId: 'status',
    categoryId: 'enum',
    typeId: 'enum',
    assignedById: 'user',
    opportunity: 'money',
    currencyId: 'text',
    companyId: 'link',
    sourceDescription: 'text',
    comments: 'rich-text',
    observers: 'set',
    ufCrm_5: 'set',
    ufCrm_6: 'text',
    ufCrm_7: 'other',
    ufCrm_8: 'other',
  });
});

test('labels, other names, limits and rights come from the descriptor', () => {
  expect(by('ufCrm_5')).toEqual({
    id: 'ufCrm_5',
    label: 'Размещение',
    aliases: ['Размещение (список)', 'UF_CRM_5'],
    type: 'set',
    items: 'enum',
    options: [{ id: '131', label: 'Облако' }],
    requiredOnCreate: true,
    writableOnCreate: true,
    writableOnUpdate: true,
  });
  expect(by('assignedById')?.aliases).toEqual(['assigned', 'responsible', 'assignedBy']);
  expect(by('stageId')?.aliases).toEqual(['stage', 'STAGE_ID']);
  expect(by('ufCrm_6')).toMatchObject({ label: 'ufCrm_6', maxLength: 40 });
  expect(by('categoryId')).toMatchObject({ writableOnUpdate: true });
  expect(by('companyId')).toMatchObject({ writableOnCreate: false, writableOnUpdate: false });
  expect(by('id')).toMatchObject({ writableOnCreate: false, writableOnUpdate: false });
});

test('asks for labels only where the field list shows none', () => {
  expect(unlabelled(described)).toEqual(['UF_CRM_6']);
  const labels = new Map([['UF_CRM_6', ['Примечание', 'Note']]]);
  const labelled = fieldSchemas(described, { ...NO_LISTS, labels }).find(({ id }) => id === 'ufCrm_6');
  expect(labelled).toMatchObject({ label: 'Примечание', aliases: ['Note', 'UF_CRM_6'] });
});

test('a contact needs one of its names, not each', () => {
  const fields = readDescriptors(
    { fields: { lastName: { type: 'string', isRequired: true, title: 'Фамилия' } } },
    contact,
  );
  expect(fieldSchemas(fields, NO_LISTS).find(({ id }) => id === 'lastName')).toMatchObject({ requiredOnCreate: false });
});

test('stages of the first pipeline have the bare dictionary name', () => {
  expect(stageDictionary(deal, '0')).toBe('DEAL_STAGE');
  expect(stageDictionary(deal, '9')).toBe('DEAL_STAGE_9');
  expect(stageDictionary(contact, '0')).toBeNull();
});

const categories = new Map([
  [
    'categoryId',
    [
      { id: '9', label: 'Закупки' },
      { id: '0', label: 'Общая' },
    ],
  ],
]);
const whereFields = fieldSchemas(described, { ...NO_LISTS, options: categories });

test.each([
  [{ category: 'Закупки' }, [{ field: 'categoryId', anyOf: ['9'] }]],
  [{ Воронка: 9 }, [{ field: 'categoryId', anyOf: ['9'] }]],
  [{ categoryId: ['Закупки', '0'] }, [{ field: 'categoryId', anyOf: ['9', '0'] }]],
  [{ category: 'закупки' }, [{ field: 'categoryId', anyOf: ['9'] }]],
  [
    { assigned: '14', Название: 'Насос' },
    [
      { field: 'assignedById', anyOf: ['14'] },
      { field: 'title', anyOf: ['Насос'] },
    ],
  ],
  [{ Размещение: 'Облако' }, [{ field: 'ufCrm_5', anyOf: ['131'] }]],
])('%o becomes %o', (where, clauses) => {
  expect(resolveWhere(where, whereFields)).toEqual({ clauses, problems: [] });
});

test.each([
  [{ category: 'Закупка' }, 'Did you mean "Закупки"?'],
  [{ Ворнка: 'Закупки' }, 'Did you mean "Воронка"?'],
  [{ assigned: 'Weber' }, 'Write the id of the user.'],
  [{ Сумма: 5 }, expect.stringContaining('Сумма')],
])('%o is a problem with the cure %o', (where, cure) => {
  const { problems } = resolveWhere(where, whereFields);
  expect(problems).toMatchObject([{ path: ['where', Object.keys(where)[0]], cure }]);
});

test('a text instead of a map is explained', () => {
  expect(resolveWhere('category = 9', whereFields).problems).toMatchObject([{ path: ['where'] }]);
});

test('finds the field that a localised refusal names, the longest label first', () => {
  const touched = ['typeId', 'title', 'stageId'];
  expect(namedField('Неверное значение поля "Стадия сделки"', touched, described)).toBe('stageId');
  expect(namedField('Не заполнено обязательное поле "Название"', touched, described)).toBe('title');
  expect(namedField('Expected iterable value', touched, described)).toBeNull();
  expect(namedField('Expected iterable value', ['title'], described)).toBe('title');
});
