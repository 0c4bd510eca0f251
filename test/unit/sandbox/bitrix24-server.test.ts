import { describe, expect, it } from 'vitest';
import { createPortal, DEAL } from '../../support/bitrix-portal.ts';

const READ = { entityTypeId: 2, id: DEAL };

describe('addresses and parameters of the sandbox portal', () => {
  it('answers GET and POST, JSON and forms, with and without .json, in any letter case', async () => {
    const { base, call, form, request } = createPortal();
    const answers = [
      await call('crm.item.get', READ),
      await call('CRM.Item.Get.json', READ),
      await form('crm.item.get.json', `entityTypeId=2&id=${DEAL}`),
      await request('GET', `${base}crm.item.get?entityTypeId=2&id=${DEAL}`),
      await request('POST', `${base}crm.item.get.json?entityTypeId=2`, { id: DEAL }),
    ];
    expect(answers.map((answer) => answer.body.result.item.id)).toEqual(Array(5).fill(DEAL));
    expect(answers[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('reads bracket keys of a form', async () => {
    const { form } = createPortal();
    const fields = 'fields%5Btitle%5D=A+%26+B&fields[ufCrm_1747309872][]=x&fields[ufCrm_1747309872][]=y';
    const { item } = (await form('crm.item.update', `entityTypeId=2&id=${DEAL}&${fields}`)).body.result;
    expect([item.title, item.ufCrm_1747309872]).toEqual(['A & B', ['x', 'y']]);
  });

  it('serves an HTML page outside of REST', async () => {
    const { request } = createPortal();
    const { status, body, headers } = await request('GET', '/company/');
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(body).toContain('<html>');
  });

  it('looks the method up before it looks at the credential', async () => {
    const { request } = createPortal();
    const unknown = await request('POST', '/rest/14/wrong/crm.deal.nope', {});
    expect([unknown.status, unknown.body]).toEqual([
      404,
      { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' },
    ]);
    const wrong = await request('POST', '/rest/14/wrong/profile', {});
    expect([wrong.status, wrong.body.error]).toEqual([401, 'INVALID_CREDENTIALS']);
    expect((await request('POST', '/rest/profile', {})).body.error).toBe('NO_AUTH_FOUND');
    expect((await request('POST', '/rest/profile', { auth: 'x' })).body.error).toBe('invalid_token');
  });

  it('asks for the scope of a method', async () => {
    const { call, portal } = createPortal();
    portal.configure({ scopes: ['user'] });
    const refused = await call('crm.item.get', READ);
    expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope']);
    portal.configure({ variants: { 'status-insufficient-scope': 'B' } });
    expect((await call('crm.item.get', READ)).status).toBe(401);
  });

  it('refuses a revoked webhook, or shows empty pages', async () => {
    const { call, portal } = createPortal();
    const codes = [];
    for (const revokeToken of [true, '403']) {
      portal.configure({ revokeToken });
      const { status, body } = await call('user.get');
      codes.push([status, body.error]);
    }
    expect(codes).toEqual([
      [401, 'INVALID_CREDENTIALS'],
      [403, 'INVALID_CREDENTIALS'],
    ]);
    portal.configure({ revokeToken: 'empty-pages' });
    expect((await call('crm.item.list', { entityTypeId: 2 })).body).toMatchObject({ result: { items: [] }, total: 0 });
    expect((await call('user.get')).body.result).toEqual([]);
    expect((await call('crm.item.get', READ)).body.error).toBe('NOT_FOUND');
  });

  it('fails as told, also inside a batch', async () => {
    const { call, portal } = createPortal();
    const overload = { method: 'crm.item.get', status: 503, error: 'OVERLOAD_LIMIT', description: 'blocked<br>' };
    portal.configure({ failures: [overload, { method: 'server.time', status: 400, error: 0 }] });
    const told = { error: 'OVERLOAD_LIMIT', error_description: 'blocked<br>' };
    expect(await call('crm.item.get', READ)).toMatchObject({ status: 503, body: told });
    const { result } = (await call('batch', { cmd: { a: 'crm.item.get', b: 'server.time', c: 'profile' } })).body;
    expect(result.result_error).toEqual({ a: told, b: { error: 0, error_description: '' } });
    expect(Object.keys(result.result)).toEqual(['c']);
  });

  it('says when the portal is gone', async () => {
    const { call, portal } = createPortal();
    portal.configure({ portalDeleted: true });
    expect(await call('profile')).toMatchObject({ status: 500, body: { error: 'PORTAL_DELETED' } });
    portal.configure({ variants: { 'status-portal-deleted': 'B' } });
    expect((await call('profile')).status).toBe(410);
  });

  it('answers the old host with a 302 to the new address', async () => {
    const { base, portal, request } = createPortal();
    portal.configure({ rename: { oldHost: 'nordhafen.bitrix24.example', newUrl: 'https://pumps.bitrix24.example/' } });
    const old = await request('POST', `${base}profile?a=1`, {}, { host: 'Nordhafen.bitrix24.example' });
    expect([old.status, old.headers.location]).toEqual([302, `https://pumps.bitrix24.example${base}profile?a=1`]);
    expect((await request('POST', `${base}profile`, {}, { host: 'pumps.bitrix24.example' })).status).toBe(200);
  });
});

describe('limits of the sandbox portal', () => {
  it('lets 50 requests through, then two a second', async () => {
    const { call, clock } = createPortal({ limits: 'real' });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let index = 0; index < count; index += 1) seen.push((await call('server.time')).status);
      return seen;
    };
    expect(await statuses(50)).toEqual(Array(50).fill(200));
    const full = await call('server.time');
    expect([full.status, full.body.error, full.headers['retry-after']]).toEqual([
      503,
      'QUERY_LIMIT_EXCEEDED',
      undefined,
    ]);
    await clock.advance(1_000);
    expect(await statuses(3)).toEqual([200, 200, 503]);
    await clock.advance(60_000);
    expect(await statuses(51)).toEqual([...Array(50).fill(200), 503]);
  });

  it('lets 250 through on the enterprise plan and may say when to come back', async () => {
    const { call, portal } = createPortal({ limits: 'real' });
    portal.configure({ plan: 'enterprise', variants: { 'limit-retry-after': 'B' } });
    for (let index = 0; index < 250; index += 1) await call('server.time');
    expect(await call('server.time')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('blocks a method that used up its seconds until the oldest minute leaves', async () => {
    const { call, clock, portal } = createPortal({ limits: 'real' });
    portal.configure({ operatingSeconds: { 'crm.item.update': 300 } });
    const update = (title: string) => call('crm.item.update', { ...READ, fields: { title } });
    const first = (await update('a')).body.time;
    expect([first.operating, first.processing]).toEqual([300, 300]);
    await clock.advance(60_000);
    expect((await update('b')).body.time).toMatchObject({
      operating: 600,
      operating_reset_at: first.operating_reset_at,
    });
    const blocked = await update('c');
    expect([blocked.status, blocked.body.error]).toEqual([429, 'OPERATION_TIME_LIMIT']);
    expect((await call('crm.item.get', READ)).status).toBe(200);
    await clock.advance(first.operating_reset_at * 1000 - clock.now() - 1_000);
    expect((await update('d')).status).toBe(429);
    await clock.advance(1_000);
    expect((await update('e')).status).toBe(200);
  });

  it('charges the commands of a batch, one by one, and the batch nothing', async () => {
    const { call, portal } = createPortal({ limits: 'real' });
    portal.configure({ operatingSeconds: { 'crm.item.update': 481, batch: 500 } });
    const update = (id: number) => `crm.item.update?entityTypeId=2&id=${id}&fields[title]=x`;
    const cmd = { a: update(7001), b: update(7002), c: 'server.time' };
    const { result } = (await call('batch', { cmd })).body;
    expect(Object.keys(result.result)).toEqual(['a', 'c']);
    expect(result.result_error.b.error).toBe('OPERATION_TIME_LIMIT');
    expect((await call('batch', { cmd: { c: 'server.time' } })).status).toBe(200);
    portal.configure({ variants: { 'batch-operating-limit': 'B' } });
    expect((await call('batch', { cmd })).status).toBe(429);
  });

  it('does not count calls under a tenth of a second', async () => {
    const { call, portal } = createPortal({ limits: 'real' });
    portal.configure({ operatingSeconds: { '*': 0.09 }, operatingLimit: 1 });
    for (let index = 0; index < 20; index += 1) await call('crm.item.get', READ);
    expect((await call('crm.item.get', READ)).body.time.operating).toBe(0);
  });

  it('has no limits and no counters when they are off', async () => {
    const { call } = createPortal({ limits: 'off' });
    for (let index = 0; index < 60; index += 1) await call('server.time');
    const { status, body } = await call('server.time');
    expect(status).toBe(200);
    expect(body.time).not.toHaveProperty('operating');
  });
});
