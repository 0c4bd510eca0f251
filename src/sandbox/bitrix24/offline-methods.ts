// event.offline.get, list, clear, error. Rows are those of the application and the caller's auth_connector.
import type { OfflineRow } from './application.ts';
import type { Call, Method } from './call.ts';
import { printInstant } from './dates.ts';
import { argumentError, forbidden, missingArgument } from './errors.ts';
import { compareValues, compileFilter } from './filter.ts';
import { asMap, type Params } from './form.ts';
import { markFailed, removeRows, reserve, rowsOf } from './offline-queue.ts';
import { type Answer, answer, pageOf, readStart } from './paging.ts';
import type { Portal } from './portal.ts';
import { hasFeature, isAdmin } from './rights.ts';

export const OFFLINE_METHODS: Readonly<Record<string, Method>> = {
  'event.offline.get': { scope: null, run: getRows },
  'event.offline.list': { scope: null, run: listRows },
  'event.offline.clear': { scope: null, run: clearRows },
  'event.offline.error': { scope: null, run: failRows },
};

const DEFAULT_LIMIT = 50;
const MESSAGE_ID_LENGTH = 32;
const COLUMNS: Readonly<Record<string, string>> = {
  ID: 'integer',
  TIMESTAMP_X: 'datetime',
  EVENT_NAME: 'string',
  MESSAGE_ID: 'string',
};
const LIST_COLUMNS = { ...COLUMNS, PROCESS_ID: 'string', ERROR: 'integer' };

/** Parameter names in any letter case; the queue is for administrators. */
function readQueueCall(call: Call): Params {
  if (!isAdmin(call.portal, call.user)) throw forbidden('Access denied!');
  return Object.fromEntries(Object.entries(call.params).map(([name, value]) => [name.toLowerCase(), value]));
}

function getRows(call: Call): Answer {
  const { portal } = call;
  const params = readQueueCall(call);
  let clears = params.clear === undefined || Number(params.clear) !== 0;
  if (!clears && !hasFeature(portal, 'rest_offline_extended')) {
    if (portal.settings.variants['offline-clear0-without-plan'] === 'A') {
      throw forbidden('Access denied! Available only on extended plans');
    }
    clears = true;
  }
  const asked = params.limit === undefined ? DEFAULT_LIMIT : Math.trunc(Number(params.limit));
  if (!(asked > 0)) throw argumentError('LIMIT', 'Value must be positive integer');
  const limit = portal.settings.variants['offline-limit-max'] === 'A' ? asked : Math.min(asked, DEFAULT_LIMIT);

  const given = String(params.process_id ?? '').trim();
  const failed = Number(params.error ?? 0) === 1;
  const rows = selectRows(portal, params, COLUMNS, { TIMESTAMP_X: 'ASC' }, (row) =>
    given === '' ? row.processId === '' && row.error === failed : row.processId === given,
  );
  const processId = given === '' ? portal.random.hex(16) : given;
  const taken = given === '' ? reserve(portal, rows.slice(0, limit), processId) : rows;
  if (clears) removeRows(portal, taken);
  return {
    result: { process_id: clears ? null : processId, events: taken.map((row) => printRow(portal, row)) },
  };
}

function listRows(call: Call): Answer {
  const { portal } = call;
  const params = readQueueCall(call);
  const rows = selectRows(portal, params, LIST_COLUMNS, { ID: 'ASC' }, () => true);
  const page = pageOf(portal, rows, readStart(params, 'B', false));
  const shown = page.rows.map((row) => ({
    ...printRow(portal, row),
    PROCESS_ID: row.processId,
    ERROR: row.error ? '1' : '0',
  }));
  return answer(page, shown);
}

function clearRows(call: Call): Answer {
  const { portal } = call;
  const params = readQueueCall(call);
  const rows = rowsOfProcess(portal, params);
  const messages = messageIds(params);
  const ids = params.id === undefined ? null : new Set(listOf(params.id).map(Number));
  const byMessage = (row: OfflineRow) => messages === null || messages.has(row.messageId);
  const byId = (row: OfflineRow) => ids === null || ids.has(row.id);
  // Both given: which one counts is told in two ways.
  const idWins = ids !== null && (messages === null || portal.settings.variants['offline-clear-precedence'] === 'A');
  removeRows(portal, rows.filter(idWins ? byId : byMessage));
  return { result: true };
}

function failRows(call: Call): Answer {
  const params = readQueueCall(call);
  const messages = messageIds(params);
  const rows = rowsOfProcess(call.portal, params);
  markFailed(
    call.portal,
    rows.filter((row) => messages === null || messages.has(row.messageId)),
  );
  return { result: true };
}

function rowsOfProcess(portal: Portal, params: Params): OfflineRow[] {
  const processId = String(params.process_id ?? '').trim();
  if (processId === '') throw missingArgument('PROCESS_ID');
  return rowsOf(portal, portal.acting.connector).filter((row) => row.processId === processId);
}

function messageIds(params: Params): Set<string> | null {
  if (params.message_id === undefined) return null;
  const ids = listOf(params.message_id).map(String);
  if (ids.some((id) => id.length !== MESSAGE_ID_LENGTH)) {
    throw argumentError('MESSAGE_ID', 'Value must be array of MESSAGE_ID values');
  }
  return new Set(ids);
}

function listOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(asMap(value)) : [value];
}

function selectRows(
  portal: Portal,
  params: Params,
  columns: Readonly<Record<string, string>>,
  defaultOrder: Readonly<Record<string, unknown>>,
  wanted: (row: OfflineRow) => boolean,
): OfflineRow[] {
  const filter = asMap(params.filter);
  for (const key of Object.keys(filter)) {
    const name = key.replace(/^[!=<>@%]+/, '');
    if (!Object.hasOwn(columns, name)) throw argumentError('FILTER', `Filter field not allowed: ${name}`);
  }
  const lookup = (name: string) => ({ key: name, type: columns[name] ?? 'string', dynamic: false });
  const test = compileFilter(filter, lookup, portal.settings.portalOffset);
  const given = Object.entries(asMap(params.order));
  for (const [name] of given) {
    if (!Object.hasOwn(columns, name)) throw argumentError('ORDER', `Order field not allowed: ${name}`);
  }
  const order = given.length > 0 ? given : Object.entries(defaultOrder);
  return rowsOf(portal, portal.acting.connector)
    .filter((row) => wanted(row) && test(columnsOf(row)))
    .sort((left, right) => compareRows(order, left, right));
}

function compareRows(order: readonly [string, unknown][], left: OfflineRow, right: OfflineRow): number {
  for (const [name, direction] of order) {
    const sign = String(direction).toUpperCase() === 'DESC' ? -1 : 1;
    const result = compareValues(columnsOf(left)[name], columnsOf(right)[name]);
    if (result !== 0) return sign * result;
  }
  return left.id - right.id;
}

function columnsOf(row: OfflineRow): Record<string, unknown> {
  return {
    ID: row.id,
    TIMESTAMP_X: row.at,
    EVENT_NAME: row.event,
    MESSAGE_ID: row.messageId,
    PROCESS_ID: row.processId,
    ERROR: row.error ? 1 : 0,
  };
}

function printRow(portal: Portal, row: OfflineRow): Record<string, unknown> {
  const told = portal.settings.variants['offline-event-data'] === 'A';
  return {
    ID: String(row.id),
    TIMESTAMP_X: printInstant(row.at, portal.settings.portalOffset),
    EVENT_NAME: row.event,
    EVENT_DATA: told ? row.data : false,
    // Nobody acted when a robot did.
    EVENT_ADDITIONAL: told && row.userId !== null ? { user_id: String(row.userId) } : false,
    MESSAGE_ID: row.messageId,
  };
}
