// T6: credentials go to the address they belong to. Over real sockets, because redirects and proxies live below our code.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createBitrix24Connector } from '../../src/connectors/bitrix24/index.ts';
import { createJiraConnector } from '../../src/connectors/jira/index.ts';
import { createTransport } from '../../src/connectors/transport.ts';
import { seededRandom, silentLog, systemClock } from '../../src/ports.ts';

const CANARY = 'canary-7f3a9c1e5b2d4860';
const closers: (() => void)[] = [];
const PROXIES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  for (const name of PROXIES) delete process.env[name];
});

type Seen = { readonly url: string; readonly text: string[] };

/** Notes everything that reaches it: request line, headers, body. */
async function listener(answer: (request: IncomingMessage) => { status: number; location?: string }): Promise<Seen> {
  const text: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      text.push(`${request.method} ${request.url}\n${JSON.stringify(request.rawHeaders)}\n${body}`);
      const { status, location } = answer(request);
      response.writeHead(status, location === undefined ? {} : { location }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, text };
}

const deps = { clock: systemClock, random: seededRandom(1), log: silentLog };

/** Both products, with their credentials as canaries; `ask` uses each in the ways that carry them. */
const CONNECTIONS = {
  jira: (url: string) =>
    createJiraConnector(
      { type: 'jira', url, auth: { email: 'a@b.example', token: CANARY }, 'insecure-http': true, 'time-limit': 2_000 },
      { ...deps, connection: 'jira' },
    ),
  bitrix24: (url: string) =>
    createBitrix24Connector(
      {
        type: 'bitrix24',
        url,
        auth: { webhook: `${url}/rest/1/${CANARY}/` },
        'insecure-http': true,
        'time-limit': 2_000,
      },
      { ...deps, connection: 'bitrix24' },
    ),
} as const;

describe.each(Object.entries(CONNECTIONS))('the credential of %s', (_name, open) => {
  it.each([301, 302, 303, 307, 308])('is not sent after a redirect with %i to a second server', async (status) => {
    const second = await listener(() => ({ status: 200 }));
    const first = await listener((request) => ({ status, location: `${second.url}${request.url}` }));
    const connector = open(first.url);
    await expect(connector.identify({ lane: 'live' })).rejects.toThrow();
    await expect(connector.people({ lane: 'live' })).rejects.toThrow();
    expect(first.text.length).toBeGreaterThan(0);
    expect(second.text).toEqual([]);
    await connector.close();
  });

  it('is not sent through a proxy that the environment names', async () => {
    const proxy = await listener(() => ({ status: 200 }));
    const home = await listener(() => ({ status: 503 }));
    for (const name of PROXIES) process.env[name] = proxy.url;
    const connector = open(home.url);
    await expect(connector.identify({ lane: 'live' })).rejects.toThrow();
    expect(home.text.length).toBeGreaterThan(0);
    expect(proxy.text).toEqual([]);
    await connector.close();
  });
});

it('a redirect within the same origin is not followed either: a POST would lose its body', async () => {
  const home = await listener(() => ({ status: 302, location: '/elsewhere' }));
  const transport = createTransport({ ...deps, origin: home.url, allowInsecureHttp: true, userAgent: 'x' });
  expect((await transport.send({ method: 'POST', path: '/a', body: { a: 1 } })).status).toBe(302);
  expect(home.text).toHaveLength(1);
  transport.close();
});
