import { describe, expect, test } from 'vitest';
import { createJiraSite, type Loose, paragraph, SITE } from '../../support/jira-site.ts';

const names = (list: Loose[]) => list.map((item) => item.name);

describe('transitions', () => {
  test('follow the workflow of the purchase request', async () => {
    const { call, field } = createJiraSite();
    const offered = async () => (await call('GET', 'issue/BUY-1/transitions')).json.transitions;
    expect((await offered())[0]).toMatchObject({
      id: '11',
      name: 'Start',
      to: { id: '10011', name: 'In Progress', statusCategory: { id: 4, key: 'indeterminate', colorName: 'yellow' } },
      hasScreen: false,
      isGlobal: false,
      isAvailable: true,
      isLooped: false,
    });
    const done = await call('POST', 'issue/BUY-1/transitions', { transition: { id: '11' } });
    expect({ status: done.status, text: done.text }).toEqual({ status: 204, text: '' });
    expect((await field('BUY-1', 'status')).name).toBe('In Progress');
    expect(names(await offered())).toEqual(['Complete', 'Stop', 'Decline']);
  });

  test('of a task lead to every status', async () => {
    const { json } = await createJiraSite().call('GET', 'issue/OPS-1/transitions');
    expect(names(json.transitions)).toEqual(['To Do', 'In Progress', 'Done', "Won't do"]);
    expect(json.transitions[0].isGlobal).toBe(true);
  });

  test('into and out of a done status set and clear the resolution', async () => {
    const { call, field } = createJiraSite();
    await call('POST', 'issue/BUY-2/transitions', { transition: { id: '31' } });
    expect(await field('BUY-2', 'resolution')).toMatchObject({ name: 'Done' });
    await call('POST', 'issue/BUY-2/transitions', { transition: { id: '61' } });
    expect(await field('BUY-2', 'resolution')).toBeNull();
    const { values } = (await call('GET', 'issue/BUY-2/changelog')).json;
    expect(values[0].items).toEqual([
      {
        field: 'resolution',
        fieldtype: 'jira',
        fieldId: 'resolution',
        from: null,
        fromString: null,
        to: '10000',
        toString: 'Done',
      },
      {
        field: 'status',
        fieldtype: 'jira',
        fieldId: 'status',
        from: '10011',
        fromString: 'In Progress',
        to: '10012',
        toString: 'Done',
      },
    ]);
  });

  test('that the status does not offer are refused', async () => {
    const { status, json } = await createJiraSite().call('POST', 'issue/BUY-1/transitions', {
      transition: { id: '31' },
    });
    expect({ status, json }).toEqual({
      status: 400,
      json: { errorMessages: ["Transition id '31' is not valid for this issue."], errors: {} },
    });
  });

  test('take only the fields of their screen, and all required ones', async () => {
    const { call, sandbox, field } = createJiraSite();
    const move = (fields: object) => call('POST', 'issue/BUY-1/transitions', { transition: { id: '11' }, fields });
    expect((await move({ customfield_10034: '2026-12-01' })).json.errors).toHaveProperty('customfield_10034');
    sandbox.configure({
      transitionScreens: { 11: { fields: ['customfield_10034'], required: ['customfield_10034'] } },
    });
    const { json } = await call('GET', 'issue/BUY-1/transitions?expand=transitions.fields&transitionId=11');
    expect(json.transitions[0].fields.customfield_10034).toMatchObject({
      required: true,
      name: 'Delivery date',
      operations: ['set'],
    });
    expect((await move({})).json.errors).toEqual({ customfield_10034: 'Delivery date is required.' });
    expect((await move({ customfield_10034: '2026-12-01' })).status).toBe(204);
    expect(await field('BUY-1', 'customfield_10034')).toBe('2026-12-01');
  });
});

describe('changelogs', () => {
  test('come oldest first, paged', async () => {
    const { call } = createJiraSite();
    for (const summary of ['A', 'B', 'C']) await call('PUT', 'issue/BUY-1', { fields: { summary } });
    const { json } = await call('GET', 'issue/BUY-1/changelog?startAt=1&maxResults=1');
    expect(json).toMatchObject({ startAt: 1, maxResults: 1, total: 3, isLast: false });
    expect(json.values[0].items[0].toString).toBe('B');
    expect((await call('GET', 'issue/BUY-1/changelog?maxResults=1000')).json.maxResults).toBe(100);
    const list = await call('POST', 'issue/BUY-1/changelog/list', { changelogIds: [Number(json.values[0].id)] });
    expect(list.json).toMatchObject({ total: 1, histories: [{ id: json.values[0].id }] });
  });

  test('of many issues come in one answer, cut by token, with either form of created', async () => {
    const { call, sandbox } = createJiraSite();
    for (const key of ['BUY-2', 'BUY-1'])
      await call('PUT', `issue/${key}`, { fields: { summary: 'A', labels: ['x'] } });
    const ask = async (more: object) =>
      (await call('POST', 'changelog/bulkfetch', { issueIdsOrKeys: ['BUY-1', 'BUY-2', 'BUY-9'], ...more })).json;
    const first = await ask({ maxResults: 1, fieldIds: ['labels'] });
    expect(first.issueChangeLogs).toMatchObject([
      {
        issueId: '10401',
        changeHistories: [{ created: '2026-11-20T14:00:00.000+0100', items: [{ field: 'labels' }] }],
      },
    ]);
    sandbox.configure({ bulkChangelogCreated: 'number' });
    const second = await ask({ maxResults: 1, fieldIds: ['labels'], nextPageToken: first.nextPageToken });
    expect(second.issueChangeLogs[0]).toMatchObject({
      issueId: '10402',
      changeHistories: [{ created: Date.parse('2026-11-20T13:00:00Z') }],
    });
    expect(second).not.toHaveProperty('nextPageToken');
  });

  test('expanded in an issue are newest first, at most 40', async () => {
    const { call } = createJiraSite();
    for (let i = 0; i < 45; i++) await call('PUT', 'issue/BUY-1', { fields: { summary: `S${i}` } });
    const { changelog } = (await call('GET', 'issue/BUY-1?expand=changelog')).json;
    expect(changelog).toMatchObject({ startAt: 0, maxResults: 40, total: 45 });
    expect(changelog.histories[0].items[0].toString).toBe('S44');
  });
});

describe('comments', () => {
  test('are added, changed, listed and deleted; adding moves updated', async () => {
    const { call, field, clock } = createJiraSite();
    const body = paragraph('Customer confirmed');
    const added = await call('POST', 'issue/BUY-1/comment', { body, properties: [{ key: 'crm', value: 5 }] });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      self: `${SITE}/rest/api/3/issue/10401/comment/10201`,
      id: '10201',
      author: { displayName: 'Sync Daemon' },
      body,
      created: '2026-11-20T14:00:00.000+0100',
      jsdPublic: true,
    });
    expect(await field('BUY-1', 'updated')).toBe('2026-11-20T14:00:00.000+0100');
    await clock.advance(1_000);
    const changed = await call('PUT', 'issue/BUY-1/comment/10201', { body: paragraph('Confirmed price') });
    expect({ status: changed.status, updated: changed.json.updated }).toEqual({
      status: 200,
      updated: '2026-11-20T14:00:01.000+0100',
    });
    expect(await field('BUY-1', 'updated')).toBe('2026-11-20T14:00:00.000+0100');
    const list = (await call('GET', 'issue/BUY-1/comment?maxResults=1000&expand=properties')).json;
    expect(list).toMatchObject({
      startAt: 0,
      maxResults: 100,
      total: 1,
      comments: [{ id: '10201', properties: [{ key: 'crm', value: 5 }] }],
    });
    expect(list).not.toHaveProperty('isLast');
    expect((await call('DELETE', 'issue/BUY-1/comment/10201')).status).toBe(204);
    expect((await call('GET', 'issue/BUY-1/comment/10201')).status).toBe(404);
  });

  test.each([
    ['nothing', undefined],
    ['plain text', 'hello'],
    ['an empty document', { type: 'doc', version: 1, content: [] }],
    ['too much', paragraph('x'.repeat(32_768))],
  ])('with %s are refused', async (_, body) => {
    const { status, json } = await createJiraSite().call('POST', 'issue/BUY-1/comment', { body });
    expect({ status, json }).toEqual({
      status: 400,
      json: { errorMessages: [], errors: { comment: expect.any(String) } },
    });
  });

  test('can come with an edit', async () => {
    const { call } = createJiraSite();
    await call('PUT', 'issue/BUY-1', { update: { comment: [{ add: { body: paragraph('With the edit') } }] } });
    expect((await call('GET', 'issue/BUY-1/comment?orderBy=-created')).json.total).toBe(1);
  });
});

describe('issue properties', () => {
  test('are put, replaced, read, listed and deleted', async () => {
    const { call, field } = createJiraSite();
    const path = 'issue/BUY-1/properties/crm.link';
    const before = await field('BUY-1', 'updated');
    const put = async (value: unknown) => {
      const { status, text } = await call('PUT', path, value);
      return { status, text };
    };
    expect(await put({ id: 1 })).toEqual({ status: 201, text: '' });
    expect(await put({ other: 2 })).toEqual({ status: 200, text: '' });
    expect((await call('GET', path)).json).toEqual({ key: 'crm.link', value: { other: 2 } });
    expect((await call('GET', 'issue/BUY-1/properties')).json).toEqual({
      keys: [{ self: `${SITE}/rest/api/3/issue/BUY-1/properties/crm.link`, key: 'crm.link' }],
    });
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(404);
    expect(await field('BUY-1', 'updated')).toBe(before);
  });

  test('beyond 32,768 characters or with a key beyond 255 are refused', async () => {
    const { call } = createJiraSite();
    expect((await call('PUT', 'issue/BUY-1/properties/k', { text: 'x'.repeat(32_768) })).status).toBe(400);
    expect((await call('PUT', `issue/BUY-1/properties/${'k'.repeat(256)}`, 1)).status).toBe(400);
  });
});

describe('remote links', () => {
  test('are created once per globalId and replaced, not merged', async () => {
    const { call } = createJiraSite();
    const object = { url: 'https://crm.example/deal/7', title: 'Deal 7' };
    const post = (body: object) =>
      call('POST', 'issue/BUY-1/remotelink', { globalId: 'crm=1&deal=7', object, ...body });
    const first = await post({ relationship: 'CRM deal', application: { type: 'crm', name: 'CRM' } });
    expect({ status: first.status, json: first.json }).toEqual({
      status: 201,
      json: { id: 10001, self: `${SITE}/rest/api/3/issue/BUY-1/remotelink/10001` },
    });
    const one = await call('GET', `issue/BUY-1/remotelink?globalId=${encodeURIComponent('crm=1&deal=7')}`);
    expect(one.json).toMatchObject({ id: 10001, relationship: 'CRM deal', object, application: { name: 'CRM' } });
    expect((await post({ object: { ...object, title: 'Deal 7: seals' } })).status).toBe(200);
    const { json } = await call('GET', 'issue/BUY-1/remotelink');
    expect(json).toHaveLength(1);
    expect(json[0].object.title).toBe('Deal 7: seals');
    expect(json[0]).not.toHaveProperty('relationship');
    const gone = await call(
      'DELETE',
      `issue/BUY-1/remotelink?globalId=${encodeURIComponent('crm=1&deal=7')}`,
      undefined,
      { 'content-type': 'application/json' },
    );
    expect(gone.status).toBe(204);
  });

  test('need a URL and a title', async () => {
    const { status, json } = await createJiraSite().call('POST', 'issue/BUY-1/remotelink', {
      object: { url: 'https://crm.example' },
    });
    expect({ status, json }).toEqual({
      status: 400,
      json: { errorMessages: [], errors: { title: "'title' is required." } },
    });
  });
});

describe('people', () => {
  test('are found by the start of a name or e-mail, by id, or not at all', async () => {
    const { call, accountId } = createJiraSite();
    const search = async (query: string) => (await call('GET', `user/search?${query}`)).json;
    expect((await search('query=o.petrov@'))[0]).toMatchObject({
      displayName: 'Oleg Petrov',
      emailAddress: 'o.petrov@nordhafen.example',
      active: true,
    });
    expect(await search('query=nobody')).toEqual([]);
    const id = await accountId('Смир');
    expect((await search(`accountId=${id}`))[0].displayName).toBe('Павел Смирнов');
    expect((await call('GET', `user?accountId=${id}`)).json.displayName).toBe('Павел Смирнов');
    expect((await call('GET', 'user?accountId=unknown')).status).toBe(404);
    expect((await call('GET', 'user/search')).status).toBe(400);
    expect((await call('GET', `user/search?query=a&accountId=${id}`)).status).toBe(400);
  });

  test('are listed and fetched in bulk', async () => {
    const { call, accountId } = createJiraSite();
    expect((await call('GET', 'users/search?maxResults=3')).json).toHaveLength(3);
    const { json } = await call('GET', `user/bulk?accountId=${await accountId('petrov')}&accountId=unknown`);
    expect(json).toMatchObject({ total: 1, maxResults: 10, isLast: true, values: [{ displayName: 'Oleg Petrov' }] });
    expect((await call('GET', 'user/assignable/search?project=BUY')).json).toHaveLength(4);
    expect((await call('GET', 'user/assignable/search')).status).toBe(400);
  });
});
