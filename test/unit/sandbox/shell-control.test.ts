import { describe, expect, it } from 'vitest';
import { createControl } from '../../../src/sandbox/control.ts';
import { createFaults } from '../../../src/sandbox/faults.ts';
import { SandboxEditError } from '../../../src/sandbox/http.ts';
import { createRequestLog, withRequestLog } from '../../../src/sandbox/request-log.ts';
import { createCountingProduct, sandboxRequest } from '../../support/sandbox-requests.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setUp() {
  const clock = createVirtualClock();
  const product = createCountingProduct();
  const log = createRequestLog();
  const faults = createFaults(clock);
  const control = createControl({ token: 'tok-1', product, faults, log });
  const handle = withRequestLog(product.handle, log, clock.now);
  const call = (method: string, path: string, body?: unknown, authorization = 'Bearer tok-1') => {
    const answer = control(sandboxRequest(method, path, { body, headers: { authorization } }));
    return answer && { status: answer.status, json: JSON.parse(answer.body as string) };
  };
  return { clock, product, faults, log, control, handle, call };
}

describe('the control routes', () => {
  it('leave every other path to the product', () => {
    expect(setUp().call('GET', '/rest/api/3/myself')).toBeNull();
  });
  it('refuse a caller without the token', () => {
    const { call, product } = setUp();
    for (const authorization of ['', 'Bearer', 'Bearer tok-2', 'tok-1', 'bearer tok-1x']) {
      expect(call('POST', '/__sandbox/edit', { op: 'create', in: 'BUY' }, authorization)?.status).toBe(401);
    }
    expect(product.edits).toHaveLength(0);
  });
  it('show the state', () => {
    expect(setUp().call('GET', '/__sandbox/state')).toEqual({ status: 200, json: { requests: 0 } });
  });
  it('edit as a person and answer what was made', () => {
    const { call, product } = setUp();
    const edit = { op: 'update', user: 'Anna Weber', in: 'deal', id: 17, fields: { Сумма: 5 } };
    expect(call('POST', '/__sandbox/edit', edit)).toEqual({ status: 200, json: { id: '10001', key: 'BUY-1' } });
    expect(product.edits).toEqual([{ ...edit, id: '17' }]);
  });
  it.each([
    ['no JSON', 'op=create', 'The body must be JSON.'],
    ['a list', '[]', 'The body must be a JSON object.'],
    ['no operation', { in: 'BUY' }, '"op" must be create, update or delete.'],
    ['no place', { op: 'create' }, '"in" must name the project key'],
    ['no id', { op: 'delete', in: 'BUY' }, '"id" is needed to delete.'],
    ['fields that are a list', { op: 'create', in: 'BUY', fields: [] }, '"fields" must be an object.'],
  ])('answer 400 with a sentence to an edit with %s', (_name, body, text) => {
    const answer = setUp().call('POST', '/__sandbox/edit', body);
    expect(answer?.status).toBe(400);
    expect(answer?.json.error).toContain(text);
  });
  it("pass the product's own refusals on", () => {
    const { log, faults } = setUp();
    const product = createCountingProduct();
    const refusing = {
      ...product,
      edit: () => {
        throw new SandboxEditError('There is no issue BUY-99.');
      },
    };
    const control = createControl({ token: 't', product: refusing, faults, log });
    const answer = control(
      sandboxRequest('POST', '/__sandbox/edit', {
        body: { op: 'delete', in: 'BUY', id: 'BUY-99' },
        headers: { authorization: 'Bearer t' },
      }),
    );
    expect(answer).toMatchObject({ status: 400, body: '{"error":"There is no issue BUY-99."}' });
  });
  it('list the requests since a time, and forget them', async () => {
    const { call, handle, clock } = setUp();
    await handle(sandboxRequest('GET', '/rest/api/3/myself'));
    await clock.advance(1000);
    await handle(sandboxRequest('POST', '/rest/api/3/issue', { body: { a: 1 } }));
    expect(call('GET', '/__sandbox/log')?.json.requests).toHaveLength(2);
    expect(call('GET', `/__sandbox/log?since=${clock.now()}`)?.json.requests).toMatchObject([
      { at: clock.now(), method: 'POST', path: '/rest/api/3/issue', status: 200, bytesIn: 7, bytesOut: 35 },
    ]);
    expect(call('GET', '/__sandbox/log?since=yesterday')?.status).toBe(400);
    call('DELETE', '/__sandbox/log');
    expect(call('GET', '/__sandbox/log')?.json.requests).toEqual([]);
  });
  it('replace and list the faults', () => {
    const { call, faults } = setUp();
    const answer = call('POST', '/__sandbox/faults', [{ kind: 'status', status: 503, times: 2 }]);
    expect(answer?.json.rules).toEqual([{ kind: 'status', status: 503, times: 2, match: {}, matched: 0, hit: 0 }]);
    expect(call('POST', '/__sandbox/faults', [{ kind: 'nonsense' }])?.status).toBe(400);
    expect(faults.list()).toHaveLength(1);
    expect(call('GET', '/__sandbox/faults')?.json.rules).toHaveLength(1);
  });
  it('point webhooks in each of the three ways to write it', () => {
    const { call, product } = setUp();
    const hook = { url: 'http://127.0.0.1:1/hook' };
    call('POST', '/__sandbox/webhooks', hook);
    call('POST', '/__sandbox/webhooks', [hook]);
    call('POST', '/__sandbox/webhooks', { webhooks: [hook], webhookMode: 'lost' });
    call('POST', '/__sandbox/webhooks', { ...hook, webhookMode: 'doubled' });
    expect(product.settings).toEqual([
      { webhooks: [hook] },
      { webhooks: [hook] },
      { webhooks: [hook], webhookMode: 'lost' },
      { webhooks: [hook], webhookMode: 'doubled' },
    ]);
  });
  it('pass settings on', () => {
    const { call, product } = setUp();
    call('POST', '/__sandbox/settings', { indexLagMs: 0 });
    expect(product.settings).toEqual([{ indexLagMs: 0 }]);
  });
  it('name the routes there are when one is unknown', () => {
    const answer = setUp().call('PUT', '/__sandbox/state');
    expect(answer?.status).toBe(404);
    expect(answer?.json.routes).toContain('GET state');
  });
});
