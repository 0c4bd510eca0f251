import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createJiraSite, type Loose, paragraph } from '../../support/jira-site.ts';

const URL = 'https://sync.example/hook';

function hooked(settings: Record<string, unknown> = {}) {
  const site = createJiraSite();
  site.sandbox.configure({ webhooks: { url: URL, secret: "It's a Secret to Everybody" }, ...settings });
  const bodies = (): Loose[] => site.sent.map((webhook) => JSON.parse(webhook.body));
  return { ...site, bodies };
}

describe('deliveries', () => {
  test('come shortly after the change, signed over the raw body', async () => {
    const { call, sent, clock } = hooked();
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'Новая' } });
    expect(sent).toEqual([]);
    await clock.advance(50);
    expect(sent).toHaveLength(1);
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = sent;
    expect(url).toBe(URL);
    const digest = createHmac('sha256', "It's a Secret to Everybody").update(Buffer.from(body, 'utf8')).digest('hex');
    expect(headers).toEqual({
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Atlassian Webhook HTTP Client',
      'X-Atlassian-Webhook-Identifier': expect.stringMatching(/^[0-9a-f-]{20,}$/),
      'X-Atlassian-Webhook-Flow': 'Primary',
      'X-Hub-Signature': `sha256=${digest}`,
    });
  });

  test.each([[503], [429], [408], [null]])(
    'are repeated five times after %s, 5 to 15 minutes apart',
    async (status) => {
      const { call, sent, clock, receive } = hooked();
      receive(() => status);
      const at: number[] = [];
      await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
      for (let minute = 0; minute < 90; minute++) {
        const before = sent.length;
        await clock.advance(60_000);
        if (sent.length > before) at.push(minute);
      }
      // Half an hour of failures ends the retries early.
      expect(sent.length).toBeGreaterThanOrEqual(4);
      expect(sent.length).toBeLessThanOrEqual(6);
      expect(new Set(sent.map(({ headers }) => headers['X-Atlassian-Webhook-Identifier'])).size).toBe(1);
      expect(sent.map(({ headers }) => headers['X-Atlassian-Webhook-Retry'])).toEqual(
        sent.map((_, i) => (i === 0 ? undefined : String(i))),
      );
      for (const [i, minute] of at.entries()) {
        if (i > 0) expect(minute - (at[i - 1] ?? 0)).toBeGreaterThanOrEqual(5);
      }
    },
  );

  test.each([400, 401, 404, 410])('are dropped after %i', async (status) => {
    const { call, sent, clock, receive } = hooked();
    receive(() => status);
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.runUntilIdle();
    expect(sent).toHaveLength(1);
  });

  test('get a single attempt after half an hour without success', async () => {
    const { call, sent, clock, receive } = hooked();
    receive(() => 500);
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.advance(2 * 3_600_000);
    const before = sent.length;
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'B' } });
    await clock.runUntilIdle();
    expect(sent.length).toBe(before + 1);
  });

  test.each([
    ['lost', 0],
    ['doubled', 2],
    [{ copies: 4 }, 4],
  ])('in mode %j come %i times', async (webhookMode, times) => {
    const { call, sent, clock } = hooked({ webhookMode });
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.runUntilIdle();
    expect(sent).toHaveLength(times);
  });

  test('wait while paused', async () => {
    const { call, sent, clock, sandbox } = hooked({ webhookMode: 'paused' });
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.runUntilIdle();
    expect(sent).toHaveLength(0);
    sandbox.configure({ webhookMode: 'normal' });
    await clock.runUntilIdle();
    expect(sent).toHaveLength(1);
  });

  test('come out of order when shuffled, none missing', async () => {
    const { call, clock, bodies } = hooked({ webhookMode: 'shuffled', shuffleMs: 60_000 });
    const wanted = Array.from({ length: 12 }, (_, i) => `S${i}`);
    for (const summary of wanted) await call('PUT', 'issue/BUY-1', { fields: { summary } });
    await clock.runUntilIdle();
    const came = bodies().map((body) => body.issue.fields.summary);
    expect(came).not.toEqual(wanted);
    expect([...came].sort()).toEqual([...wanted].sort());
  });

  test('end with the site', async () => {
    const { call, sent, clock, sandbox } = hooked();
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    sandbox.close();
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
  });
});

describe('bodies', () => {
  test('of an update: v2 links, wiki text, the changelog, the actor', async () => {
    const { call, clock, bodies } = hooked();
    await call('PUT', 'issue/BUY-1', { fields: { description: paragraph('Two') } });
    await clock.runUntilIdle();
    expect(bodies()).toEqual([
      {
        timestamp: Date.parse('2026-11-20T13:00:00Z'),
        webhookEvent: 'jira:issue_updated',
        issue_event_type_name: 'issue_updated',
        user: expect.objectContaining({ displayName: 'Sync Daemon', accountType: 'atlassian' }),
        issue: {
          id: '10401',
          self: 'https://nordhafen.example/rest/api/2/issue/10401',
          key: 'BUY-1',
          fields: expect.objectContaining({
            description: 'Two',
            labels: ['crm', 'spring'],
            updated: '2026-11-20T14:00:00.000+0100',
          }),
        },
        changelog: {
          id: expect.any(String),
          items: [
            {
              field: 'description',
              fieldtype: 'jira',
              fieldId: 'description',
              from: null,
              fromString: 'Needed in January',
              to: null,
              toString: 'Two',
            },
          ],
        },
      },
    ]);
    expect(bodies()[0].user).not.toHaveProperty('emailAddress');
    expect(bodies()[0].issue.fields.status.self).toContain('/rest/api/2/status/');
  });

  test('of a create carry initial values, or no changelog at all', async () => {
    const { sandbox, clock, bodies } = hooked();
    sandbox.edit({ op: 'create', in: 'BUY', user: 'Oleg Petrov', fields: { Summary: 'A' } });
    sandbox.configure({ createdHookChangelog: false });
    sandbox.edit({ op: 'create', in: 'BUY', fields: { Summary: 'B' } });
    await clock.runUntilIdle();
    const [first, second] = bodies();
    expect(first).toMatchObject({
      webhookEvent: 'jira:issue_created',
      issue_event_type_name: 'issue_created',
      user: { displayName: 'Oleg Petrov' },
    });
    expect(first.changelog.items[0]).toMatchObject({ field: 'summary', from: null, fromString: null, toString: 'A' });
    expect(first.changelog.items.at(-1)).toMatchObject({
      field: 'Status',
      fieldId: 'status',
      to: '10010',
      toString: 'To Do',
    });
    expect(second).not.toHaveProperty('changelog');
  });

  test('of a delete have fields and neither changelog nor type name; its comments follow as fall-out', async () => {
    const { call, clock, bodies, sent } = hooked();
    await call('POST', 'issue/BUY-1/comment', { body: paragraph('Hello') });
    await call('DELETE', 'issue/BUY-1');
    await clock.runUntilIdle();
    const [comment, deleted, fallOut] = bodies();
    expect(comment).toMatchObject({
      webhookEvent: 'comment_created',
      comment: { body: 'Hello', updateAuthor: { displayName: 'Sync Daemon' } },
      issue: { key: 'BUY-1', fields: { summary: '40 shaft seals for line 3' } },
    });
    expect(comment).not.toHaveProperty('user');
    expect(deleted).toMatchObject({ webhookEvent: 'jira:issue_deleted', issue: { id: '10401' } });
    expect(deleted).not.toHaveProperty('issue_event_type_name');
    expect(deleted).not.toHaveProperty('changelog');
    expect(fallOut.webhookEvent).toBe('comment_deleted');
    expect(sent[2]?.headers['X-Atlassian-Webhook-Flow']).toBe('Secondary');
  });

  test('of a transition are issue_generic', async () => {
    const { call, clock, bodies } = hooked();
    await call('POST', 'issue/BUY-1/transitions', { transition: { id: '11' } });
    await clock.runUntilIdle();
    expect(bodies()[0].issue_event_type_name).toBe('issue_generic');
  });
});

describe('registration', () => {
  const HOOKS = '/rest/webhooks/1.0/webhook';

  test('answers the record without its secret, and delivers what was asked for', async () => {
    const { call, sent, clock } = createJiraSite();
    const filters = { 'issue-related-events-section': 'project = BUY' };
    const body = { name: 'CRM sync', url: URL, events: ['jira:issue_updated'], filters, secret: 's' };
    const { status, json } = await call('POST', HOOKS, body);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      name: 'CRM sync',
      url: URL,
      events: ['jira:issue_updated'],
      filters,
      enabled: true,
      isSigned: true,
      excludeBody: false,
    });
    expect(json).not.toHaveProperty('secret');
    expect(json.self).toBe('https://nordhafen.example/rest/webhooks/1.0/webhook/1');
    await call('PUT', 'issue/OPS-1', { fields: { summary: 'other project' } });
    await call('POST', 'issue/BUY-1/comment', { body: paragraph('other event') });
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.runUntilIdle();
    expect(sent.map((webhook) => JSON.parse(webhook.body).webhookEvent)).toEqual(['jira:issue_updated']);
  });

  test('can be listed, changed without losing the secret, switched off and removed', async () => {
    const { call, sent, clock } = createJiraSite();
    await call('POST', HOOKS, { name: 'A', url: URL, events: ['jira:issue_updated'], secret: 's' });
    expect((await call('PUT', `${HOOKS}/1`, { name: 'B', enabled: false })).json).toMatchObject({
      name: 'B',
      enabled: false,
      isSigned: true,
    });
    expect((await call('GET', HOOKS)).json).toHaveLength(1);
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' } });
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
    expect((await call('DELETE', `${HOOKS}/1`)).status).toBe(204);
    expect((await call('GET', `${HOOKS}/1`)).status).toBe(404);
  });

  test('needs a name and a URL', async () => {
    const { call } = createJiraSite();
    expect((await call('POST', HOOKS, { name: 'A', url: 'nowhere', events: [] })).status).toBe(400);
    expect((await call('POST', HOOKS, { url: URL, events: [] })).status).toBe(400);
  });
});
