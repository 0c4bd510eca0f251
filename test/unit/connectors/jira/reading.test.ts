import { describe, expect, it } from 'vitest';
import { createJiraConnection, LIVE } from '../../../support/jira-connection.ts';

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

describe('who we are and whom we may name', () => {
  it('proves the account, the tenant and the server’s time in three requests', async () => {
    const { jira, counted } = createJiraConnection();
    const { value, lines } = await counted(() => jira.identify(LIVE));
    expect(value).toMatchObject({ name: 'Sync Daemon', zone: 'Europe/Berlin', missing: [] });
    expect(value.tenant).toMatch(/^[0-9a-f-]{36}$/);
    expect(value.serverTime).toBe(Date.parse('2026-11-20T13:00:00Z'));
    expect(lines).toEqual(['GET myself', 'GET serverInfo', 'GET /_edge/tenant_info']);
  });

  it('notices a dead token behind a friendly 200', async () => {
    const { jira, sandbox, clock, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    sandbox.configure({ revokeToken: true });
    const asks: (() => Promise<unknown>)[] = [
      () => jira.identify(LIVE),
      () => jira.read(scope, '10401', ['summary'], LIVE),
      () => all(jira.changes(scope, null, [], LIVE)),
      () => jira.describe({ entity: 'issue', project: 'BUY', type: 'Task' }, LIVE),
    ];
    for (const work of asks) {
      await expect(clock.until(work())).rejects.toMatchObject({ name: 'AuthError' });
    }
  });

  it('lists people page by page until one is empty', async () => {
    const { jira, counted } = createJiraConnection();
    const { value, lines } = await counted(() => jira.people(LIVE));
    expect(value.map((person) => person.name)).toEqual([
      'Irina Ivanova',
      'Oleg Petrov',
      'Павел Смирнов',
      'Sync Daemon',
    ]);
    expect(value[0]).toMatchObject({ email: 'i.ivanova@nordhafen.example', active: true });
    expect(lines).toEqual(['GET users/search', 'GET users/search']);
  });
});

describe('discovery', () => {
  it('lists the fields of the type with labels, types, options and limits', async () => {
    const { jira, counted } = createJiraConnection();
    const spec = { entity: 'issue', project: 'Purchasing', type: 'purchase request', where: 'labels = crm' };
    const { value, lines } = await counted(() => jira.describe(spec, LIVE));
    expect(lines).toHaveLength(6);
    expect(value.problems).toEqual([]);
    const field = (id: string) => value.fields.find((one) => one.id === id);
    expect(field('summary')).toMatchObject({ type: 'text', maxLength: 255, singleLine: true, requiredOnCreate: true });
    expect(field('description')).toMatchObject({ type: 'rich-text', writableOnUpdate: false });
    expect(field('customfield_10031')).toMatchObject({ label: 'Budget', type: 'number', writableOnUpdate: true });
    expect(field('customfield_10032')?.options?.[0]).toEqual({ id: '10201', label: 'Hydrotech' });
    expect(field('customfield_10037')).toMatchObject({ type: 'set', items: 'enum' });
    expect(field('labels')).toMatchObject({ type: 'set', items: 'text' });
    expect(field('assignee')).toMatchObject({ type: 'user' });
    expect(field('status')?.options?.map((option) => option.label)).toEqual([
      'To Do',
      'In Progress',
      'Done',
      "Won't do",
    ]);
    expect(field('key')).toMatchObject({ type: 'text', writableOnCreate: false, writableOnUpdate: false });
    expect(field('created')).toMatchObject({ type: 'datetime', writableOnUpdate: false });
    for (const fixed of ['project', 'issuetype']) expect(field(fixed)).toMatchObject({ requiredOnCreate: false });
  });

  it.each([
    [{ entity: 'version', project: 'BUY', type: 'Task' }, 'entity', 'Write `entity: issue`.'],
    [{ entity: 'issue', type: 'Task' }, 'project', 'Write its key, like `project: BUY`.'],
    [{ entity: 'issue', project: 'BUY' }, 'type', 'Write the type’s name as Jira shows it, like `type: Task`.'],
    [{ entity: 'issue', project: 'BYU', type: 'Task' }, 'project', 'Did you mean “BUY”?'],
    [{ entity: 'issue', project: 'BUY', type: 'Purchase reqest' }, 'type', 'Did you mean “Purchase request”?'],
    [{ entity: 'issue', project: 'BUY', type: 'Task', where: { colour: 'red' } }, 'where', 'Write one line of JQL'],
    [{ entity: 'issue', project: 'BUY', type: 'Task', where: 'a = b order by x' }, 'where', 'Leave `ORDER BY` out'],
    [{ entity: 'issue', project: 'BUY', type: 'Task', where: 'colour = red' }, 'where', 'Try the same line in Jira'],
  ])('says what is wrong with %o', async (spec, path, cure) => {
    const { jira, clock } = createJiraConnection();
    const { scope, problems } = await clock.until(jira.describe(spec, LIVE));
    expect(scope).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toEqual([path]);
    expect(problems[0]?.cure).toContain(cure);
  });
});

describe('single reads', () => {
  it('cost one request when the issue is in scope, however many are asked at once', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const { value, lines, requests } = await counted(() =>
      Promise.all(['10403', '10401', '10402', '10401'].map((id) => jira.read(scope, id, ['summary', 'key'], LIVE))),
    );
    expect(value.map((record) => record?.key)).toEqual(['BUY-3', 'BUY-1', 'BUY-2', 'BUY-1']);
    expect(value[1]).toMatchObject({
      ref: { side: 'jira', connection: 'jira', entity: 'issue', id: '10401' },
      url: 'https://nordhafen.example/browse/BUY-1',
      version: '2026-11-01T08:00:00.000Z',
      fields: { summary: '40 shaft seals for line 3', key: 'BUY-1' },
      inScope: true,
      marker: null,
    });
    expect(lines).toEqual(['POST search/jql']);
    expect(requests[0]?.body.reconcileIssues).toEqual([10401, 10402, 10403]);
  });

  it('are seen at once although search lags', async () => {
    const { jira, clock, sandbox, scopeOf } = createJiraConnection({ indexLagMs: 3_600_000 });
    const scope = await scopeOf();
    sandbox.edit({ op: 'update', in: 'BUY', id: 'BUY-1', fields: { Summary: 'Changed just now' } });
    const record = await clock.until(jira.read(scope, '10401', ['summary'], LIVE));
    expect(record?.fields).toEqual({ summary: 'Changed just now' });
  });

  it('tell an issue that left the scope from one that is gone', async () => {
    const { jira, counted, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf('labels = crm');
    const outside = await counted(() => jira.read(scope, '10403', ['summary'], LIVE));
    expect(outside.value).toMatchObject({ key: 'BUY-3', inScope: false });
    expect(outside.lines).toEqual(['POST search/jql', 'POST issue/bulkfetch']);
    sandbox.edit({ op: 'delete', in: 'BUY', id: 'BUY-2' });
    const gone = await counted(() =>
      Promise.all(['10401', '10402'].map((id) => jira.read(scope, id, ['summary'], LIVE))),
    );
    expect(gone.value.map((record) => record?.key ?? null)).toEqual(['BUY-1', null]);
    expect(gone.lines).toEqual(['POST search/jql', 'POST issue/bulkfetch', 'POST search/jql']);
  });

  it('find what is gone also where Jira answers an unknown id with an empty list', async () => {
    const { jira, counted, scopeOf, sandbox } = createJiraConnection();
    const scope = await scopeOf();
    sandbox.configure({ unknownJqlValue: 'empty' });
    const { value, lines } = await counted(() => jira.read(scope, '99999', ['summary'], LIVE));
    expect(value).toBeNull();
    expect(lines).toEqual(['POST search/jql', 'POST issue/bulkfetch']);
  });

  it('ask nothing for what is no id', async () => {
    const { jira, counted, scopeOf } = createJiraConnection();
    const scope = await scopeOf();
    const { value, lines } = await counted(() => jira.read(scope, '1) OR (project = OPS', ['summary'], LIVE));
    expect(value).toBeNull();
    expect(lines).toEqual([]);
  });
});

describe('sweeps', () => {
  it('read all of the scope first and then only what changed', async () => {
    const { jira, counted, scopeOf, sandbox, clock } = createJiraConnection();
    const scope = await scopeOf();
    const first = await counted(() => all(jira.changes(scope, null, ['summary'], LIVE)));
    expect(first.value.flatMap((page) => page.records.map((record) => record.key))).toEqual([
      'BUY-1',
      'BUY-2',
      'BUY-3',
    ]);
    expect(first.value.at(-1)).toMatchObject({ end: true, cursor: `since:${Date.parse('2026-11-20T12:50:00Z')}` });
    expect(first.lines.filter((line) => line === 'POST search/jql')).toHaveLength(1);
    await clock.advance(3_600_000);
    sandbox.edit({ op: 'update', in: 'BUY', id: 'BUY-2', fields: { Summary: 'Changed' } });
    const second = await counted(() => all(jira.changes(scope, first.value.at(-1)?.cursor ?? null, ['summary'], LIVE)));
    expect(second.value.flatMap((page) => page.records.map((record) => record.fields.summary))).toEqual(['Changed']);
    expect(second.requests[0]?.body.jql).toContain(`updated >= ${Date.parse('2026-11-20T12:50:00Z')} ORDER BY updated`);
    expect(second.value.at(-1)?.cursor).toBe(`since:${Date.parse('2026-11-20T13:50:00Z')}`);
  });

  it('page by token: 250 issues cost three requests', async () => {
    const { jira, counted, scopeOf, sandbox } = createJiraConnection();
    const fields = (n: number) => ({ Summary: `Part ${n}` });
    for (let n = 4; n <= 250; n += 1)
      sandbox.edit({ op: 'create', in: 'BUY', type: 'Purchase request', fields: fields(n) });
    const scope = await scopeOf();
    const { value, lines } = await counted(() => all(jira.changes(scope, null, ['summary'], LIVE)));
    expect(value.map((page) => page.records.length)).toEqual([100, 100, 50]);
    expect(value.map((page) => page.end)).toEqual([false, false, true]);
    expect(lines.filter((line) => line === 'POST search/jql')).toHaveLength(3);
  });

  it('go on in the middle of a full pass, and from the beginning when the token was spent', async () => {
    const { jira, clock, scopeOf, sandbox } = createJiraConnection();
    for (let n = 4; n <= 150; n += 1) {
      sandbox.edit({ op: 'create', in: 'BUY', type: 'Purchase request', fields: { Summary: `Part ${n}` } });
    }
    const scope = await scopeOf();
    let cursor: string | null = null;
    await clock.until(
      (async () => {
        for await (const page of jira.changes(scope, null, ['summary'], LIVE)) {
          cursor = page.cursor;
          break;
        }
      })(),
    );
    const rest = await clock.until(all(jira.changes(scope, cursor, ['summary'], LIVE)));
    expect(rest.map((page) => page.records.length)).toEqual([50]);
    const again = await clock.until(all(jira.changes(scope, cursor, ['summary'], LIVE)));
    expect(again.map((page) => page.records.length)).toEqual([100, 50]);
  });
});
