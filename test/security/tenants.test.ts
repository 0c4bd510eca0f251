// T2, T3, T4, T20: a delivery is a hint about one record of the connection that it was sent to, proved by that
// connection's own secret; nothing else of it is used. Two portals beside each other never mix.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBitrix24Connector } from '../../src/connectors/bitrix24/index.ts';
import type { Connector, Delivery } from '../../src/connectors/connector.ts';
import { createJiraConnector } from '../../src/connectors/jira/index.ts';
import { seededRandom, silentLog } from '../../src/ports.ts';
import { createSandboxInProcess } from '../../src/sandbox/index.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import { createMetrics } from '../../src/triggers/metrics.ts';
import { createWebhookHandlers } from '../../src/triggers/webhooks.ts';
import { prove } from '../support/cases.ts';
import { damageJson, hostileText } from '../support/hostile.ts';
import { createInProcessRouter } from '../support/in-process-adapter.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const SECRETS = { a: 'the secret of site a, long enough to be one', b: 'the secret of site b, long enough to be one' };
const ATTACKER = 'https://attacker.example';

/** Two companies with the same ids, the same names and the same products, each with connections of its own. */
function twoTenants() {
  const clock = createVirtualClock();
  const hosts: string[] = [];
  const companies = (['a', 'b'] as const).map((name, at) => {
    const sandbox = createSandboxInProcess({
      clock,
      seed: at + 1,
      issues: 4,
      deals: 4,
      jiraUrl: `https://${name}.atlassian.example`,
      bitrixUrl: `https://${name}.bitrix24.example`,
    });
    return { name, sandbox };
  });
  const router = createInProcessRouter(
    Object.fromEntries(
      companies.flatMap(({ sandbox }) => [
        [sandbox.jira.url, sandbox.jira.handle],
        [sandbox.bitrix24.url, sandbox.bitrix24.handle],
      ]),
    ),
  );
  const connectors = new Map<string, Connector>();
  for (const { name, sandbox } of companies) {
    const deps = (connection: string) => ({
      connection,
      clock,
      random: seededRandom(3),
      log: silentLog,
      adapter: async (config: Parameters<typeof router>[0]) => {
        hosts.push(`${connection} ${new URL(config.url ?? '').host}`);
        return router(config);
      },
    });
    const { email, token } = sandbox.jira.product.credentials;
    const { webhook, applicationToken, memberId } = sandbox.bitrix24.product.credentials;
    connectors.set(
      `jira-${name}`,
      createJiraConnector(
        { type: 'jira', url: sandbox.jira.url, auth: { email, token }, 'webhook-secret': SECRETS[name] },
        deps(`jira-${name}`),
      ),
    );
    connectors.set(
      `crm-${name}`,
      createBitrix24Connector(
        {
          type: 'bitrix24',
          url: sandbox.bitrix24.url,
          auth: { webhook: webhook() },
          'application-token': applicationToken,
          'member-id': memberId,
        },
        deps(`crm-${name}`),
      ),
    );
  }
  const store = openSqliteStore(':memory:');
  const handlers = createWebhookHandlers({
    connections: [...connectors].map(([name, { receive }]) => ({
      name,
      side: name.startsWith('jira') ? ('jira' as const) : ('crm' as const),
      receive: receive ?? (() => ({ accepted: false, reason: 'nothing to check by' })),
    })),
    profilesFor: (connection) => [
      { profile: `of-${connection.at(-1)}`, side: connection.startsWith('jira') ? 'jira' : 'crm' },
    ],
    store,
    clock,
    log: silentLog,
    metrics: createMetrics(),
    onHint: () => {},
  });
  const [a, b] = companies;
  if (a === undefined || b === undefined) throw new Error('two companies');
  return { clock, connectors, hosts, handlers, store, a: a.sandbox, b: b.sandbox };
}

function signed(body: unknown, secret: string): Delivery {
  const bytes = Buffer.from(JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  return { headers: { 'content-type': 'application/json', 'x-hub-signature': signature }, body: bytes };
}

function event(proof: { applicationToken: string; memberId: string }, more: Record<string, string> = {}): Delivery {
  const form = new URLSearchParams({
    event: 'ONCRMDEALUPDATE',
    'data[FIELDS][ID]': '7405',
    'auth[application_token]': proof.applicationToken,
    'auth[member_id]': proof.memberId,
    ...more,
  });
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(form.toString()) };
}

const UPDATED = { webhookEvent: 'jira:issue_updated', issue: { id: '10401', fields: { summary: 'x' } } };

async function dirty(store: ReturnType<typeof twoTenants>['store']): Promise<string[]> {
  const rows: string[] = [];
  for (const profile of ['of-a', 'of-b']) {
    for (const [side, id] of [
      ['jira', '10401'],
      ['crm', '7405'],
    ] as const) {
      if (await store.dirtyRow({ profile, side, id })) rows.push(`${profile} ${side} ${id}`);
    }
  }
  return rows;
}

describe('two tenants of one daemon', () => {
  it('do not believe each other’s deliveries', async () => {
    const { handlers, store, a } = twoTenants();
    const proof = a.bitrix24.product.credentials;
    expect(await handlers.handle('jira-b', signed(UPDATED, SECRETS.a))).toMatchObject({ status: 401 });
    expect(await handlers.handle('crm-b', event(proof))).toMatchObject({ status: 401 });
    expect(await handlers.handle('jira-b', event(proof))).toMatchObject({ status: 401 });
    expect(await handlers.handle('crm-b', signed(UPDATED, SECRETS.a))).toMatchObject({ status: 401 });
    expect(await dirty(store)).toEqual([]);
    expect(await handlers.handle('jira-a', signed(UPDATED, SECRETS.a))).toMatchObject({ status: 200 });
    expect(await handlers.handle('crm-a', event(proof))).toMatchObject({ status: 200 });
    // The same ids exist at the other tenant, and nothing of it is looked at.
    expect(await dirty(store)).toEqual(['of-a jira 10401', 'of-a crm 7405']);
  });

  it('are asked at their own address only, with scopes of their own', async () => {
    const { clock, connectors, hosts } = twoTenants();
    const describeOf = { jira: { entity: 'issue', project: 'BUY', type: 'Purchase request' }, crm: { entity: 'deal' } };
    for (const [name, connector] of connectors) {
      const side = name.startsWith('jira') ? 'jira' : 'crm';
      await clock.until(connector.identify({ lane: 'live' }));
      const { scope } = await clock.until(connector.describe(describeOf[side], { lane: 'live' }));
      if (scope === null) throw new Error('no scope');
      expect(scope.connection).toBe(name);
      const pages = connector.changes(scope, null, [], { lane: 'bulk' })[Symbol.asyncIterator]();
      const page = (await clock.until(pages.next())).value;
      for (const record of page?.records ?? []) expect(record.ref.connection).toBe(name);
    }
    const wrong = hosts.filter((line) => {
      const [connection = '', host = ''] = line.split(' ');
      return !host.startsWith(`${connection.at(-1)}.`);
    });
    expect(hosts.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });
});

describe('a delivery', () => {
  it('that names other endpoints leads to no request at all, and its tokens are not used', async () => {
    const { handlers, hosts, a } = twoTenants();
    const proof = a.bitrix24.product.credentials;
    const evil = {
      'auth[domain]': 'attacker.example',
      'auth[client_endpoint]': `${ATTACKER}/rest/`,
      'auth[server_endpoint]': `${ATTACKER}/oauth/`,
      'auth[access_token]': 'attackers-token',
      'auth[refresh_token]': 'attackers-token',
    };
    expect(await handlers.handle('crm-a', event(proof, evil))).toMatchObject({ status: 200 });
    const issue = { ...UPDATED.issue, self: `${ATTACKER}/rest/api/3/issue/10401` };
    const told = { ...UPDATED, issue, comment: { self: `${ATTACKER}/rest/api/2/issue/10401/comment/1` } };
    expect(await handlers.handle('jira-a', signed(told, SECRETS.a))).toMatchObject({ status: 200 });
    expect(hosts).toEqual([]);
  });

  it('tells which record, and nothing of what it says gets further', async () => {
    const { connectors, a } = twoTenants();
    const [jira, crm] = [connectors.get('jira-a'), connectors.get('crm-a')];
    const proof = a.bitrix24.product.credentials;
    const about = { goal: 'T4', what: 'contents of proven deliveries', cases: [2_000, 200_000] as const };
    await prove({ ...about, file: import.meta.url }, (chance) => {
      const body = damageJson(chance, { ...UPDATED, changelog: { items: [{ toString: hostileText(chance) }] } });
      const more = { [`data[FIELDS][${hostileText(chance)}]`]: hostileText(chance) };
      for (const verdict of [jira?.receive?.(signed(body, SECRETS.a), 0), crm?.receive?.(event(proof, more), 0)]) {
        if (!verdict?.accepted) continue;
        for (const hint of verdict.hints) {
          const known = /^\d{1,18}$/.test(hint.id) && ['issue', 'deal'].includes(hint.entity);
          const plain = hint.version === null || !Number.isNaN(Date.parse(hint.version));
          if (!known || !plain || Object.keys(hint).length !== 4) throw new Error(JSON.stringify(hint));
        }
      }
    });
  });

  it('that comes again, or two days late, marks nothing', async () => {
    const { clock, handlers, store } = twoTenants();
    const late = { ...UPDATED, timestamp: clock.now() - 49 * 3_600_000 };
    expect(await handlers.handle('jira-a', signed(late, SECRETS.a))).toMatchObject({ status: 200 });
    expect(await dirty(store)).toEqual([]);
    const { headers, body } = signed(UPDATED, SECRETS.a);
    const delivery = { headers: { ...headers, 'x-atlassian-webhook-identifier': 'd-1' }, body };
    await handlers.handle('jira-a', delivery);
    const first = await store.dirtyRow({ profile: 'of-a', side: 'jira', id: '10401' });
    for (let times = 0; times < 50; times += 1) {
      await clock.advance(600_000);
      expect(await handlers.handle('jira-a', delivery)).toMatchObject({ status: 200 });
    }
    expect(await store.dirtyRow({ profile: 'of-a', side: 'jira', id: '10401' })).toEqual(first);
  });
});
