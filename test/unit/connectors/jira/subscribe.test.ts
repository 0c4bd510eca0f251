// The admin webhook against the sandbox: made once, found again, repaired, never doubled.
import { expect, it } from 'vitest';
import type { SubscribeAsk, Subscription } from '../../../../src/connectors/event-source.ts';
import { createJiraConnection, LIVE } from '../../../support/jira-connection.ts';

const HANDLER = 'https://sync.example/webhooks/jira';
const PATH = '/rest/webhooks/1.0/webhook';

type Hook = { readonly self: string; readonly url: string; readonly enabled: boolean; readonly events: string[] };

function connected() {
  const connection = createJiraConnection();
  const { clock, sandbox } = connection;
  const headers = {
    authorization: `Basic ${Buffer.from(`${sandbox.credentials.email}:${sandbox.credentials.token}`).toString('base64')}`,
    'content-type': 'application/json',
  };
  async function asAdmin(method: string, path: string, body: unknown = null): Promise<unknown> {
    const bytes = body === null ? new Uint8Array() : Buffer.from(JSON.stringify(body));
    const { body: answer } = await sandbox.handle({ method, path, query: new URLSearchParams(), headers, body: bytes });
    return String(answer) === '' ? null : JSON.parse(String(answer));
  }
  async function subscribe(more: Partial<SubscribeAsk> = {}): Promise<Subscription> {
    const ask = { ...LIVE, handler: HANDLER, specs: [{ entity: 'issue', project: 'BUY' }], takeOver: false, ...more };
    return clock.until(connection.jira.events?.subscribe(ask) as Promise<Subscription>);
  }
  const hooks = async () => (await asAdmin('GET', PATH)) as Hook[];
  return { ...connection, asAdmin, subscribe, hooks };
}

it('registers the webhook with secret, events and the projects of the profiles', async () => {
  const { subscribe, hooks } = connected();
  expect(await subscribe()).toMatchObject({ steps: [{ done: 'made' }], missing: [] });
  expect(await hooks()).toMatchObject([
    {
      name: 'jira-crm-sync',
      url: HANDLER,
      events: ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted'],
      filters: { 'issue-related-events-section': 'project in ("BUY")' },
      enabled: true,
      isSigned: true,
    },
  ]);
});

it('finds all kept the second time, and writes nothing', async () => {
  const { subscribe, counted } = connected();
  await subscribe();
  const { value, lines } = await counted(() => subscribe());
  expect(value.steps.map(({ done }) => done)).toEqual(['kept']);
  expect(lines).toEqual([`GET ${PATH}`]);
});

it('repairs what an administrator or Jira itself changed, and says what', async () => {
  const { subscribe, hooks, asAdmin } = connected();
  await subscribe();
  const path = new URL((await hooks())[0]?.self ?? '').pathname;
  await asAdmin('PUT', path, { enabled: false, events: ['jira:issue_created'], secret: '' });
  const { steps } = await subscribe();
  expect(steps).toMatchObject([{ done: 'repaired' }]);
  for (const told of ['disabled', 'lacked jira:issue_updated and jira:issue_deleted', 'not signed']) {
    expect(steps[0]?.what).toContain(told);
  }
  expect(await hooks()).toMatchObject([{ enabled: true, isSigned: true, events: { length: 3 } }]);
});

it('registers it again when it vanished, and removes doubles', async () => {
  const { subscribe, hooks, asAdmin } = connected();
  await subscribe();
  await asAdmin('DELETE', new URL((await hooks())[0]?.self ?? '').pathname);
  expect((await subscribe()).steps).toMatchObject([{ done: 'made' }]);
  await asAdmin('POST', PATH, { name: 'by hand', url: HANDLER, events: ['jira:issue_updated'] });
  expect((await subscribe()).steps).toMatchObject([{ done: 'kept' }, { done: 'removed' }]);
  expect(await hooks()).toHaveLength(1);
});

it('moves a webhook that points elsewhere only when a person asks', async () => {
  const { subscribe, hooks } = connected();
  await subscribe({ handler: 'https://staging.example/webhooks/jira' });
  expect((await subscribe()).steps).toMatchObject([{ done: 'made' }]);
  expect(await hooks()).toHaveLength(2);
  const elsewhere = 'https://new.example/webhooks/jira';
  expect((await subscribe({ handler: elsewhere, takeOver: true })).steps).toMatchObject([
    { done: 'repaired', what: expect.stringContaining('pointed to https://staging.example') },
    { done: 'removed' },
  ]);
  expect((await hooks()).map(({ url }) => url)).toEqual([elsewhere]);
});

it('says what to do where the account is no administrator', async () => {
  const { subscribe, sandbox } = connected();
  sandbox.configure({ deny: ['admin'] });
  const { steps, missing } = await subscribe();
  expect(steps).toEqual([]);
  expect(missing[0]?.cure).toContain('Administer Jira');
});

it('says what it would do, and does nothing, when it is only asked for the plan', async () => {
  const { subscribe, hooks, asAdmin, counted } = connected();
  const none = await counted(() => subscribe({ plan: true }));
  expect(none.value.steps).toMatchObject([{ done: 'made' }]);
  expect(none.lines).toEqual([`GET ${PATH}`]);
  expect(await hooks()).toEqual([]);
  await subscribe();
  const path = new URL((await hooks())[0]?.self ?? '').pathname;
  await asAdmin('PUT', path, { enabled: false });
  expect((await subscribe({ plan: true })).steps).toMatchObject([{ done: 'repaired' }]);
  expect(await hooks()).toMatchObject([{ enabled: false }]);
});
