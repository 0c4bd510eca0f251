// Events for the application: to its online handlers with tokens of a user, to its offline queue, and the notice that
// the queue has something. Handlers of an application that is not installed or not paid are passed by without a word.
import type { OutgoingWebhook } from '../http.ts';
import type { Handler } from './application.ts';
import { OFFLINE_NOTICE, WITH_REFRESH_TOKEN } from './event-codes.ts';
import { enqueue } from './offline-queue.ts';
import { type Acting, baseUrl, type Portal, serverBase } from './portal.ts';
import { appScopes } from './rights.ts';
import { ACCESS_SECONDS, mintAccess, mintRefresh } from './tokens.ts';

export type EventData = Readonly<Record<string, unknown>>;
/** Lets a message leave as the webhook mode says; `build` runs when it leaves. */
export type Post = (event: string, id: number, build: () => OutgoingWebhook) => void;
export type AppEvent = { readonly event: string; readonly name: string; readonly id: number; readonly data: EventData };

/** Box source counts the hops of event tokens: 3 in older, 7 in newer versions. */
const MAX_HOPS = 3;
type Lines = [key: string, value: string][];

export function tellApplication(portal: Portal, post: Post, told: AppEvent): void {
  const { acting, app, settings } = portal;
  if (!app.installed || settings.paymentExpired) return;
  if (settings.variants['event-token-hops'] === 'A' && acting.hops >= MAX_HOPS) return;
  let queued = false;
  for (const handler of app.handlers) {
    if (handler.event !== told.event) continue;
    if (!handler.offline) postTo(portal, post, handler, told, acting);
    else if (!isSuppressed(portal, handler, told.event)) {
      enqueue(portal, { event: told.event, data: told.data, connector: handler.connector });
      queued = true;
    }
  }
  if (queued) notice(portal, post);
}

/** The application's own change is not queued for the connector that made it; side effects of robots are. */
function isSuppressed(portal: Portal, handler: Handler, event: string): boolean {
  const { acting, settings } = portal;
  if (!acting.byApp || acting.connector !== handler.connector) return false;
  if (acting.connector === '' && settings.variants['offline-suppress-without-connector'] === 'B') return false;
  return settings.variants['offline-suppress-scope'] === 'A' || !event.startsWith('ONCRMTIMELINE');
}

function notice(portal: Portal, post: Post): void {
  const { acting, app } = portal;
  for (const handler of app.handlers) {
    if (handler.event !== OFFLINE_NOTICE) continue;
    const last = app.noticed.get(handler.id);
    const gap = handler.minTimeout * 1_000;
    const now = portal.clock.now();
    if (last && (last.at + gap > now || last.hit === acting.hit)) {
      const waits = portal.settings.variants['offline-notice-timeout'] === 'B';
      // One that waits stands for all that come until then.
      if (!waits || last.at > now || last.hit === acting.hit) continue;
      app.noticed.set(handler.id, { at: last.at + gap, hit: acting.hit });
      portal.later(last.at + gap - now, () => postNotice(portal, post, handler, acting));
      continue;
    }
    app.noticed.set(handler.id, { at: now, hit: acting.hit });
    postNotice(portal, post, handler, acting);
  }
}

function postNotice(portal: Portal, post: Post, handler: Handler, acting: Acting): void {
  postTo(portal, post, handler, { event: OFFLINE_NOTICE, name: OFFLINE_NOTICE, id: 0, data: {} }, acting);
}

function postTo(portal: Portal, post: Post, handler: Handler, told: AppEvent, acting: Acting): void {
  post(told.event, told.id, () => {
    const lines: Lines = [
      ['event', told.name],
      ['event_handler_id', String(handler.id)],
      ...bracketLines('data', told.data),
      ['ts', String(Math.floor(portal.clock.now() / 1000))],
      ...tokenLines(portal, handler, told.event, acting),
    ];
    return formRequest(handler.url, [...lines, ...placeLines(portal)]);
  });
}

/** Tokens of the user who acted, or of the one the handler names; a robot has none. */
function tokenLines(portal: Portal, handler: Handler, event: string, acting: Acting): Lines {
  const { variants } = portal.settings;
  const robots = variants['event-tokens-of-robots'] === 'B' ? portal.users[0]?.id : null;
  const userId = handler.authType || (acting.userId ?? robots ?? null);
  const rest: Lines = [
    ['auth[scope]', appScopes(portal).join(',')],
    ['auth[status]', 'L'],
  ];
  if (userId === null) return rest;
  const withRefresh = WITH_REFRESH_TOKEN.has(event) || variants['event-refresh-token'] === 'B';
  return [...userLines(portal, userId, acting.hops + 1, withRefresh), ...rest];
}

function userLines(portal: Portal, userId: number, hops: number, withRefresh: boolean): Lines {
  const lines: Lines = [
    ['auth[access_token]', mintAccess(portal, userId, hops)],
    ['auth[expires_in]', String(ACCESS_SECONDS)],
  ];
  if (withRefresh) lines.push(['auth[refresh_token]', mintRefresh(portal, userId)]);
  return lines;
}

/** In every message; here `domain` is the portal. */
function placeLines(portal: Portal): Lines {
  const base = baseUrl(portal);
  return [
    ['auth[domain]', new URL(base).host],
    ['auth[server_endpoint]', `${serverBase(portal)}/rest/`],
    ['auth[client_endpoint]', `${base}/rest/`],
    ['auth[member_id]', portal.credential.memberId],
    ['auth[application_token]', portal.credential.applicationToken],
  ];
}

/** The installation callback and the farewell; `userId` null: without any token, scope and status. */
export function lifecycleRequest(
  portal: Portal,
  url: string,
  event: string,
  data: EventData,
  userId: number | null,
): OutgoingWebhook {
  const tokens: Lines =
    userId === null
      ? []
      : [...userLines(portal, userId, 0, true), ['auth[scope]', appScopes(portal).join(',')], ['auth[status]', 'L']];
  const lines: Lines = [
    ['event', event],
    ...bracketLines('data', data),
    ['ts', String(Math.floor(portal.clock.now() / 1000))],
    ...tokens,
    ...placeLines(portal),
  ];
  return formRequest(url, lines);
}

/** PHP's bracket keys; empty arrays vanish in a form. */
export function bracketLines(prefix: string, value: unknown): Lines {
  if (typeof value !== 'object' || value === null) return [[prefix, String(value ?? '')]];
  return Object.entries(value).flatMap(([key, inner]) => bracketLines(`${prefix}[${key}]`, inner));
}

export function formRequest(url: string, lines: Lines): OutgoingWebhook {
  return {
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Bitrix24 Webhook Engine' },
    body: lines.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&'),
  };
}
