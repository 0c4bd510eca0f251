// userfieldconfig.list/get and crm.{entity}.userfield.list. Labels come only to those who name a language; errors of
// both families have an empty code.
import type { Call, Method } from './call.ts';
import { ENTITIES, type EntityName } from './entities.ts';
import { RestError } from './errors.ts';
import type { Field } from './field.ts';
import { compileFilter } from './filter.ts';
import { asMap } from './form.ts';
import { fieldSettings } from './items.ts';
import { type Answer, answer, pageOf, readStart } from './paging.ts';
import { grantedScopes, isAdmin } from './rights.ts';
import { schemaOf } from './schema.ts';

export const USER_FIELD_METHODS: Readonly<Record<string, Method>> = {
  'userfieldconfig.list': { scope: 'userfieldconfig', run: listConfig },
  'userfieldconfig.get': { scope: 'userfieldconfig', run: getConfig },
  ...Object.fromEntries(
    ENTITIES.map((entity) => [
      `crm.${entity.name}.userfield.list`,
      { scope: 'crm', run: (call: Call) => listClassic(call, entity.name) },
    ]),
  ),
};

type Row = { readonly id: number; readonly owner: string; readonly field: Field };

function rowsOf(call: Call, entity: EntityName | null): Row[] {
  const rows: Row[] = [];
  for (const { name, userFieldEntity } of ENTITIES) {
    if (entity !== null && name !== entity) continue;
    for (const field of schemaOf(call.portal, name).fields) {
      const kept = call.portal.userFields.find((candidate) => candidate.name === field.key);
      if (kept) rows.push({ id: kept.id, owner: userFieldEntity, field });
    }
  }
  return rows;
}

function requireCrm(call: Call): void {
  if (!grantedScopes(call.portal).includes('crm')) {
    throw new RestError(400, '', 'The current method required more scopes. (crm)');
  }
  if (call.params.moduleId !== 'crm') throw new RestError(400, '', "Parameter 'moduleId' is not valid");
  if (!isAdmin(call.portal, call.user)) {
    throw new RestError(400, '', 'You do not have permission to view user field settings');
  }
}

const CONFIG_COLUMNS: Readonly<Record<string, string>> = {
  id: 'integer',
  fieldName: 'string',
  userTypeId: 'string',
  multiple: 'string',
  mandatory: 'string',
  sort: 'integer',
};

function listConfig(call: Call): Answer {
  requireCrm(call);
  const { portal, params } = call;
  const known: Record<string, unknown> = {};
  const honoured = portal.settings.variants['userfieldconfig-filter-entity'] === 'A';
  for (const [key, value] of Object.entries(asMap(params.filter))) {
    const column = key.replace(/^[!=<>@%]+/, '');
    if (column in CONFIG_COLUMNS || (column === 'entityId' && honoured)) known[key] = value;
  }
  const lookup = (name: string) => ({ key: name, type: CONFIG_COLUMNS[name] ?? 'string', dynamic: false });
  const test = compileFilter(known, lookup, portal.settings.portalOffset);
  const language = languageOf(params.select);
  const all = rowsOf(call, null).sort((left, right) => left.id - right.id);
  const rows = all.filter((row) => test({ ...configRow(row, null), id: row.id, sort: 100 }));
  const page = pageOf(portal, rows, readStart(params, 'A'));
  return answer(page, { fields: page.rows.map((row) => configRow(row, language)) });
}

function getConfig(call: Call): Answer {
  requireCrm(call);
  const row = rowsOf(call, null).find((candidate) => candidate.id === Number(call.params.id));
  if (!row) throw new RestError(400, '', 'Field not found');
  const options = row.field.options.map((option, index) => ({
    id: String(option.id),
    value: option.value,
    def: 'N',
    sort: String((index + 1) * 10),
    xmlId: option.xmlId,
  }));
  const labels = configRow(row, 'ru');
  return { result: { field: row.field.type === 'enumeration' ? { ...labels, enum: options } : labels } };
}

/** `select: ["*", {language}]` or `select: {0: "*", language: "ru"}`. */
function languageOf(select: unknown): string | null {
  const map = asMap(select);
  if (typeof map.language === 'string') return map.language;
  for (const part of Object.values(map)) {
    const language = asMap(part).language;
    if (typeof language === 'string') return language;
  }
  return null;
}

function configRow(row: Row, language: string | null): Record<string, unknown> {
  const { field } = row;
  const label = language === null ? null : { [language]: field.title };
  const labels = { languageId: language === null ? null : { [language]: language }, editFormLabel: label };
  return {
    id: String(row.id),
    entityId: row.owner,
    fieldName: field.key,
    userTypeId: field.type,
    xmlId: null,
    sort: '100',
    multiple: field.multiple ? 'Y' : 'N',
    mandatory: field.required ? 'Y' : 'N',
    showFilter: 'E',
    showInList: 'Y',
    editInList: field.readOnly ? 'N' : 'Y',
    isSearchable: 'N',
    settings: fieldSettings(field.type),
    ...(language === null ? {} : { ...labels, listColumnLabel: label, listFilterLabel: label }),
    errorMessage: null,
    helpMessage: null,
  };
}

function listClassic(call: Call, entity: EntityName): Answer {
  const { filter } = call.params;
  if (filter !== undefined && typeof filter !== 'object') {
    throw new RestError(400, '', "Parameter 'filter' must be array.");
  }
  const conditions = asMap(filter);
  const language = conditions.LANG;
  const rows = rowsOf(call, entity).map((row) => classicRow(row, typeof language === 'string'));
  const columns = Object.entries(conditions).filter(([key]) => key !== 'LANG' && rows.some((row) => key in row));
  const hits = rows.filter((row) => columns.every(([key, value]) => String(row[key]) === String(value)));
  return { result: hits, total: hits.length };
}

function classicRow(row: Row, withLabels: boolean): Record<string, unknown> {
  const { field } = row;
  const labels = { EDIT_FORM_LABEL: field.title, LIST_COLUMN_LABEL: field.title, LIST_FILTER_LABEL: field.title };
  const options = field.options.map((option, index) => ({
    ID: String(option.id),
    SORT: String((index + 1) * 10),
    VALUE: option.value,
    DEF: 'N',
    XML_ID: option.xmlId,
  }));
  return {
    ID: String(row.id),
    ENTITY_ID: row.owner,
    FIELD_NAME: field.key,
    USER_TYPE_ID: field.type,
    XML_ID: null,
    SORT: '100',
    MULTIPLE: field.multiple ? 'Y' : 'N',
    MANDATORY: field.required ? 'Y' : 'N',
    SHOW_FILTER: 'E',
    SHOW_IN_LIST: 'Y',
    EDIT_IN_LIST: 'Y',
    IS_SEARCHABLE: 'N',
    SETTINGS: fieldSettings(field.type),
    ...(withLabels ? { ...labels, ERROR_MESSAGE: null, HELP_MESSAGE: null } : {}),
    ...(field.type === 'enumeration' ? { LIST: options } : {}),
  };
}
