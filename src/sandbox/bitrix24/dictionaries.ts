// Stages and other dictionaries, pipelines, currencies.
import { type Call, entityOf, looksEmpty, type Method } from './call.ts';
import { RestError } from './errors.ts';
import { compareValues, compileFilter } from './filter.ts';
import { asMap, isMap } from './form.ts';
import type { Answer } from './paging.ts';
import type { Portal, Status } from './portal.ts';

export const DICTIONARY_METHODS: Readonly<Record<string, Method>> = {
  'crm.status.list': { scope: 'crm', run: listStatuses },
  'crm.category.list': { scope: 'crm', run: listCategories },
  'crm.currency.list': { scope: 'crm', run: listCurrencies },
  'crm.settings.mode.get': { scope: 'crm', run: (call) => ({ result: call.portal.settings.simpleCrm ? 2 : 1 }) },
};

const COLORS = { process: '#39A8EF', success: '#7BD500', failure: '#FF5752' } as const;

/** All values are texts. */
function statusRow(status: Status): Record<string, unknown> {
  const semantics = status.semantics === 'S' ? 'success' : status.semantics === 'F' ? 'failure' : 'process';
  const isStage = status.dictionary === 'STATUS' || status.dictionary.startsWith('DEAL_STAGE');
  return {
    ID: String(status.id),
    ENTITY_ID: status.dictionary,
    STATUS_ID: status.statusId,
    NAME: status.name,
    NAME_INIT: status.name,
    SORT: String(status.sort),
    SYSTEM: 'Y',
    CATEGORY_ID: status.categoryId === null ? null : String(status.categoryId),
    ...(isStage ? { COLOR: COLORS[semantics] } : {}),
    SEMANTICS: status.semantics,
    ...(isStage ? { EXTRA: { SEMANTICS: semantics, COLOR: COLORS[semantics] } } : {}),
  };
}

const STATUS_COLUMNS: readonly string[] =
  'ID ENTITY_ID STATUS_ID NAME NAME_INIT SORT SYSTEM CATEGORY_ID SEMANTICS'.split(' ');

function listStatuses(call: Call): Answer {
  const { filter, order } = call.params;
  if (filter !== undefined && filter !== '' && typeof filter !== 'object') {
    throw new RestError(400, 'Invalid parameters.', 'Переданы некорректные параметры.');
  }
  if (call.portal.settings.revokeToken === 'empty-pages') return { result: [], total: 0 };
  // A condition on a column that does not exist is left out, not refused.
  const known = Object.fromEntries(
    Object.entries(asMap(filter)).filter(([key]) => STATUS_COLUMNS.includes(key.replace(/^[!=<>@%]+/, ''))),
  );
  const column = (name: string) => ({ key: name, type: 'string', dynamic: false });
  const test = compileFilter(known, column, call.portal.settings.portalOffset);
  const rows = call.portal.statuses.map(statusRow).filter(test);
  const [by = 'SORT', direction = 'ASC'] = Object.entries(asMap(order))[0] ?? [];
  const sign = String(direction).toUpperCase() === 'DESC' ? -1 : 1;
  rows.sort((left, right) => sign * compareColumn(left[by], right[by]));
  return { result: rows, total: rows.length };
}

function compareColumn(left: unknown, right: unknown): number {
  const numbers = [Number(left), Number(right)] as const;
  return numbers.some(Number.isNaN) ? compareValues(left, right) : numbers[0] - numbers[1];
}

function listCategories(call: Call): Answer {
  const entity = entityOf(call);
  if (entity.name === 'lead') throw new RestError(400, 'ENTITY_TYPE_NOT_SUPPORTED', 'Тип не поддерживает воронки');
  if (looksEmpty(call.portal, entity.name)) return { result: { categories: [] }, total: 0 };
  const categories = entity.name === 'deal' ? categoryRows(call.portal, entity.typeId) : [];
  return { result: { categories }, total: categories.length };
}

function categoryRows(portal: Portal, entityTypeId: number): unknown[] {
  return portal.categories.map((category) => ({
    id: category.id,
    name: category.name,
    sort: category.sort,
    entityTypeId,
    isDefault: category.id === 0 ? 'Y' : 'N',
    ...(category.id === 0 ? {} : { originId: '', originatorId: '' }),
  }));
}

function listCurrencies(call: Call): Answer {
  if (call.params.order !== undefined && !isMap(call.params.order) && !Array.isArray(call.params.order)) {
    throw new RestError(400, '', "Parameter 'order' must be array.");
  }
  const rows = call.portal.currencies.map((currency, index) => ({
    CURRENCY: currency.code,
    AMOUNT_CNT: '1',
    AMOUNT: currency.rate.toFixed(4),
    SORT: String((index + 1) * 100),
    BASE: currency.base ? 'Y' : 'N',
    FULL_NAME: currency.name,
    LID: 'ru',
    FORMAT_STRING: `# ${currency.code}`,
    DEC_POINT: '.',
    THOUSANDS_SEP: '&nbsp;',
    DECIMALS: '2',
    DATE_UPDATE: '2025-02-03T12:00:00+03:00',
  }));
  // The documented sample counts nothing here.
  return { result: rows, total: 0 };
}
