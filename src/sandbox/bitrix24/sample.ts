// The portal of the sample company: its pipelines, dictionaries, people and deals, with a few records of every kind.
import type { SampleCompany, SampleDeal } from '../sample-company.ts';
import { keepItem } from './item-store.ts';
import type { Category, Currency, Item, Portal, Status, User } from './portal.ts';
import { schemaOf } from './schema.ts';
import { noteStage } from './stage-history.ts';

export const PURCHASING = 9;

export const CATEGORIES: readonly Category[] = [
  { id: PURCHASING, name: 'Закупки', sort: 200 },
  { id: 0, name: 'Общая', sort: 300 },
];

export const CURRENCIES: readonly Currency[] = [
  { code: 'RUB', name: 'Российский рубль', rate: 1, base: true },
  { code: 'EUR', name: 'Евро', rate: 98.5, base: false },
  { code: 'USD', name: 'Доллар США', rate: 91.2, base: false },
];

/** `statusId name` in order of sorting; S and F mark the final stages. */
const DICTIONARIES: readonly (readonly [dictionary: string, categoryId: number | null, entries: string])[] = [
  [
    'DEAL_STAGE_9',
    PURCHASING,
    'C9:NEW Черновик|C9:PREPARATION Согласование|C9:PREPAYMENT_INVOICE Новая|C9:EXECUTING В работе|C9:WON Выиграна|C9:LOSE Проиграна',
  ],
  [
    'DEAL_STAGE',
    0,
    'NEW Новая|PREPARATION Подготовка документов|EXECUTING В работе|WON Сделка успешна|LOSE Сделка провалена',
  ],
  ['STATUS', null, 'NEW Не обработан|IN_PROCESS В работе|CONVERTED Качественный лид|JUNK Некачественный лид'],
  ['SOURCE', null, 'CALL Звонок|WEB Веб-сайт|EMAIL Электронная почта'],
  ['DEAL_TYPE', null, 'SALE Продажа|SERVICE Услуга'],
  ['CONTACT_TYPE', null, 'CLIENT Клиенты|SUPPLIER Поставщики'],
  ['COMPANY_TYPE', null, 'CUSTOMER Клиент|SUPPLIER Поставщик'],
  ['INDUSTRY', null, 'MANUFACTURING Производство|OTHER Другое'],
  ['EMPLOYEES', null, 'EMPLOYEES_1 менее 50|EMPLOYEES_2 50-250'],
  ['HONORIFIC', null, 'HNR_RU_1 Господин|HNR_RU_2 Госпожа'],
];
const SEMANTICS: Readonly<Record<string, 'S' | 'F'>> = { WON: 'S', CONVERTED: 'S', LOSE: 'F', JUNK: 'F' };

export function sampleStatuses(): Status[] {
  const statuses: Status[] = [];
  for (const [dictionary, categoryId, entries] of DICTIONARIES) {
    for (const [index, entry] of entries.split('|').entries()) {
      const [statusId = '', ...name] = entry.split(' ');
      const semantics = SEMANTICS[statusId.replace(/^C\d+:/, '')] ?? null;
      const id = 201 + statuses.length;
      statuses.push({ id, dictionary, statusId, name: name.join(' '), sort: (index + 1) * 10, categoryId, semantics });
    }
  }
  return statuses;
}

export function sampleUsers(company: SampleCompany): User[] {
  const users = company.people.map((person, index) => {
    const [name = '', ...lastName] = person.name.split(' ');
    const id = index === 0 ? 1 : 10 + index * 2;
    const position = index === 0 ? 'Руководитель закупок' : 'Менеджер по закупкам';
    return { id, key: person.key, name, lastName: lastName.join(' '), email: person.crmEmail, active: true, position };
  });
  const left = { id: 5, key: 'aslanov', name: 'Тимур', lastName: 'Асланов', email: 't.aslanov@nordhafen.example' };
  return [...users, { ...left, active: false, position: 'Инженер' }].sort((one, other) => one.id - other.id);
}

/** Ids start where an older portal's would. */
const FIRST_DEAL = 7001;

export function loadSample(portal: Portal, company: SampleCompany): void {
  portal.counters.set('deal', FIRST_DEAL - 1);
  for (const deal of company.deals) put(portal, 'deal', deal.createdAt, purchase(portal, deal));
  const start = company.deals[0]?.createdAt ?? portal.clock.now();
  const companies = company.distributors.map((title) =>
    put(portal, 'company', start, {
      title,
      typeId: 'SUPPLIER',
      industry: 'MANUFACTURING',
      revenue: 0,
      currencyId: 'RUB',
    }),
  );
  for (const [index, name] of ['Пётр Ильин', 'Ольга Крылова', 'Heike Brandt'].entries()) {
    const [first, last] = name.split(' ');
    const phone = { id: 501 + index, typeId: 'PHONE', valueType: 'WORK', value: `+7812555011${index}` };
    const fields = { name: first, lastName: last, companyId: companies[index]?.id ?? null, fm: [phone], hasPhone: 'Y' };
    put(portal, 'contact', start, { ...fields, export: 'Y', typeId: 'SUPPLIER' });
  }
  portal.counters.set('fm', 510);
  for (const title of ['Заявка с сайта: насосы для ЦТП', 'Звонок: ремонт уплотнений', 'Anfrage: Kreiselpumpen']) {
    const money = { opportunity: 0, currencyId: 'RUB', isManualOpportunity: 'N' };
    put(portal, 'lead', start, { title, stageId: 'NEW', stageSemanticId: 'P', sourceId: 'WEB', ...money });
  }
  for (const title of ['Поставка насосов: Волга-Энерго', 'Сервисный договор: Ладога', 'Шеф-монтаж: Балтика']) {
    const stage = { categoryId: 0, stageId: 'NEW', stageSemanticId: 'P', isNew: 'Y', closed: 'N' };
    put(portal, 'deal', start, { title, ...stage, opportunity: 250000, currencyId: 'RUB', isManualOpportunity: 'Y' });
  }
}

function put(portal: Portal, entity: 'lead' | 'deal' | 'contact' | 'company', createdAt: number, fields: object): Item {
  const id = (portal.counters.get(entity) ?? 0) + 1;
  portal.counters.set(entity, id);
  const at = Math.floor(createdAt / 1000) * 1000;
  const by = portal.users[0]?.id ?? 1;
  const service = { createdTime: at, updatedTime: at, createdBy: by, updatedBy: by, assignedById: by, opened: 'Y' };
  const moved = entity === 'lead' || entity === 'deal' ? { movedBy: by, movedTime: at } : {};
  const item = { id, ...service, lastActivityBy: by, lastActivityTime: at, ...moved, ...fields } as Item;
  keepItem(portal, entity, item);
  noteStage(portal, entity, null, item, at);
  return item;
}

function purchase(portal: Portal, deal: SampleDeal): Record<string, unknown> {
  const stages = portal.statuses.filter((status) => status.dictionary === `DEAL_STAGE_${PURCHASING}`);
  const stage = stages.find((candidate) => candidate.name === deal.stage) ?? stages[0];
  const responsible = portal.users.find((user) => user.key === deal.responsible)?.id ?? portal.users[0]?.id;
  const user = (label: string) => schemaOf(portal, 'deal').fields.find((field) => field.title === label);
  const distributor = user('Дистрибьютор по сделке');
  return {
    title: deal.title,
    assignedById: responsible,
    createdBy: responsible,
    updatedBy: responsible,
    categoryId: PURCHASING,
    stageId: stage?.statusId,
    stageSemanticId: stage?.semantics ?? 'P',
    isNew: stage === stages[0] ? 'Y' : 'N',
    closed: stage?.semantics ? 'Y' : 'N',
    typeId: 'SALE',
    sourceId: 'CALL',
    opportunity: deal.amount ?? 0,
    currencyId: deal.currency,
    isManualOpportunity: 'Y',
    taxValue: 0,
    comments: deal.comments,
    begindate: new Date(deal.createdAt).toISOString().slice(0, 10),
    closedate: deal.closeDate,
    [distributor?.key ?? '']: distributor?.options.find((option) => option.value === deal.distributor)?.id ?? null,
    [user('Метки')?.key ?? '']: [...deal.tags],
    [user('Срочно')?.key ?? '']: deal.urgent ? 'Y' : 'N',
  };
}
