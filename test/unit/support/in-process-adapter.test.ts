import axios, { AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import type { SandboxRequest, SandboxResponse } from '../../../src/sandbox/http.ts';
import { createInProcessAdapter, createInProcessRouter } from '../../support/in-process-adapter.ts';

function setUp(answer: Partial<SandboxResponse> | ((request: SandboxRequest) => Promise<SandboxResponse>)) {
  const seen: SandboxRequest[] = [];
  const handle = async (request: SandboxRequest) => {
    seen.push(request);
    return typeof answer === 'function' ? answer(request) : { status: 200, headers: {}, body: '', ...answer };
  };
  const client = axios.create({ baseURL: 'https://jira.example/root', adapter: createInProcessAdapter(handle) });
  return { client, seen };
}

describe('the in-process adapter', () => {
  it('carries a request as a socket would, and its answer back', async () => {
    const { client, seen } = setUp({ status: 201, headers: { 'X-One': '1' }, body: '{"id":"10001"}' });
    const options = {
      params: { jql: 'a = "ф"', list: ['x', 'y'], none: undefined },
      auth: { username: 'u', password: 'p' },
    };
    const answer = await client.post('/rest/%D1%84', { summary: 'ф' }, options);
    expect([answer.status, answer.data, answer.headers['x-one']]).toEqual([201, { id: '10001' }, '1']);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/root/rest/ф' });
    expect([...(seen[0]?.query ?? [])]).toEqual([
      ['jql', 'a = "ф"'],
      ['list[]', 'x'],
      ['list[]', 'y'],
    ]);
    expect(seen[0]?.headers).toMatchObject({
      host: 'jira.example',
      authorization: 'Basic dTpw',
      'content-type': 'application/json',
      'content-length': '16',
    });
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('{"summary":"ф"}'.normalize());
  });
  it('leaves an address of its own alone and serializes as the request says', async () => {
    const { client, seen } = setUp({});
    const paramsSerializer = { serialize: () => 'a=1&a=2' };
    await client.get('https://other.example/x?y=0', { params: { a: [1, 2] }, paramsSerializer });
    expect(seen[0]?.headers.host).toBe('other.example');
    expect(seen[0]?.query.toString()).toBe('y=0&a=1&a=2');
  });
  it('throws what axios throws for a refused status', async () => {
    const { client } = setUp({ status: 429, headers: { 'retry-after': '5' }, body: '{"a":1}' });
    const error = await client.get('/').catch((thrown: AxiosError) => thrown);
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 429, data: { a: 1 }, headers: { 'retry-after': '5' } },
    });
    expect((await client.get('/', { validateStatus: () => true })).status).toBe(429);
  });
  it('throws a reset connection for a drop', async () => {
    const { client } = setUp({ drop: true });
    const error = await client.get('/').catch((thrown: AxiosError) => thrown);
    expect(error).toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' });
    expect((error as AxiosError).response).toBeUndefined();
  });
  it('stops waiting at an abort while the work goes on', async () => {
    let done = false;
    let go: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { client } = setUp(async () => {
      await waiting;
      done = true;
      return { status: 200, headers: {}, body: '' };
    });
    const abort = new AbortController();
    const answer = client.post('/', {}, { signal: abort.signal }).catch((thrown: unknown) => thrown);
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(axios.isCancel(await answer)).toBe(true);
    go();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(true);
    const before = await client.get('/', { signal: abort.signal }).catch((thrown: unknown) => thrown);
    expect(axios.isCancel(before)).toBe(true);
  });
  it('routes by origin and refuses an unknown one as a closed port does', async () => {
    const adapter = createInProcessRouter({
      'https://a.example': async () => ({ status: 200, headers: {}, body: 'a' }),
      'https://b.example': async () => ({ status: 200, headers: {}, body: 'b' }),
    });
    expect((await axios.get('https://b.example/x', { adapter })).data).toBe('b');
    await expect(axios.get('https://c.example/x', { adapter })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
