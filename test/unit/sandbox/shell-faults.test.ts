import { describe, expect, it } from 'vitest';
import { createFaults } from '../../../src/sandbox/faults.ts';
import { createCountingProduct, sandboxRequest } from '../../support/sandbox-requests.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setUp(rules: unknown, name: 'jira' | 'bitrix24' = 'jira') {
  const clock = createVirtualClock();
  const product = createCountingProduct();
  const faults = createFaults(clock, rules);
  return { clock, product, faults, handle: faults.wrap(name, product.handle) };
}

const getIssue = () => sandboxRequest('GET', '/rest/api/3/issue/10001');

describe('a fault', () => {
  it('answers with the written status, headers and body and does no work', async () => {
    const body = { errorMessages: ['try later'] };
    const { handle, product } = setUp([
      { kind: 'status', status: 503, body, headers: { 'Retry-After': '7', 'Content-Type': 'text/json' } },
    ]);
    const answer = await handle(getIssue());
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '7', 'content-type': 'text/json' } });
    expect(JSON.parse(answer.body as string)).toEqual(body);
    expect(product.requests).toHaveLength(0);
  });
  it('breaks the connection before the work', async () => {
    const { handle, product } = setUp([{ kind: 'drop-before' }]);
    expect((await handle(getIssue())).drop).toBe(true);
    expect(product.requests).toHaveLength(0);
  });
  it('breaks the connection after the work', async () => {
    const { handle, product } = setUp([{ kind: 'drop-after' }]);
    expect((await handle(getIssue())).drop).toBe(true);
    expect(product.requests).toHaveLength(1);
  });
  it('delays the work by the clock', async () => {
    const { handle, product, clock } = setUp([{ kind: 'delay', ms: 60_000 }]);
    const answer = handle(getIssue());
    await clock.advance(59_999);
    expect(product.requests).toHaveLength(0);
    await clock.advance(1);
    expect((await answer).status).toBe(200);
  });
  it('answers with an HTML page', async () => {
    const { handle, product } = setUp([{ kind: 'html' }]);
    const answer = await handle(getIssue());
    expect(answer.status).toBe(502);
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.body).toContain('<html>');
    expect(product.requests).toHaveLength(0);
  });
  it('cuts the answer so that it no longer parses', async () => {
    const { handle, product } = setUp([{ kind: 'truncate' }]);
    const answer = await handle(getIssue());
    expect(answer.status).toBe(200);
    expect(() => JSON.parse(Buffer.from(answer.body).toString())).toThrow();
    expect(product.requests).toHaveLength(1);
  });
  it('hangs until the sandbox closes, without a timer', async () => {
    const { handle, faults, clock } = setUp([{ kind: 'hang' }]);
    const answer = handle(getIssue());
    await clock.settle();
    expect(clock.pending()).toBe(0);
    faults.close();
    expect((await answer).drop).toBe(true);
  });
  it('hangs for a time and then breaks the connection', async () => {
    const { handle, clock } = setUp([{ kind: 'hang', ms: 300_000 }]);
    expect((await clock.until(handle(getIssue()))).drop).toBe(true);
    expect(clock.now() - Date.parse('2026-11-21T09:00:00Z')).toBe(300_000);
  });
});

describe('a fault rule', () => {
  async function hits(rule: object, count: number): Promise<string> {
    const { handle } = setUp([{ kind: 'drop-before', ...rule }]);
    let pattern = '';
    for (let n = 0; n < count; n += 1) pattern += (await handle(getIssue())).drop ? 'x' : '.';
    return pattern;
  }
  it('skips, repeats and stops as it is told', async () => {
    expect(await hits({}, 4)).toBe('xxxx');
    expect(await hits({ times: 2 }, 4)).toBe('xx..');
    expect(await hits({ skip: 1, times: 1 }, 4)).toBe('.x..');
    expect(await hits({ every: 3 }, 7)).toBe('..x..x.');
    expect(await hits({ skip: 1, every: 2, times: 2 }, 8)).toBe('..x.x...');
  });
  it('matches method, part of the path and pattern', async () => {
    const rules = [
      { kind: 'drop-before', match: { method: 'put' } },
      { kind: 'status', status: 418, match: { path: '/\\/issue\\/\\d+$/' } },
      { kind: 'html', match: { path: '/rest/api/3/search/' } },
    ];
    const { handle } = setUp(rules);
    expect((await handle(sandboxRequest('PUT', '/rest/api/3/field'))).drop).toBe(true);
    expect((await handle(sandboxRequest('GET', '/rest/api/3/issue/17'))).status).toBe(418);
    expect((await handle(sandboxRequest('GET', '/rest/api/3/issue/BUY-1'))).status).toBe(200);
    expect((await handle(sandboxRequest('GET', '/rest/api/3/search/jql'))).status).toBe(502);
  });
  it('matches a Bitrix24 method alone and inside a batch', async () => {
    const { handle } = setUp([{ kind: 'drop-before', match: { command: 'crm.item.add' } }], 'bitrix24');
    const batch = (cmd: unknown) => sandboxRequest('POST', '/rest/1/code1234/batch.json', { body: { halt: 0, cmd } });
    expect((await handle(sandboxRequest('POST', '/rest/1/code1234/crm.item.add.json'))).drop).toBe(true);
    expect((await handle(batch({ a: 'crm.item.get?id=1', b: 'CRM.ITEM.ADD?fields[title]=x' }))).drop).toBe(true);
    expect((await handle(batch({ a: 'crm.item.get?id=1' }))).status).toBe(200);
  });
  it('holds for its product only', async () => {
    const { handle } = setUp([{ product: 'bitrix24', kind: 'drop-before' }]);
    expect((await handle(getIssue())).status).toBe(200);
  });
  it('counts what it met and hit, and is gone when replaced', async () => {
    const { handle, faults } = setUp([{ kind: 'drop-before', skip: 1 }]);
    await handle(getIssue());
    await handle(getIssue());
    expect(faults.list()).toMatchObject([{ kind: 'drop-before', matched: 2, hit: 1 }]);
    faults.replace({ rules: [] });
    expect((await handle(getIssue())).status).toBe(200);
  });
  it.each([
    ['no list', {}, 'Send a list of fault rules'],
    ['an unknown kind', [{ kind: 'explode' }], 'rule 1: "kind" must be one of status'],
    ['an unknown key', [{ kind: 'html', often: 3 }], 'rule 1: "often" is not known; use product'],
    ['an unknown match', [{ kind: 'html', match: { url: 'x' } }], '"match.url" is not known'],
    ['a broken pattern', [{ kind: 'html', match: { path: '/(/' } }], '"match.path" is no valid pattern'],
    ['a status without number', [{ kind: 'html' }, { kind: 'status' }], 'rule 2: kind "status" needs a "status"'],
    ['a delay without time', [{ kind: 'delay' }], 'kind "delay" needs "ms"'],
    ['a negative count', [{ kind: 'html', times: 0 }], '"times" must be a whole number of at least 1'],
  ])('with %s is refused with a sentence', (_name, rules, text) => {
    expect(() => createFaults(createVirtualClock(), rules)).toThrow(text);
  });
});
