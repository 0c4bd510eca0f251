import { request as httpRequest } from 'node:http';
import { connect, Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../../src/connectors/connector.ts';
import { silentLog, systemClock } from '../../../src/ports.ts';
import { isLoopback, parseListen } from '../../../src/triggers/listen.ts';
import { createMetrics } from '../../../src/triggers/metrics.ts';
import { startAdminServer, startWebhookServer } from '../../../src/triggers/server.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function webhookServer(limits: Parameters<typeof startWebhookServer>[0]['limits'] = {}) {
  const seen: { connection: string; delivery: Delivery }[] = [];
  const handle = async (connection: string, delivery: Delivery) => {
    seen.push({ connection, delivery });
    return { status: 200, body: 'ok' };
  };
  const server = await startWebhookServer({ listen: '127.0.0.1:0', handlers: { handle }, limits });
  closers.push(server.close);
  return { seen, url: server.url, port: Number(new URL(server.url).port) };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe('the webhook listener', () => {
  it('hands the raw bytes on, untouched, with lower-case headers', async () => {
    const { seen, url } = await webhookServer();
    const body = Buffer.from('{ "a" : "\\u0444",\r\n "b":1.0 }\n\xff', 'latin1');
    const headers = { ...JSON_TYPE, 'X-Hub-Signature': 'sha256=AB' };
    const answer = await fetch(`${url}/webhooks/jira`, { method: 'POST', body, headers });
    expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
    expect(seen[0]?.connection).toBe('jira');
    expect(Buffer.from(seen[0]?.delivery.body ?? [])).toEqual(body);
    expect(seen[0]?.delivery.headers['x-hub-signature']).toBe('sha256=AB');
  });
  it('takes JSON, forms, and an empty body of no type', async () => {
    const { seen, url } = await webhookServer();
    const post = (init: RequestInit) => fetch(`${url}/webhooks/portal`, { method: 'POST', ...init });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post({ body: 'event=ONCRMDEALUPDATE&data[FIELDS][ID]=7', headers: form })).status).toBe(200);
    expect((await post({ body: '{}', headers: JSON_TYPE })).status).toBe(200);
    expect((await post({})).status).toBe(200);
    expect(seen.map((one) => one.delivery.body.length)).toEqual([40, 2, 0]);
  });
  it.each([
    'text/plain',
    'text/plain; application/json',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/xml',
    ' ',
  ])('refuses the content type "%s" with 415', async (type) => {
    const { seen, port } = await webhookServer();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = {
        port,
        method: 'POST',
        path: '/webhooks/jira',
        headers: { 'content-type': type, 'content-length': 2 },
      };
      const sent = httpRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.once('error', reject);
      sent.end('{}');
    });
    expect(status).toBe(415);
    expect(seen).toEqual([]);
  });
  it('refuses a body over the limit with 413, announced or not', async () => {
    const { seen, url } = await webhookServer({ bodyBytes: 1000 });
    const post = (body: string | ReadableStream) =>
      fetch(`${url}/webhooks/jira`, { method: 'POST', body, headers: JSON_TYPE, duplex: 'half' } as RequestInit);
    expect((await post('x'.repeat(1001))).status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 3; n += 1) controller.enqueue(Buffer.alloc(500));
        controller.close();
      },
    });
    const answer = await post(stream).then(
      (response) => response.status,
      () => 'broken off',
    );
    expect([413, 'broken off']).toContain(answer);
    expect(seen).toEqual([]);
    expect((await post('x'.repeat(1000))).status).toBe(200);
  });
  it('has 2 MB as its limit, and refuses to start with one that is no number', async () => {
    const { url } = await webhookServer();
    const post = (size: number) =>
      fetch(`${url}/webhooks/jira`, { method: 'POST', body: Buffer.alloc(size), headers: JSON_TYPE });
    expect((await post(2 * 1024 * 1024)).status).toBe(200);
    expect((await post(2 * 1024 * 1024 + 1)).status).toBe(413);
    for (const bodyBytes of [Number.NaN, 0, -1, 26 * 1024 * 1024, 1.5]) {
      await expect(webhookServer({ bodyBytes })).rejects.toThrow('the server limit bodyBytes is');
    }
  });
  it('knows nothing but webhooks', async () => {
    const { seen, url } = await webhookServer();
    for (const path of ['/', '/healthz', '/metrics', '/status', '/webhooks', '/webhooks/', '/webhooks/jira/more']) {
      expect((await fetch(url + path)).status).toBe(404);
      expect((await fetch(url + path, { method: 'POST', body: '{}', headers: JSON_TYPE })).status).toBe(404);
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await fetch(`${url}/webhooks/jira`, { method })).status).toBe(404);
    }
    expect(seen).toEqual([]);
  });
  it('refuses more than 100 headers, and headers over 16 KB', async () => {
    const { seen, url } = await webhookServer();
    const post = (extra: Record<string, string>) =>
      fetch(`${url}/webhooks/jira`, { method: 'POST', body: '{}', headers: { ...JSON_TYPE, ...extra } });
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, '1']));
    expect((await post(many)).status).toBe(431);
    expect((await post({ 'x-long': 'a'.repeat(17 * 1024) })).status).toBe(431);
    expect((await post({ 'x-long': 'a'.repeat(8 * 1024) })).status).toBe(200);
    expect(seen).toHaveLength(1);
  });
  it('cuts off a caller whose headers, or whose body, never end', async () => {
    const { seen, port } = await webhookServer({ headersMs: 40, requestMs: 60, checkMs: 10 });
    const cutOff = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
      });
    const head = 'POST /webhooks/jira HTTP/1.1\r\nHost: x\r\n';
    expect(await cutOff(head)).toContain('408');
    const slowBody = `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    expect(await cutOff(slowBody)).toContain('408');
    expect(seen).toEqual([]);
  });
  it('takes no more connections than allowed', async () => {
    const { port } = await webhookServer({ connections: 2 });
    const ask = () => {
      const socket = connect(port, '127.0.0.1');
      socket.write('POST /webhooks/jira HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
      const fate = new Promise<string>((resolve) => {
        socket.on('error', () => {});
        socket.once('data', () => resolve('answered'));
        socket.once('close', () => resolve('refused'));
      });
      return { socket, fate };
    };
    const asked = [1, 2, 3].map(ask);
    const fates = await Promise.all(asked.map(({ fate }) => fate));
    for (const { socket } of asked) socket.destroy();
    expect(fates.sort()).toEqual(['answered', 'answered', 'refused']);
  });
  it('lets as many wait to be taken in as it takes', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    await webhookServer({ connections: 3_000 });
    const asked = listen.mock.calls.map(([options]) => options);
    listen.mockRestore();
    expect(asked).toMatchObject([{ backlog: 3_000 }]);
  });
  it('answers what has arrived before it closes, and cuts off what has not', async () => {
    let finish: (answer: { status: number; body: string }) => void = () => {};
    let arrived: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const handle = () => {
      arrived();
      return new Promise<{ status: number; body: string }>((resolve) => {
        finish = resolve;
      });
    };
    const server = await startWebhookServer({ listen: '127.0.0.1:0', handlers: { handle } });
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    idle.on('error', () => {});
    const idleClosed = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    const answer = fetch(`${server.url}/webhooks/jira`, { method: 'POST', body: '{}', headers: JSON_TYPE });
    await started;
    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    expect(
      (await fetch(`${server.url}/webhooks/jira`, { method: 'POST', body: '{}', headers: JSON_TYPE })).status,
    ).toBe(503);
    finish({ status: 200, body: 'ok' });
    expect((await answer).status).toBe(200);
    await closing;
    await idleClosed;
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
  it('says what to do when its port is taken', async () => {
    const { port } = await webhookServer();
    const again = startWebhookServer({
      listen: `127.0.0.1:${port}`,
      handlers: { handle: async () => ({ status: 200, body: '' }) },
    });
    await expect(again).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${port}`,
      cure: expect.stringContaining('port'),
    });
  });
});

/** Time passes between two requests, so that no rate limit meets what these tests ask. */
let minutes = 0;
const patientClock = {
  ...systemClock,
  steady: () => {
    minutes += 1;
    return minutes * 60_000;
  },
};

async function adminServer(token: string | null, ready = true, listen = '127.0.0.1:0') {
  const metrics = createMetrics();
  metrics.hints('sweep', 3);
  const server = await startAdminServer({
    listen,
    token,
    metrics,
    clock: patientClock,
    log: silentLog,
    ready: async () => ({ ready, reasons: ready ? [] : ['the first sweep has not ended'] }),
    status: async () => ({ profiles: ['buying'] }),
  });
  closers.push(server.close);
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(server.url + path, { method, headers });
  return { get };
}

describe('the admin listener', () => {
  it('answers health, readiness, figures and state', async () => {
    const { get } = await adminServer(null);
    expect(await (await get('/healthz')).json()).toEqual({ alive: true });
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/status')).json()).toEqual({ profiles: ['buying'] });
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('hints_total{cause="sweep"} 3');
  });
  it('is not ready with 503 and says why', async () => {
    const answer = await (await adminServer(null, false)).get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ready: false, reasons: ['the first sweep has not ended'] });
  });
  it('answers nothing but health without the token, also on paths that do not exist', async () => {
    const { get } = await adminServer('a-long-admin-token');
    expect((await get('/healthz')).status).toBe(200);
    for (const path of [
      '/',
      '/readyz',
      '/metrics',
      '/status',
      '/metrics/',
      '/x',
      '/healthz/x',
      '/%2e%2e/status',
      '//status',
    ]) {
      for (const value of [
        undefined,
        '',
        'Bearer',
        'Bearer wrong',
        'a-long-admin-token',
        'Bearer a-long-admin-token2',
      ]) {
        const answer = await get(path, value === undefined ? {} : { authorization: value });
        expect([401, 404]).toContain(answer.status);
        expect(await answer.text()).not.toContain('buying');
      }
    }
    expect((await get('/status', { authorization: 'Bearer a-long-admin-token' })).status).toBe(200);
    expect((await get('/nothing', { authorization: 'Bearer a-long-admin-token' })).status).toBe(404);
  });
  it('only reads', async () => {
    const { get } = await adminServer(null);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      expect((await get('/status', {}, method)).status).toBe(404);
    }
  });
  it('tells a caller nothing about a failure inside', async () => {
    const server = await startAdminServer({
      listen: '127.0.0.1:0',
      metrics: createMetrics(),
      clock: systemClock,
      log: silentLog,
      ready: async () => ({ ready: true, reasons: [] }),
      status: async () => {
        throw new Error('database at /var/lib is locked');
      },
    });
    closers.push(server.close);
    const answer = await fetch(`${server.url}/status`);
    expect([answer.status, await answer.text()]).toEqual([500, '{"error":"failed"}']);
  });
  it('refuses to listen beyond loopback without a token, before it listens', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', 'admin.example:0', '10.0.0.5:0']) {
      await expect(adminServer(null, true, listen)).rejects.toThrow('would be open to everybody');
    }
  });
});

describe('an address to listen on', () => {
  it('is host and port', () => {
    expect(parseListen('0.0.0.0:8080')).toEqual({ host: '0.0.0.0', port: 8080 });
    expect(parseListen('[::1]:8081')).toEqual({ host: '::1', port: 8081 });
    for (const text of ['8080', ':8080', 'host', 'host:port', 'host:70000', '::1:80', '']) {
      expect(() => parseListen(text)).toThrow('is no address to listen on');
    }
  });
  it('is loopback or not', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.example'].some(isLoopback)).toBe(false);
  });
});
