// The local application of a sandbox portal, called as a server of its own would call it.
import { createPortal, type RestAnswer } from './bitrix-portal.ts';

export const INSTALL_URL = 'https://sync.example/bitrix24/install';
export const CONNECTOR = 'jira-sync';

export type AppTokens = { readonly access: string; readonly refresh: string };

export async function createAppPortal(options: { settings?: object; card?: object; limits?: 'real' } = {}) {
  const made = createPortal(options.limits === undefined ? {} : { limits: options.limits });
  const { clock, portal, request, sent } = made;
  const features = { rest_offline_extended: true, rest_auth_connector: true };
  portal.configure({ app: { installUrl: INSTALL_URL, ...options.card }, features, ...options.settings });
  await clock.runUntilIdle();
  const callback = new URLSearchParams(sent.shift()?.body ?? '');
  const tokens: AppTokens = {
    access: callback.get('auth[access_token]') ?? '',
    refresh: callback.get('auth[refresh_token]') ?? '',
  };

  /** A token of somebody else, by way of the authorization page. */
  async function signIn(browserUser: string): Promise<AppTokens> {
    portal.configure({ browserUser });
    const page = await request('GET', `/oauth/authorize/?client_id=${portal.credentials.clientId}&state=x`);
    const code = new URL(page.headers.location ?? '').searchParams.get('code') ?? '';
    const { body } = await exchange({ grant_type: 'authorization_code', code });
    return { access: body.access_token, refresh: body.refresh_token };
  }

  function exchange(values: Record<string, string>, method: 'GET' | 'POST' = 'GET'): Promise<RestAnswer> {
    const { clientId: client_id, clientSecret: client_secret } = portal.credentials;
    const text = new URLSearchParams({ client_id, client_secret, ...values }).toString();
    if (method === 'GET') return request('GET', `/oauth/token/?${text}`);
    return request('POST', '/oauth/token/', text, { 'content-type': 'application/x-www-form-urlencoded' });
  }

  const call = (method: string, params: object = {}, auth = tokens.access) =>
    request('POST', `/rest/${method}.json`, { auth, ...params });

  return { ...made, callback, tokens, call, byWebhook: made.call, exchange, signIn };
}
