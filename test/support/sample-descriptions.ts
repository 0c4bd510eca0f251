// What the connectors discover in the sample company, written out by hand: profiles are checked against it.
import { createPeopleTable, type PeopleTable } from '../../src/mapping/people.ts';
import type { Description, FieldSchema, FieldType, Option, Person, Side } from '../../src/model.ts';

type Extra = Partial<FieldSchema>;

function field(id: string, label: string, type: FieldType, extra: Extra = {}): FieldSchema {
  return {
    id,
    label,
    aliases: [],
    type,
    requiredOnCreate: false,
    writableOnCreate: true,
    writableOnUpdate: true,
    ...extra,
  };
}

const READ_ONLY: Extra = { writableOnCreate: false, writableOnUpdate: false };

function options(from: number, ...labels: readonly string[]): readonly Option[] {
  return labels.map((label, index) => ({ id: String(from + index), label }));
}

const DISTRIBUTORS = ['Hydrotech', 'Nordwind Supply', 'Rotor Trade', 'Уралнасос'];

export const JIRA_FIELDS: readonly FieldSchema[] = [
  field('id', 'ID', 'text', READ_ONLY),
  field('key', 'Key', 'text', READ_ONLY),
  field('url', 'URL', 'text', READ_ONLY),
  field('summary', 'Summary', 'text', { requiredOnCreate: true, maxLength: 255, singleLine: true }),
  field('description', 'Description', 'rich-text'),
  field('priority', 'Priority', 'enum', { options: options(2, 'High', 'Medium', 'Low') }),
  field('assignee', 'Assignee', 'user'),
  field('reporter', 'Reporter', 'user', { requiredOnCreate: true }),
  field('duedate', 'Due date', 'date'),
  field('labels', 'Labels', 'set', { items: 'text' }),
  field('status', 'Status', 'status', {
    writableOnCreate: false,
    options: options(10010, 'To Do', 'In Progress', 'Done', "Won't do"),
  }),
  field('created', 'Created', 'datetime', READ_ONLY),
  field('customfield_10031', 'Budget', 'number'),
  field('customfield_10032', 'Distributor', 'enum', { options: options(10201, ...DISTRIBUTORS) }),
  field('customfield_10033', 'Номер сделки', 'text', { singleLine: true, maxLength: 255 }),
  field('customfield_10034', 'Delivery date', 'date'),
  field('customfield_10035', 'Approved at', 'datetime'),
  field('customfield_10036', 'Urgent', 'enum', { options: options(10301, 'Yes', 'No') }),
  field('customfield_10037', 'Countries', 'set', {
    items: 'enum',
    options: options(10401, 'Germany', 'Россия', 'Kazakhstan'),
  }),
  field('customfield_10038', 'Customer note', 'text', { singleLine: true, maxLength: 255 }),
  field('customfield_10039', 'Buyer', 'user'),
];

export const CRM_FIELDS: readonly FieldSchema[] = [
  field('id', 'ID', 'text', READ_ONLY),
  field('url', 'URL', 'text', READ_ONLY),
  field('title', 'Название', 'text'),
  field('stageId', 'Стадия', 'status', {
    aliases: ['stage', 'STAGE_ID'],
    options: [
      { id: 'C9:NEW', label: 'Черновик' },
      { id: 'C9:PREPARATION', label: 'Согласование' },
      { id: 'C9:PREPAYMENT_INVOICE', label: 'Новая' },
      { id: 'C9:EXECUTING', label: 'В работе' },
      { id: 'C9:WON', label: 'Выиграна' },
      { id: 'C9:LOSE', label: 'Проиграна' },
    ],
  }),
  field('opportunity', 'Сумма', 'money', { aliases: ['amount'] }),
  field('closedate', 'Дата завершения', 'date'),
  field('probability', 'Вероятность', 'number'),
  field('assignedById', 'Ответственный', 'user', { aliases: ['responsible'] }),
  field('companyId', 'Компания', 'link', { ...READ_ONLY, aliases: ['company'] }),
  field('comments', 'Комментарий', 'rich-text'),
  field('createdTime', 'Дата создания', 'datetime', READ_ONLY),
  field('ufCrm_1747309871', 'Дистрибьютор по сделке', 'enum', { options: options(81, ...DISTRIBUTORS) }),
  field('ufCrm_1747309872', 'Метки', 'set', { items: 'text' }),
  field('ufCrm_1747309873', 'Ссылка на задачу', 'text'),
  field('ufCrm_1747309874', 'Плановая дата оплаты', 'date'),
  field('ufCrm_1747309875', 'Срочно', 'boolean'),
  field('ufCrm_1747309876', 'Согласовано', 'datetime'),
  field('ufCrm_1747309877', 'Страны', 'set', {
    items: 'enum',
    options: options(91, 'Германия', 'Россия', 'Казахстан'),
  }),
  field('ufCrm_1747309878', 'Примечание', 'text'),
  field('ufCrm_1747309879', 'Закупщик', 'user'),
  field('ufCrm_1747309880', 'Бюджет', 'money'),
  field('ufCrm_1747309881', 'Дата', 'date'),
  field('ufCrm_1747309882', 'Дата', 'date'),
];

export function sampleDescriptions(
  changes: Partial<Record<Side, Partial<Description>>> = {},
): Record<Side, Description> {
  return {
    jira: {
      scope: { connection: 'jira', entity: 'issue', query: { project: '10000', type: '10001' } },
      fields: JIRA_FIELDS,
      problems: [],
      ...changes.jira,
    },
    crm: {
      scope: { connection: 'bitrix24', entity: 'deal', query: { categoryId: '9' } },
      fields: CRM_FIELDS,
      problems: [],
      ...changes.crm,
    },
  };
}

function person(id: string, name: string, email: string): Person {
  return { id, name, email, active: true };
}

export const JIRA_PEOPLE: readonly Person[] = [
  person('acc-1', 'Irina Ivanova', 'i.ivanova@nordhafen.example'),
  person('acc-2', 'Oleg Petrov', 'o.petrov@nordhafen.example'),
];

export const CRM_PEOPLE: readonly Person[] = [
  person('1', 'Irina Ivanova', 'ivanova@nordhafen.example'),
  person('2', 'Oleg Petrov', 'o.petrov@nordhafen.example'),
];

export function samplePeople(): PeopleTable {
  return createPeopleTable(JIRA_PEOPLE, CRM_PEOPLE, {
    map: [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }],
    fallback: {},
  });
}
