import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom, systemClock } from '../../../src/ports.ts';
import type { OutgoingWebhook } from '../../../src/sandbox/http.ts';
import { createSandboxInProcess, type RunningSandbox, startSandbox } from '../../../src/sandbox/index.ts';
import { createInProcessRouter } from '../../support/in-process-adapter.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setUp(seed = 7) {
  const clock = createVirtualClock();
  const sent: OutgoingWebhook[] = [];
  const sandbox = createSandboxInProcess({
    clock,
    seed,
    issues: 12,
    deals: 9,
    webhooks: async (webhook) => {
      sent.push(webhook);
      return 200;
    },
  });
  const adapter = createInProcessRouter({
    [sandbox.jira.url]: sandbox.jira.handle,
    [sandbox.bitrix24.url]: sandbox.bitrix24.handle,
  });
  const { email, token } = sandbox.jira.product.credentials;
  const jira = axios.create({ baseURL: sandbox.jira.url, adapter, auth: { username: email, password: token } });
  const crm = axios.create({ baseURL: sandbox.bitrix24.product.credentials.webhook(), adapter });
  return { clock, sandbox, sent, jira, crm };
}

describe('the sandbox without sockets', () => {
  it('answers as both products, under their own addresses', async () => {
    const { jira, crm, sandbox } = setUp();
    expect((await jira.get('/rest/api/3/serverInfo')).data.baseUrl).toBe(sandbox.jira.url);
    expect((await jira.get('/rest/api/3/myself')).data.displayName).toBe('Sync Daemon');
    const deals = await crm.post('crm.item.list.json', { entityTypeId: 2, filter: { categoryId: 9 } });
    expect(deals.data.total).toBe(9);
    expect(sandbox.jira.log.list()).toMatchObject([
      { path: '/rest/api/3/serverInfo', status: 200 },
      { path: '/rest/api/3/myself', status: 200 },
    ]);
    expect(sandbox.bitrix24.log.list()).toHaveLength(1);
  });
  it('is the same world for the same seed, down to tokens and ids', () => {
    const [one, same, other] = [setUp(7).sandbox, setUp(7).sandbox, setUp(8).sandbox];
    expect(same.jira.product.state()).toEqual(one.jira.product.state());
    expect(same.bitrix24.product.state()).toEqual(one.bitrix24.product.state());
    expect(same.jira.product.credentials).toEqual(one.jira.product.credentials);
    expect(other.jira.product.credentials.token).not.toBe(one.jira.product.credentials.token);
  });
  it('draws apart: what one product is asked never changes what the other answers', async () => {
    const [quiet, busy] = [setUp(), setUp()];
    for (let n = 0; n < 5; n += 1)
      await busy.crm.post('crm.item.add.json', { entityTypeId: 2, fields: { title: `T${n}` } });
    const trace = async (jira: typeof quiet.jira) => (await jira.get('/rest/api/3/myself')).headers['atl-traceid'];
    expect(await trace(busy.jira)).toBe(await trace(quiet.jira));
  });
  it('puts faults before the product of their name only', async () => {
    const { jira, crm, sandbox } = setUp();
    sandbox.bitrix24.faults.replace([{ kind: 'drop-after', match: { command: 'crm.item.add' }, times: 1 }]);
    const before = (await crm.post('crm.item.list.json', { entityTypeId: 2 })).data.total;
    const add = () => crm.post('crm.item.add.json', { entityTypeId: 2, fields: { title: 'Насосы' } });
    await expect(add()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await crm.post('crm.item.list.json', { entityTypeId: 2 })).data.total).toBe(before + 1);
    expect((await jira.get('/rest/api/3/myself')).status).toBe(200);
    expect(sandbox.bitrix24.log.list().map((line) => line.status)).toEqual([200, 0, 200]);
  });
  it('lets an edit by a person leave as a webhook through the port', async () => {
    const { clock, sandbox, sent } = setUp();
    sandbox.jira.product.configure({
      webhooks: [{ url: 'https://sync.example/webhooks/jira', secret: 's'.repeat(32) }],
    });
    sandbox.bitrix24.product.configure({ webhooks: [{ url: 'https://sync.example/webhooks/portal' }] });
    sandbox.jira.product.edit({ op: 'create', in: 'BUY', type: 'Purchase request', fields: { Summary: 'Seals' } });
    sandbox.bitrix24.product.edit({ op: 'create', in: 'deal', user: 'Anna Weber', fields: { title: 'Насосы' } });
    await clock.advance(60_000);
    expect(sent.map((one) => one.url).sort()).toEqual([
      'https://sync.example/webhooks/jira',
      'https://sync.example/webhooks/portal',
    ]);
    expect(sent.find((one) => one.url.endsWith('jira'))?.headers).toMatchObject({
      'X-Hub-Signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
  });
  it('ends what hangs when it closes', async () => {
    const { jira, sandbox, clock } = setUp();
    sandbox.jira.faults.replace([{ kind: 'hang' }]);
    const answer = jira.get('/rest/api/3/myself').catch((error: Error) => error);
    await clock.settle();
    sandbox.close();
    expect(await answer).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('the sandbox on sockets', () => {
  const running: RunningSandbox[] = [];
  afterEach(async () => {
    for (const sandbox of running.splice(0)) await sandbox.close();
  });

  async function start() {
    const sandbox = await startSandbox({ clock: systemClock, random: seededRandom(3), issues: 3, deals: 3 });
    running.push(sandbox);
    const control = async (side: 'jira' | 'bitrix24', method: string, path: string, body?: unknown, token?: string) => {
      const headers = { authorization: `Bearer ${token ?? sandbox.ready.control.token}` };
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      const answer = await fetch(`${sandbox.ready[side].url}/__sandbox/${path}`, init);
      return { status: answer.status, json: (await answer.json()) as { issues: unknown[]; requests: unknown[] } };
    };
    return { sandbox, control };
  }

  it('has control routes on each server that are neither logged nor hit by faults', async () => {
    const { control, sandbox } = await start();
    expect((await control('jira', 'POST', 'faults', [{ kind: 'drop-before' }])).status).toBe(200);
    expect((await control('jira', 'GET', 'state')).json.issues.length).toBeGreaterThanOrEqual(3);
    await expect(fetch(`${sandbox.ready.jira.url}/rest/api/3/serverInfo`)).rejects.toThrow();
    expect((await control('jira', 'GET', 'log')).json.requests).toMatchObject([
      { path: '/rest/api/3/serverInfo', status: 0 },
    ]);
    expect((await control('bitrix24', 'GET', 'log')).json.requests).toEqual([]);
    expect((await control('bitrix24', 'GET', 'state', undefined, 'wrong')).status).toBe(401);
  });
  it('shows its real addresses in what the products answer', async () => {
    const { sandbox } = await start();
    const { data } = await axios.get(`${sandbox.ready.jira.url}/rest/api/3/serverInfo`);
    expect(data.baseUrl).toBe(sandbox.ready.jira.url);
    expect(sandbox.ready.bitrix24.webhook).toMatch(new RegExp(`^${sandbox.ready.bitrix24.url}/rest/\\d+/\\w+/$`));
  });
});
