import { describe, expect, it } from 'vitest';
import type { OutgoingWebhook } from '../../../src/sandbox/http.ts';
import { createSandboxInProcess } from '../../../src/sandbox/index.ts';
import { createAppPortal, INSTALL_URL } from '../../support/bitrix-app.ts';
import { createPortal, DEAL } from '../../support/bitrix-portal.ts';
import { sandboxRequest } from '../../support/sandbox-requests.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

describe('installation of the local application', () => {
  it('sends the callback with the first tokens of who installed it', async () => {
    const { callback, call, portal, tokens } = await createAppPortal();
    const { memberId, applicationToken } = portal.credentials;
    expect(Object.fromEntries(callback)).toEqual({
      event: 'ONAPPINSTALL',
      'data[VERSION]': '1',
      'data[ACTIVE]': 'Y',
      'data[INSTALLED]': 'Y',
      'data[LANGUAGE_ID]': 'ru',
      ts: '1794986100',
      'auth[access_token]': tokens.access,
      'auth[expires_in]': '3600',
      'auth[refresh_token]': tokens.refresh,
      'auth[scope]': 'crm,task,user,userfieldconfig',
      'auth[status]': 'L',
      'auth[domain]': 'nordhafen.bitrix24.example',
      'auth[server_endpoint]': 'https://nordhafen.bitrix24.example/rest/',
      'auth[client_endpoint]': 'https://nordhafen.bitrix24.example/rest/',
      'auth[member_id]': memberId,
      'auth[application_token]': applicationToken,
    });
    expect((await call('profile')).body.result).toMatchObject({ LAST_NAME: 'Daemon', ADMIN: true });
    expect((await call('app.info')).body.result).toMatchObject({ STATUS: 'L', INSTALLED: true, LICENSE_FAMILY: 'pro' });
  });

  it('can be late, and go to whom the card names', async () => {
    const { clock, portal, sent } = createPortal();
    portal.configure({ slowEvents: { ONAPPINSTALL: 60_000 }, app: { installUrl: INSTALL_URL, user: 'petrov' } });
    await clock.advance(59_000);
    expect(sent).toEqual([]);
    await clock.advance(2_000);
    expect(sent[0]?.url).toBe(INSTALL_URL);
  });

  it('ends with a farewell to the handlers bound to it, and nothing works any more', async () => {
    const { call, clock, exchange, portal, sent, tokens } = await createAppPortal();
    await call('event.bind', { event: 'OnAppUninstall', handler: 'https://sync.example/bye' });
    await call('event.bind', { event: 'ONCRMDEALUPDATE', handler: 'https://sync.example/events' });
    portal.configure({ app: null });
    await clock.runUntilIdle();
    expect(sent.map((webhook) => webhook.url)).toEqual(['https://sync.example/bye']);
    const farewell = Object.fromEntries(new URLSearchParams(sent[0]?.body));
    expect(farewell).toMatchObject({ event: 'ONAPPUNINSTALL', 'data[CLEAN]': '1' });
    expect(Object.keys(farewell).filter((key) => /token|scope|status/.test(key))).toEqual(['auth[application_token]']);
    expect(await call('profile')).toMatchObject({ status: 401, body: { error: 'ERROR_OAUTH' } });
    const refused = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
    portal.configure({ app: {} });
    expect((await call('event.get')).body.result).toEqual([]);
  });
});

describe('the authorization page and the exchange of its code', () => {
  it('sends the browser back with a code that is good once', async () => {
    const { exchange, portal, request } = await createAppPortal({ card: { handlerUrl: 'https://sync.example/back' } });
    const { clientId, memberId } = portal.credentials;
    const page = await request('GET', `/oauth/authorize/?client_id=${clientId}&state=abc`);
    const back = new URL(page.headers.location ?? '');
    expect([page.status, back.origin + back.pathname]).toEqual([302, 'https://sync.example/back']);
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      state: 'abc',
      domain: 'nordhafen.bitrix24.example',
      member_id: memberId,
      scope: 'crm,task,user,userfieldconfig',
    });
    const ask = { grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '' };
    const { status, body } = await exchange(ask);
    expect([status, Object.keys(body).sort()]).toEqual([
      200,
      'access_token client_endpoint domain expires_in member_id refresh_token scope server_endpoint status'.split(' '),
    ]);
    expect(await exchange(ask)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('lets a code live for 30 s', async () => {
    const { clock, exchange, portal, request } = await createAppPortal();
    const page = await request('GET', `/oauth/authorize/?client_id=${portal.credentials.clientId}`);
    const code = new URL(page.headers.location ?? '').searchParams.get('code') ?? '';
    await clock.advance(30_000);
    expect((await exchange({ grant_type: 'authorization_code', code })).body.error).toBe('invalid_grant');
  });

  it('shows a page and calls nobody when it cannot authorize', async () => {
    const { clock, request, sent } = await createAppPortal();
    const { status, headers } = await request('GET', '/oauth/authorize/?client_id=local.other');
    await clock.runUntilIdle();
    expect([status, headers['content-type'], sent]).toEqual([400, 'text/html; charset=utf-8', []]);
  });
});

describe('tokens of the application', () => {
  it('are refreshed by GET and POST, each time with a new pair', async () => {
    const { call, exchange, tokens } = await createAppPortal();
    const first = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    expect(first.body).toMatchObject({ expires: 1794986100 + 3600, expires_in: 3600, user_id: 14, status: 'L' });
    expect(first.body.refresh_token).not.toBe(tokens.refresh);
    const spent = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    expect(spent).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const again = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    const second = await exchange(again, 'POST');
    expect((await call('profile', {}, second.body.access_token)).status).toBe(200);
    expect((await call('profile')).status).toBe(200);
  });

  it('keep a spent refresh token alive for a while in the other variant', async () => {
    const { clock, exchange, portal, tokens } = await createAppPortal();
    portal.configure({ variants: { 'oauth-old-refresh-token': 'B' } });
    const refresh = () => exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    expect([(await refresh()).status, (await refresh()).status]).toEqual([200, 200]);
    await clock.advance(600_000);
    expect((await refresh()).status).toBe(400);
  });

  it('expire after an hour, and for good after 180 days', async () => {
    const { call, clock, exchange, tokens } = await createAppPortal();
    await clock.advance(3_599_000);
    expect((await call('profile')).status).toBe(200);
    await clock.advance(1_000);
    expect(await call('profile')).toMatchObject({ status: 401, body: { error: 'expired_token' } });
    await clock.advance(180 * 86_400_000);
    const late = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    expect(late.body.error).toBe('invalid_grant');
  });

  it('are expired or revoked on demand', async () => {
    const { call, exchange, portal, tokens } = await createAppPortal();
    portal.configure({ appTokens: 'expire' });
    expect((await call('profile')).body.error).toBe('expired_token');
    const ask = { grant_type: 'refresh_token', refresh_token: tokens.refresh };
    const { body } = await exchange(ask);
    expect((await call('profile', {}, body.access_token)).status).toBe(200);
    portal.configure({ appTokens: 'revoke' });
    expect((await call('profile', {}, body.access_token)).body.error).toBe('invalid_token');
    const dead = await exchange({ ...ask, refresh_token: body.refresh_token });
    expect(dead.body.error).toBe('invalid_grant');
  });

  it('are refused for a wrong client, a wrong secret, an unpaid application, missing values', async () => {
    const { exchange, portal, tokens } = await createAppPortal();
    const ask = { grant_type: 'refresh_token', refresh_token: tokens.refresh };
    const seen = async (values: object) => {
      const { status, body } = await exchange({ ...ask, ...values });
      return [status, body.error];
    };
    expect(await seen({ client_id: 'local.other' })).toEqual([200, 'wrong_client']);
    expect(await seen({ client_secret: 'x' })).toEqual([400, 'invalid_client']);
    expect(await seen({ refresh_token: '' })).toEqual([400, 'invalid_request']);
    expect(await seen({ grant_type: 'password' })).toEqual([400, 'invalid_request']);
    portal.configure({ paymentExpired: true });
    expect(await seen({})).toEqual([400, 'PAYMENT_REQUIRED']);
    portal.configure({ oauthFailure: { error: 'insufficient_scope' } });
    expect(await seen({})).toEqual([400, 'insufficient_scope']);
    portal.configure({ oauthFailure: null, paymentExpired: null, variants: { 'oauth-refresh-by-post': 'B' } });
    expect((await exchange(ask, 'POST')).body.error).toBe('invalid_request');
    expect(await seen({})).toEqual([200, undefined]);
  });

  it('act as their user, who may lose access', async () => {
    const { call, portal, signIn } = await createAppPortal();
    const petrov = await signIn('petrov');
    expect((await call('profile', {}, petrov.access)).body.result).toMatchObject({ LAST_NAME: 'Petrov', ADMIN: false });
    const fields = { title: 'Новая' };
    const { item } = (await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields }, petrov.access)).body.result;
    expect([item.title, item.updatedBy]).toEqual(['Новая', 12]);
    portal.configure({ appDeniedFor: ['petrov'] });
    expect(await call('profile', {}, petrov.access)).toMatchObject({
      status: 403,
      body: { error: 'user_access_error' },
    });
    expect((await call('profile')).status).toBe(200);
  });

  it('come in query, body or (other variant) header', async () => {
    const { portal, request, tokens } = await createAppPortal();
    const headers = { authorization: `Bearer ${tokens.access}` };
    expect((await request('GET', `/rest/profile?auth=${tokens.access}`)).status).toBe(200);
    expect(await request('GET', '/rest/profile', undefined, headers)).toMatchObject({
      status: 401,
      body: { error: 'NO_AUTH_FOUND' },
    });
    portal.configure({ variants: { 'oauth-bearer': 'B' } });
    expect((await request('GET', '/rest/profile', undefined, headers)).status).toBe(200);
  });

  it('are spent by a refresh whose answer is lost', async () => {
    const clock = createVirtualClock();
    const webhooks: OutgoingWebhook[] = [];
    const sandbox = createSandboxInProcess({
      clock,
      issues: 1,
      deals: 1,
      webhooks: async (webhook) => webhooks.push(webhook) && 200,
    });
    const { faults, handle, product } = sandbox.bitrix24;
    product.configure({ app: { installUrl: INSTALL_URL } });
    await clock.runUntilIdle();
    const refresh_token = new URLSearchParams(webhooks[0]?.body).get('auth[refresh_token]') ?? '';
    const { clientId, clientSecret } = product.credentials;
    const keys = { client_id: clientId, client_secret: clientSecret };
    const values = { ...keys, grant_type: 'refresh_token', refresh_token };
    const refresh = () => handle(sandboxRequest('GET', `/oauth/token/?${new URLSearchParams(values)}`));
    faults.replace([{ kind: 'drop-after', match: { path: '/oauth/token/' }, times: 1 }]);
    expect((await refresh()).drop).toBe(true);
    const second = await refresh();
    expect([second.status, JSON.parse(String(second.body)).error]).toEqual([400, 'invalid_grant']);
  });

  it('have the scopes of the application', async () => {
    const { byWebhook, call } = await createAppPortal({ card: { scopes: ['user'] } });
    expect((await call('crm.item.get', { entityTypeId: 2, id: DEAL })).body.error).toBe('insufficient_scope');
    expect((await call('scope')).body.result).toEqual(['user']);
    expect((await byWebhook('scope')).body.result).toContain('crm');
  });

  it('have a budget of execution time of their own', async () => {
    const { byWebhook, call } = await createAppPortal({ limits: 'real', settings: { operatingLimit: 0.2 } });
    const read = { entityTypeId: 2 };
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await call('crm.item.list', read)).status);
    statuses.push((await byWebhook('crm.item.list', read)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});
