// The authorization server: the page a browser is sent to, and the exchange of codes and refresh tokens. With the real
// vendor it has a host of its own; here it answers on the portal's origin, which `server_endpoint` names.
import type { SandboxRequest, SandboxResponse } from '../http.ts';
import { RestError } from './errors.ts';
import { type Params, parseForm, readParams } from './form.ts';
import { appUser, baseUrl, type Portal, serverBase, userNamed } from './portal.ts';
import { appScopes } from './rights.ts';
import { ACCESS_SECONDS, mintAccess, mintRefresh, spendRefresh } from './tokens.ts';

const CODE_MS = 30_000;
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const HTML_HEADERS = { 'content-type': 'text/html; charset=utf-8' };

/** Null for paths that are not the authorization server's. */
export function answerOauth(portal: Portal, request: SandboxRequest): SandboxResponse | null {
  const path = request.path.replace(/\/+$/, '').toLowerCase();
  if (path === '/oauth/authorize') return authorizePage(portal, request);
  if (path !== '/oauth/token') return null;
  try {
    const answer = exchange(portal, tokenParams(portal, request));
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(answer) };
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const body = JSON.stringify({ error: error.code, error_description: error.message });
    return { status: error.status, headers: JSON_HEADERS, body };
  }
}

/** The address comes from the application's card; a failure is shown to the person and calls nobody. */
function authorizePage(portal: Portal, request: SandboxRequest): SandboxResponse {
  const card = portal.settings.app;
  const back = card?.handlerUrl ?? card?.installUrl;
  const known = portal.app.installed && request.query.get('client_id') === portal.credential.clientId;
  const user = portal.settings.browserUser === null ? appUser(portal) : userNamed(portal, portal.settings.browserUser);
  if (!known || back === undefined || !user?.active) {
    return {
      status: 400,
      headers: HTML_HEADERS,
      body: '<!DOCTYPE html><html><body>Приложение не найдено</body></html>',
    };
  }
  const code = portal.random.hex(16);
  portal.app.codes.set(code, { userId: user.id, expiresAt: portal.clock.now() + CODE_MS });
  const location = new URL(back);
  const values = {
    code,
    state: request.query.get('state') ?? '',
    domain: new URL(baseUrl(portal)).host,
    member_id: portal.credential.memberId,
    scope: appScopes(portal).join(','),
    server_domain: new URL(serverBase(portal)).host,
  };
  for (const [name, value] of Object.entries(values)) location.searchParams.set(name, value);
  return { status: 302, headers: { ...HTML_HEADERS, location: location.href }, body: '' };
}

function tokenParams(portal: Portal, request: SandboxRequest): Params {
  const getOnly = portal.settings.variants['oauth-refresh-by-post'] === 'B';
  return getOnly ? parseForm(request.query.toString()) : readParams(request);
}

function exchange(portal: Portal, params: Params): Record<string, unknown> {
  const needed = (name: string) => {
    const value = params[name];
    if (typeof value !== 'string' || value === '') throw refusal('invalid_request', `Parameter ${name} is required`);
    return value;
  };
  const grant = needed('grant_type');
  const clientId = needed('client_id');
  const secret = needed('client_secret');
  const { oauthFailure, paymentExpired } = portal.settings;
  if (oauthFailure) throw new RestError(oauthFailure.status, oauthFailure.error, oauthFailure.description);
  const { credential } = portal;
  // Seen with the status of a success.
  if (clientId !== credential.clientId) throw new RestError(200, 'wrong_client', 'Wrong client');
  if (secret !== credential.clientSecret || !portal.app.installed) throw refusal('invalid_client', 'Invalid client');
  if (paymentExpired) throw refusal('PAYMENT_REQUIRED', 'Payment required');
  if (grant === 'authorization_code') return tokens(portal, spendCode(portal, needed('code')));
  if (grant !== 'refresh_token') throw refusal('invalid_request', 'Unknown grant type');
  const userId = spendRefresh(portal, needed('refresh_token'));
  if (userId === null || !isActive(portal, userId)) throw invalidGrant();
  const expires = Math.floor(portal.clock.now() / 1000) + ACCESS_SECONDS;
  // `expires` and `user_id` come with a refresh only.
  return { ...tokens(portal, userId), expires, user_id: userId };
}

function spendCode(portal: Portal, code: string): number {
  const found = portal.app.codes.get(code);
  portal.app.codes.delete(code);
  if (!found || found.expiresAt <= portal.clock.now()) throw invalidGrant();
  return found.userId;
}

/** `domain` is the authorization server's, the portal stands in client_endpoint. */
function tokens(portal: Portal, userId: number): Record<string, unknown> {
  return {
    access_token: mintAccess(portal, userId),
    client_endpoint: `${baseUrl(portal)}/rest/`,
    domain: new URL(serverBase(portal)).host,
    expires_in: ACCESS_SECONDS,
    member_id: portal.credential.memberId,
    refresh_token: mintRefresh(portal, userId),
    scope: appScopes(portal).join(','),
    server_endpoint: `${serverBase(portal)}/rest/`,
    status: 'L',
  };
}

function isActive(portal: Portal, userId: number): boolean {
  return portal.users.some((user) => user.id === userId && user.active);
}

function invalidGrant(): RestError {
  return refusal('invalid_grant', 'Invalid grant');
}

function refusal(code: string, text: string): RestError {
  return new RestError(400, code, text);
}
