import { type AxiosAdapter, AxiosError, type InternalAxiosRequestConfig } from 'axios';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport, type TransportOptions, type TransportRequest } from '../../../src/connectors/transport.ts';
import { BadResponseError, SyncError, UnavailableError } from '../../../src/errors.ts';
import { silentLog, systemClock } from '../../../src/ports.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const ORIGIN = 'https://jira.nordhafen.example';
const TOKEN = 'ATATT3x-very-secret-token';

type Reply = { status?: number; headers?: Record<string, string>; body?: string } | Error;

/** A transport whose requests are answered by a list; the last answer repeats. */
function setUp(replies: readonly Reply[] = [{}], options: Partial<TransportOptions> = {}) {
  const sent: InternalAxiosRequestConfig[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const reply = replies[Math.min(sent.length, replies.length - 1)] ?? {};
    sent.push(config);
    if (reply instanceof Error) throw reply;
    const { status = 200, headers = {}, body = '{}' } = reply;
    return { status, statusText: '', headers, data: Buffer.from(body), config, request: {} };
  };
  const transport = createTransport({
    clock: createVirtualClock(),
    log: silentLog,
    origin: ORIGIN,
    adapter,
    headers: () => ({ Authorization: `Basic ${TOKEN}` }),
    userAgent: 'jira-crm-sync',
    secrets: [TOKEN],
    ...options,
  });
  return { transport, sent };
}

function broken(code: string, message = 'socket hang up'): AxiosError {
  return new AxiosError(message, code, { headers: { Authorization: TOKEN } } as never);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('transport', () => {
  afterEach(() => nock.cleanAll());

  it('parses JSON, lowers header names and counts bytes', async () => {
    const { transport, sent } = setUp([{ headers: { 'X-AAccountId': '7' }, body: '{"id":"1"}' }]);
    const response = await transport.send({ method: 'GET', path: '/rest/api/3/myself', query: { expand: 'groups' } });
    expect(response).toEqual({ status: 200, headers: { 'x-aaccountid': '7' }, data: { id: '1' }, bytes: 10 });
    expect(sent[0]?.url).toBe(`${ORIGIN}/rest/api/3/myself?expand=groups`);
    expect(transport.requests()).toBe(1);
  });

  it('sends JSON and forms with their content type, also on a DELETE without a body', async () => {
    const { transport, sent } = setUp();
    await transport.send({ method: 'POST', path: '/a', body: { key: 'BUY' } });
    await transport.send({ method: 'POST', path: '/b', form: new URLSearchParams({ start: '-1' }) });
    await transport.send({ method: 'DELETE', path: '/c' });
    const types = sent.map((config) => config.headers.get('Content-Type'));
    expect(types).toEqual(['application/json', 'application/x-www-form-urlencoded', 'application/json']);
    expect(sent.map((config) => config.data)).toEqual(['{"key":"BUY"}', 'start=-1', undefined]);
  });

  it('answers an empty body as null and statuses outside 2xx as they are', async () => {
    const { transport } = setUp([
      { status: 204, body: '' },
      { status: 502, body: '<html>Bad gateway</html>' },
    ]);
    expect((await transport.send({ method: 'PUT', path: '/a' })).data).toBeNull();
    expect(await transport.send({ method: 'PUT', path: '/a' })).toMatchObject({
      status: 502,
      data: '<html>Bad gateway</html>',
    });
  });

  it('says what came instead of JSON, without secrets', async () => {
    const { transport } = setUp([{ body: `<html><title>Log in</title> ${TOKEN} ${'x'.repeat(500)}</html>` }]);
    const error = await failureOf(transport.send({ method: 'GET', path: '/rest/api/3/myself' }));
    expect(error).toBeInstanceOf(BadResponseError);
    const { excerpt, message } = error as BadResponseError;
    expect(message).toBe('The answer to GET /rest/api/3/myself is not JSON');
    expect(excerpt).toContain('<title>Log in</title> [secret]');
    expect(excerpt.length).toBeLessThan(210);
  });

  it.each([
    ['https://evil.example/rest', 'url'],
    ['http://jira.nordhafen.example/rest', 'url'],
    ['https://jira.nordhafen.example:8443/rest', 'url'],
    ['https://user:pass@jira.nordhafen.example/rest', 'url'],
    ['@evil.example/rest', 'path'],
    ['.evil.example/rest', 'path'],
    [':8443/rest', 'path'],
  ])('sends nothing to %s', async (address, member) => {
    const { transport, sent } = setUp();
    const request = { method: 'GET', [member]: address } as TransportRequest;
    expect(await failureOf(transport.send(request))).toBeInstanceOf(SyncError);
    expect(sent).toHaveLength(0);
  });

  it('wants https unless the connection says otherwise', () => {
    expect(() => setUp([], { origin: 'http://127.0.0.1:8080' })).toThrow('not an https address');
    expect(() => setUp([], { origin: 'http://127.0.0.1:8080', allowInsecureHttp: true })).not.toThrow();
  });

  it('keeps the context path of the address', async () => {
    const { transport, sent } = setUp([{}], { origin: `${ORIGIN}/jira/` });
    await transport.send({ method: 'GET', path: '/rest/api/2/myself' });
    expect(sent[0]?.url).toBe(`${ORIGIN}/jira/rest/api/2/myself`);
  });

  it('repeats a read once when the connection breaks, and a write never', async () => {
    const reading = setUp([broken('ECONNRESET'), { body: '{"ok":1}' }]);
    expect((await reading.transport.send({ method: 'GET', path: '/a' })).data).toEqual({ ok: 1 });
    expect(reading.transport.requests()).toBe(2);
    const searching = setUp([broken('ECONNRESET'), {}]);
    await searching.transport.send({ method: 'POST', path: '/search', reads: true });
    expect(searching.transport.requests()).toBe(2);
    const writing = setUp([broken('ECONNRESET'), {}]);
    expect(await failureOf(writing.transport.send({ method: 'POST', path: '/issue' }))).toBeInstanceOf(
      UnavailableError,
    );
    expect(writing.transport.requests()).toBe(1);
    expect(writing.transport.failures()).toBe(1);
  });

  it.each([
    ['ECONNRESET', 'PUT', true, true],
    ['EPIPE', 'POST', true, true],
    ['ERR_NETWORK', 'POST', true, false],
    ['ETIMEDOUT', 'POST', true, false],
    ['ECONNREFUSED', 'POST', false, false],
    ['ENOTFOUND', 'POST', false, false],
    ['CERT_HAS_EXPIRED', 'PUT', false, false],
    ['ECONNRESET', 'GET', false, true],
  ] as const)(
    'calls %s on a %s ambiguous: %s, all arrived that ever will: %s',
    async (code, method, ambiguous, arrived) => {
      const { transport } = setUp([broken(code)]);
      expect(await failureOf(transport.send({ method, path: '/a' }))).toMatchObject({
        name: 'UnavailableError',
        ambiguous,
        arrived,
      });
    },
  );

  it('ends a request by the clock, even when the adapter does not listen', async () => {
    const clock = createVirtualClock();
    const { transport } = setUp([], { clock, adapter: () => new Promise(() => {}), timeoutMs: 30_000 });
    const outcome = failureOf(transport.send({ method: 'PUT', path: '/a' }));
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({ name: 'UnavailableError', ambiguous: true, arrived: false });
    expect(clock.pending()).toBe(0);
  });

  it('gives up a read with the reason of its signal, and a write as one in doubt', async () => {
    const clock = createVirtualClock();
    const { transport } = setUp([], { clock, adapter: () => new Promise(() => {}) });
    const stop = new AbortController();
    const read = failureOf(transport.send({ method: 'GET', path: '/a' }, { signal: stop.signal }));
    const write = failureOf(transport.send({ method: 'PUT', path: '/a' }, { signal: stop.signal }));
    await clock.settle();
    stop.abort('shutting down');
    expect(await read).toBe('shutting down');
    expect(await write).toMatchObject({ name: 'UnavailableError', ambiguous: true });
    expect(await failureOf(transport.send({ method: 'PUT', path: '/a' }, { signal: stop.signal }))).toBe(
      'shutting down',
    );
  });

  it('lets no secret out through errors, in whatever form it travelled', async () => {
    const secret = 'pa ss/word+"1"';
    const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret), Buffer.from(secret).toString('base64')];
    const { transport } = setUp([broken('ECONNRESET', `failed: ${forms.join(' | ')}`)], { secrets: [secret] });
    const error = (await failureOf(transport.send({ method: 'PUT', path: '/a' }))) as UnavailableError;
    const shown = JSON.stringify([
      error.message,
      error.cure,
      String(error.cause),
      Object.entries(error.cause as object),
    ]);
    for (const form of forms) expect(shown).not.toContain(form);
    expect(error.cause).not.toHaveProperty('config');
  });

  it('refuses an answer that is too large', async () => {
    const { transport } = setUp([{ body: `"${'x'.repeat(100)}"` }], { maxResponseBytes: 50 });
    expect(await failureOf(transport.send({ method: 'GET', path: '/a' }))).toBeInstanceOf(BadResponseError);
  });

  it('follows no redirect over a real connection and stops reading at the size limit', async () => {
    nock(ORIGIN).post('/move').reply(302, '', { Location: 'https://evil.example/' });
    nock(ORIGIN)
      .get('/large')
      .times(2)
      .reply(200, `"${'x'.repeat(5000)}"`);
    const transport = createTransport({
      clock: systemClock,
      log: silentLog,
      origin: ORIGIN,
      userAgent: 'jira-crm-sync',
      maxResponseBytes: 1000,
    });
    const moved = await transport.send({ method: 'POST', path: '/move', body: { a: 1 } });
    expect(moved).toMatchObject({ status: 302, headers: { location: 'https://evil.example/' } });
    expect(await failureOf(transport.send({ method: 'GET', path: '/large' }))).toBeInstanceOf(BadResponseError);
    expect(transport.requests()).toBe(2);
    transport.close();
  });
});
