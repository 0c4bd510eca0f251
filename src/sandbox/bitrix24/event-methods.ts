// event.bind, event.get, event.unbind, event.test: for the application alone. Names of parameters and events in any
// letter case.
import type { Handler } from './application.ts';
import type { Call, Method } from './call.ts';
import { argumentError, forbidden, missingArgument, RestError } from './errors.ts';
import { APP_TEST, EVENT_CODES, isEventFor, OFFLINE_NOTICE } from './event-codes.ts';
import { asMap, type Params } from './form.ts';
import type { Answer } from './paging.ts';
import { nextId } from './portal.ts';
import { appScopes, isAdmin } from './rights.ts';

export const EVENT_METHODS: Readonly<Record<string, Method>> = {
  events: { scope: null, run: () => ({ result: EVENT_CODES }) },
  'event.bind': { scope: null, run: bind },
  'event.get': { scope: null, run: list },
  'event.unbind': { scope: null, run: unbind },
  'event.test': { scope: null, run: test },
};

type Binding = { readonly event: string; readonly url: string; readonly offline: boolean; readonly params: Params };

function readBinding(call: Call, doing: 'binding' | 'unbinding'): Binding {
  const params = Object.fromEntries(Object.entries(call.params).map(([name, value]) => [name.toLowerCase(), value]));
  const event = String(params.event ?? '').toUpperCase();
  if (event === '') throw missingArgument('EVENT');
  const type = String(params.event_type ?? '') || 'online';
  if (type !== 'online' && type !== 'offline') {
    throw argumentError('EVENT_TYPE', 'Value must be one of {online|offline}');
  }
  const offline = type === 'offline';
  const url = offline ? '' : String(params.handler ?? '');
  if (!offline && url === '') throw missingArgument('HANDLER');
  if (offline && !isAdmin(call.portal, call.user)) {
    throw forbidden(`Access denied! Offline events ${doing} requires administrator access rights`);
  }
  return { event, url, offline, params };
}

/** Whose handlers are meant: the caller's own unless an administrator says otherwise; null: everybody's. */
function authType(call: Call, params: Params, doing: 'binding' | 'unbinding'): number | null {
  const admin = isAdmin(call.portal, call.user);
  if (params.auth_type === undefined || params.auth_type === '') return admin ? null : call.user.id;
  const asked = Number(params.auth_type) || 0;
  if (admin) return asked;
  if (asked !== 0 && asked !== call.user.id) {
    throw forbidden(`Access denied! Event ${doing} with AUTH_TYPE requires administrator access rights`);
  }
  return call.user.id;
}

function bind(call: Call): Answer {
  const { portal } = call;
  const { event, url, offline, params } = readBinding(call, 'binding');
  const userId = authType(call, params, 'binding') ?? 0;
  if (offline && event === OFFLINE_NOTICE) {
    throw argumentError('EVENT', 'Offline event notifications cannot be registered as offline');
  }
  // No error for an address that the portal does not like.
  if (!offline && !isCallable(url)) return { result: false };
  if (!isEventFor(event, appScopes(portal))) throw new RestError(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
  const handler: Handler = {
    id: nextId(portal, 'handler'),
    event,
    url,
    authType: offline ? 0 : userId,
    offline,
    connector: portal.acting.connector,
    minTimeout: minTimeoutOf(params),
  };
  if (portal.app.handlers.some((kept) => isSame(kept, handler))) throw alreadyBound(call);
  portal.app.handlers.push(handler);
  return { result: true };
}

function minTimeoutOf(params: Params): number {
  const raw = asMap(params.options).minTimeout;
  return raw === undefined || Number.isNaN(Number(raw)) ? 1 : Math.max(0, Number(raw));
}

function isCallable(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function isSame(one: Handler, other: Handler): boolean {
  return (
    one.event === other.event &&
    one.url === other.url &&
    one.offline === other.offline &&
    one.authType === other.authType &&
    one.connector === other.connector
  );
}

function alreadyBound(call: Call): RestError {
  const text = 'Unable to set event handler: Handler already binded';
  const core = call.portal.settings.variants['event-bind-duplicate'] === 'A';
  return new RestError(400, core ? 'ERROR_CORE' : 'ERROR_EVENT_BINDING_EXISTS', text);
}

function unbind(call: Call): Answer {
  const { portal } = call;
  const { event, url, offline, params } = readBinding(call, 'unbinding');
  const userId = authType(call, params, 'unbinding');
  const isMeant = (handler: Handler) =>
    handler.event === event &&
    handler.offline === offline &&
    handler.url === url &&
    (offline ? handler.connector === portal.acting.connector : userId === null || handler.authType === userId);
  const left = portal.app.handlers.filter((handler) => !isMeant(handler));
  const count = portal.app.handlers.length - left.length;
  portal.app.handlers = left;
  return { result: { count } };
}

function list(call: Call): Answer {
  const { portal, user } = call;
  const all = isAdmin(portal, user);
  const rows = portal.app.handlers
    .filter((handler) => all || (!handler.offline && handler.authType === user.id))
    .map((handler) =>
      handler.offline
        ? { event: handler.event, connector_id: handler.connector, offline: 1 }
        : { event: handler.event, handler: handler.url, auth_type: String(handler.authType), offline: 0 },
    );
  return { result: rows };
}

/** Raises ONAPPTEST with what it was given. */
function test(call: Call): Answer {
  const { auth: _, ...query } = call.params;
  call.portal.tellApp(APP_TEST, { QUERY: query });
  return { result: true };
}
