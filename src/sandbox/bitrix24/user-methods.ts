// user.get and user.current. Classic rows: ids are texts.
import type { Call, Method } from './call.ts';
import { printInstant } from './dates.ts';
import { compareValues, compileFilter } from './filter.ts';
import { asMap } from './form.ts';
import { type Answer, answer, pageOf, readStart } from './paging.ts';
import type { Portal, User } from './portal.ts';
import { grantedScopes } from './rights.ts';

const USER_SCOPES = ['user', 'user_basic', 'user_brief'] as const;

export const USER_METHODS: Readonly<Record<string, Method>> = {
  'user.get': { scope: USER_SCOPES, run: getUsers },
  'user.current': { scope: USER_SCOPES, run: (call) => ({ result: currentUser(call.portal, call.user) }) },
};

const NUMBERS = new Set(['ID', 'UF_DEPARTMENT']);
const COLUMNS = new Set(
  'ID ACTIVE NAME LAST_NAME SECOND_NAME EMAIL WORK_POSITION TIME_ZONE USER_TYPE IS_ONLINE UF_DEPARTMENT'.split(' '),
);
const REGISTERED_MS = Date.UTC(2025, 1, 3);

function getUsers(call: Call): Answer {
  const { portal, params } = call;
  if (portal.settings.revokeToken === 'empty-pages') return { result: [], total: 0 };
  const filter = asMap(params.FILTER ?? params.filter);
  const known: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(filter)) {
    const column = key.replace(/^[!=<>@%]+/, '');
    if (COLUMNS.has(column)) known[key] = column === 'ACTIVE' ? activeFlag(value) : value;
  }
  const lookup = (name: string) => ({ key: name, type: NUMBERS.has(name) ? 'integer' : 'string', dynamic: false });
  const test = compileFilter(known, lookup, portal.settings.portalOffset);
  const users = portal.users.filter((user) => test(filterRow(user)));
  const by = String(params.sort ?? 'ID');
  const sign = String(params.order ?? 'ASC').toUpperCase() === 'DESC' ? -1 : 1;
  users.sort((left, right) => sign * compareValues(filterRow(left)[by], filterRow(right)[by]));
  // Classic lists round an odd offset down to a page.
  const page = pageOf(portal, users, readStart(params, 'B'));
  return answer(
    page,
    page.rows.map((user) => printUser(portal, user)).map((row) => selected(row, params.select)),
  );
}

function activeFlag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(activeFlag);
  return ['N', '0', 'false', ''].includes(String(value)) ? 'n' : 'y';
}

function filterRow(user: User): Record<string, unknown> {
  return {
    ID: user.id,
    ACTIVE: user.active ? 'y' : 'n',
    NAME: user.name,
    LAST_NAME: user.lastName,
    EMAIL: user.email,
    WORK_POSITION: user.position,
    TIME_ZONE: 'Europe/Moscow',
    USER_TYPE: 'employee',
    IS_ONLINE: user.active ? 'Y' : 'N',
    UF_DEPARTMENT: 3,
  };
}

function selected(row: Record<string, unknown>, select: unknown): Record<string, unknown> {
  const names = Object.values(asMap(select)).map(String);
  if (names.length === 0 || names.includes('*')) return row;
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

export function printUser(portal: Portal, user: User): Record<string, unknown> {
  // The brief scope leaves fields out instead of emptying them.
  const seesContacts = grantedScopes(portal).some((scope) => scope === 'user' || scope === 'user_basic');
  return {
    ID: String(user.id),
    ACTIVE: user.active,
    NAME: user.name,
    LAST_NAME: user.lastName,
    SECOND_NAME: '',
    ...(seesContacts ? { EMAIL: user.email, PERSONAL_MOBILE: '', WORK_PHONE: '' } : {}),
    LAST_LOGIN: printInstant(REGISTERED_MS, portal.settings.portalOffset),
    DATE_REGISTER: printInstant(REGISTERED_MS, portal.settings.portalOffset),
    TIME_ZONE: 'Europe/Moscow',
    IS_ONLINE: user.active ? 'Y' : 'N',
    // Seen as empty maps in lists.
    TIMESTAMP_X: {},
    LAST_ACTIVITY_DATE: {},
    PERSONAL_GENDER: '',
    PERSONAL_WWW: '',
    PERSONAL_CITY: '',
    PERSONAL_BIRTHDAY: '',
    WORK_POSITION: user.position,
    UF_EMPLOYMENT_DATE: '',
    UF_DEPARTMENT: [3],
    USER_TYPE: 'employee',
  };
}

function currentUser(portal: Portal, user: User): Record<string, unknown> {
  return { ...printUser(portal, user), LAST_ACTIVITY_DATE: '2026-11-18 10:14:02' };
}
