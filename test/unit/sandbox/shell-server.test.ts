import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/ports.ts';
import type { SandboxRequest, SandboxResponse } from '../../../src/sandbox/http.ts';
import { startServer } from '../../../src/sandbox/server.ts';
import { createHttpWebhookPort } from '../../../src/sandbox/webhook-port.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(handle: (request: SandboxRequest) => Promise<SandboxResponse>, bodyLimit?: number) {
  const server = await startServer({ port: 0, handle, ...(bodyLimit ? { bodyLimit } : {}) });
  closers.push(server.close);
  return server;
}

const ok = async (): Promise<SandboxResponse> => ({ status: 200, headers: {}, body: 'ok' });

describe('a sandbox server', () => {
  it('carries method, decoded path, query, headers and raw bytes in, and status, headers and bytes out', async () => {
    const seen: SandboxRequest[] = [];
    const server = await serve(async (request) => {
      seen.push(request);
      return {
        status: 201,
        headers: { 'content-type': 'text/plain', 'x-one': '1' },
        body: Buffer.from([0xd1, 0x84, 0]),
      };
    });
    const body = Buffer.from([0, 255, 10, 13]);
    const answer = await fetch(`${server.url}/rest/%D1%84/a%20b?x=1&x=2`, {
      method: 'POST',
      body,
      headers: { 'X-Two': 'Zwei' },
    });
    expect([answer.status, answer.headers.get('x-one')]).toEqual([201, '1']);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from([0xd1, 0x84, 0]));
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/rest/ф/a b' });
    expect(seen[0]?.query.getAll('x')).toEqual(['1', '2']);
    expect(seen[0]?.headers['x-two']).toBe('Zwei');
    expect(Buffer.from(seen[0]?.body ?? [])).toEqual(body);
  });
  it('listens on loopback only', async () => {
    expect((await serve(ok)).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
  it('really breaks the connection on a drop', async () => {
    const server = await serve(async () => ({ status: 200, headers: {}, body: '', drop: true }));
    const failure = await fetch(server.url).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(TypeError);
  });
  it('answers 413 to a body over the limit without asking the product', async () => {
    let asked = 0;
    const server = await serve(async () => {
      asked += 1;
      return ok();
    }, 1000);
    expect((await fetch(server.url, { method: 'POST', body: 'x'.repeat(1001) })).status).toBe(413);
    expect((await fetch(server.url, { method: 'POST', body: 'x'.repeat(1000) })).status).toBe(200);
    expect(asked).toBe(1);
  });
  it('answers 400 to an address that cannot be decoded', async () => {
    expect((await fetch(`${(await serve(ok)).url}/%E0%A4%A`)).status).toBe(400);
  });
  it('shows what went wrong inside it', async () => {
    const server = await serve(async () => {
      throw new Error('no such table');
    });
    const answer = await fetch(server.url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('no such table');
  });
  it('frees its port on close, also under a request that hangs', async () => {
    const server = await serve(() => new Promise(() => {}));
    const hanging = fetch(server.url).catch((error: Error) => error);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await server.close();
    expect(await hanging).toBeInstanceOf(Error);
    const again = await startServer({ port: server.port, handle: ok });
    closers.push(again.close);
    expect((await fetch(again.url)).status).toBe(200);
  });
  it('says so when its port is taken', async () => {
    const { port } = await serve(ok);
    await expect(startServer({ port, handle: ok })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the webhook port', () => {
  it('sends body and headers as they are and answers the status', async () => {
    const seen: SandboxRequest[] = [];
    const server = await serve(async (request) => {
      seen.push(request);
      return { status: 410, headers: {}, body: '' };
    });
    const headers = { 'content-type': 'application/json; charset=utf-8', 'x-hub-signature': 'sha256=00' };
    const send = createHttpWebhookPort(systemClock);
    expect(await send({ url: `${server.url}/hooks?x=1`, headers, body: '{"a":"ф"}' })).toBe(410);
    expect(seen[0]?.headers).toMatchObject(headers);
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('{"a":"ф"}');
  });
  it('rejects when nobody listens', async () => {
    const { port, close } = await startServer({ port: 0, handle: ok });
    await close();
    const send = createHttpWebhookPort(systemClock);
    await expect(send({ url: `http://127.0.0.1:${port}/`, headers: {}, body: '' })).rejects.toThrow();
  });
  it('gives up after 20 seconds by the clock', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      silent.closeAllConnections();
      silent.close();
    });
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      steady: () => 0,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
    };
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    await expect(createHttpWebhookPort(clock)({ url, headers: {}, body: '' })).rejects.toThrow(
      'no answer within 20000 ms',
    );
    expect(waits).toEqual([20_000]);
  });
});
