import { describe, expect, test } from 'vitest';
import { createJiraSite, paragraph, SITE } from '../../support/jira-site.ts';

const REQUEST = { project: { key: 'BUY' }, issuetype: { id: '10001' } };

describe('creating an issue', () => {
  test('answers id, key and link, and stores fields and properties', async () => {
    const { call, accountId } = createJiraSite();
    const answer = await call('POST', 'issue', {
      fields: {
        ...REQUEST,
        summary: 'Gaskets',
        description: paragraph('Deal 20417'),
        assignee: { accountId: await accountId('petrov') },
        labels: ['crm', 'b-side'],
        duedate: '2027-01-15',
        customfield_10031: 12.5,
        customfield_10032: { value: 'Rotor Trade' },
        customfield_10035: '2026-11-20T14:39:00.000+1100',
        customfield_10037: [{ id: '10242' }, { value: 'Germany' }],
      },
      properties: [{ key: 'crm.link', value: { entity: 'deal', id: '20417' } }],
    });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({ id: '10408', key: 'BUY-4', self: `${SITE}/rest/api/3/issue/10408` });

    const { json } = await call('GET', 'issue/BUY-4?properties=*all');
    expect(json.properties).toEqual({ 'crm.link': { entity: 'deal', id: '20417' } });
    expect(json.fields).toMatchObject({
      summary: 'Gaskets',
      description: paragraph('Deal 20417'),
      status: {
        id: '10010',
        name: 'To Do',
        statusCategory: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
      },
      priority: { id: '3', name: 'Medium' },
      assignee: { displayName: 'Oleg Petrov', emailAddress: 'o.petrov@nordhafen.example', accountType: 'atlassian' },
      reporter: { displayName: 'Sync Daemon' },
      labels: ['b-side', 'crm'],
      duedate: '2027-01-15',
      created: '2026-11-20T14:00:00.000+0100',
      updated: '2026-11-20T14:00:00.000+0100',
      resolution: null,
      customfield_10031: 12.5,
      customfield_10032: { self: `${SITE}/rest/api/3/customFieldOption/10202`, value: 'Rotor Trade', id: '10202' },
      customfield_10034: null,
      customfield_10035: '2026-11-20T04:39:00.000+0100',
      customfield_10037: [{ value: 'Germany' }, { value: 'Россия' }],
      comment: { comments: [], total: 0 },
    });
  });

  test.each([
    ['no summary', {}, { summary: 'You must specify a summary of the issue.' }],
    ['a blank summary', { summary: ' ' }, { summary: 'You must specify a summary of the issue.' }],
    ['a long summary', { summary: 'x'.repeat(256) }, { summary: 'Summary must be less than 255 characters.' }],
    ['a summary of two lines', { summary: 'a\nb' }, { summary: expect.stringContaining('newline') }],
    ['a plain description', { description: 'text' }, { description: expect.stringContaining('Atlassian Document') }],
    [
      'a description beyond the limit',
      { description: paragraph('x'.repeat(32_768)) },
      { description: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.' },
    ],
    ['an unknown option id', { customfield_10032: { id: '99' } }, { customfield_10032: "Option id '99' is not valid" }],
    [
      'an unknown option value',
      { customfield_10036: { value: 'Maybe' } },
      { customfield_10036: "Option value 'Maybe' is not valid" },
    ],
    ['a label with a space', { labels: ['x y'] }, { labels: "The label 'x y' contains spaces which is invalid." }],
    ['a date of another form', { duedate: '31.02.2027' }, { duedate: 'Error parsing date string: 31.02.2027' }],
    ['a day that does not exist', { duedate: '2027-02-30' }, { duedate: 'Error parsing date string: 2027-02-30' }],
    ['a text for a number', { customfield_10031: '12' }, { customfield_10031: 'Operation value must be a number' }],
    ['an unknown person', { assignee: { accountId: 'nobody' } }, { assignee: "User 'nobody' does not exist." }],
    ['an unknown priority', { priority: { name: 'Urgent' } }, { priority: "Priority name 'Urgent' is not valid" }],
    [
      'an unknown field',
      { customfield_99999: 1 },
      {
        customfield_99999: "Field 'customfield_99999' cannot be set. It is not on the appropriate screen, or unknown.",
      },
    ],
    ['a read-only field', { status: { name: 'Done' } }, { status: expect.stringContaining('cannot be set') }],
    ['an unknown type', { issuetype: { id: '1' } }, { issuetype: 'The issue type selected is invalid.' }],
    ['an unknown project', { project: { key: 'NOPE' } }, { project: 'valid project is required' }],
  ])('refuses %s', async (_, fields, errors) => {
    const { call } = createJiraSite();
    const summary = 'summary' in errors ? {} : { summary: 'Gaskets' };
    const { status, json } = await call('POST', 'issue', { fields: { ...REQUEST, ...summary, ...fields } });
    expect(status).toBe(400);
    expect(json).toEqual({ errorMessages: [], errors });
  });

  test('refuses a field that is not on the screen of the type', async () => {
    const { call } = createJiraSite();
    const fields = { project: { key: 'OPS' }, issuetype: { name: 'Task' }, summary: 'Oil', customfield_10031: 1 };
    expect((await call('POST', 'issue', { fields })).json.errors).toHaveProperty('customfield_10031');
    // An edit does not look at the screen.
    expect((await call('PUT', 'issue/OPS-1', { fields: { customfield_10031: 1 } })).status).toBe(204);
  });

  test('names every refused field at once and creates nothing', async () => {
    const { call, find } = createJiraSite();
    const { json } = await call('POST', 'issue', { fields: { ...REQUEST, duedate: 'x', labels: ['a b'] } });
    expect(Object.keys(json.errors).sort()).toEqual(['duedate', 'labels', 'summary']);
    expect(await find('project = BUY')).toHaveLength(3);
  });

  test('in bulk answers successes in order and failures by position', async () => {
    const { call } = createJiraSite();
    const good = (summary: string) => ({ fields: { ...REQUEST, summary } });
    const { status, json } = await call('POST', 'issue/bulk', {
      issueUpdates: [good('A'), { fields: REQUEST }, good('B')],
    });
    expect(status).toBe(201);
    expect(json.issues.map((issue: { key: string }) => issue.key)).toEqual(['BUY-4', 'BUY-5']);
    expect(json.errors).toEqual([
      {
        status: 400,
        elementErrors: { errorMessages: [], errors: { summary: 'You must specify a summary of the issue.' } },
        failedElementNumber: 1,
      },
    ]);
    const none = await call('POST', 'issue/bulk', { issueUpdates: [{ fields: REQUEST }] });
    expect({ status: none.status, issues: none.json.issues }).toEqual({ status: 400, issues: [] });
    expect((await call('POST', 'issue/bulk', { issueUpdates: Array(51).fill(good('x')) })).status).toBe(400);
  });

  test('can leave gaps between the keys', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ keyGaps: true });
    const { json } = await call('POST', 'issue', { fields: { ...REQUEST, summary: 'A' } });
    expect(json.key).toBe('BUY-5');
  });
});

describe('reading issues', () => {
  test('finds by id and by key in any case', async () => {
    const { call } = createJiraSite();
    expect((await call('GET', 'issue/buy-1?fields=summary')).json).toMatchObject({
      id: '10401',
      key: 'BUY-1',
      fields: { summary: '40 shaft seals for line 3' },
    });
    expect((await call('GET', 'issue/10401?fields=summary,-labels')).json.fields).toEqual({
      summary: '40 shaft seals for line 3',
    });
  });

  test('fetches many, in the order of ids, and is silent about unknown ones', async () => {
    const { call } = createJiraSite();
    const { json } = await call('POST', 'issue/bulkfetch', {
      issueIdsOrKeys: ['BUY-2', '10401', 'BUY-99'],
      fields: ['summary'],
    });
    expect(json.issues.map((issue: { key: string }) => issue.key)).toEqual(['BUY-1', 'BUY-2']);
    expect(json.issueErrors).toEqual([]);
    const tooMany = { issueIdsOrKeys: Array.from({ length: 101 }, (_, i) => String(i)) };
    expect((await call('POST', 'issue/bulkfetch', tooMany)).status).toBe(400);
  });

  test('names and schema come when expanded', async () => {
    const { json } = await createJiraSite().call(
      'GET',
      'issue/BUY-1?fields=customfield_10031&expand=names,schema,transitions',
    );
    expect(json.names).toEqual({ customfield_10031: 'Budget' });
    expect(json.schema.customfield_10031).toMatchObject({ type: 'number', customId: 10031 });
    expect(json.transitions.map((transition: { name: string }) => transition.name)).toEqual(['Start', 'Decline']);
  });
});

describe('editing an issue', () => {
  test('answers 204, moves updated and leaves one history', async () => {
    const { call, clock } = createJiraSite();
    await clock.advance(118);
    const answer = await call('PUT', 'issue/BUY-1', { fields: { summary: '45 seals', customfield_10031: null } });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    const { json } = await call('GET', 'issue/BUY-1?expand=changelog');
    expect(json.fields).toMatchObject({
      summary: '45 seals',
      customfield_10031: null,
      updated: '2026-11-20T14:00:00.118+0100',
    });
    expect(json.changelog.histories[0]).toMatchObject({
      author: { displayName: 'Sync Daemon' },
      created: '2026-11-20T14:00:00.118+0100',
      items: [
        {
          field: 'summary',
          fieldId: 'summary',
          from: null,
          fromString: '40 shaft seals for line 3',
          to: null,
          toString: '45 seals',
        },
        {
          field: 'Budget',
          fieldtype: 'custom',
          fieldId: 'customfield_10031',
          fromString: '1200.5',
          to: null,
          toString: null,
        },
      ],
    });
  });

  test('to the same values changes nothing', async () => {
    const { call, field, sent, sandbox, clock } = createJiraSite();
    sandbox.configure({ webhooks: { url: 'https://sync.example/hook' } });
    const before = await field('BUY-1', 'updated');
    await call('PUT', 'issue/BUY-1', {
      fields: { summary: '40 shaft seals for line 3', labels: ['spring', 'crm', 'crm'] },
    });
    await clock.runUntilIdle();
    expect(await field('BUY-1', 'updated')).toBe(before);
    expect((await call('GET', 'issue/BUY-1/changelog')).json.total).toBe(0);
    expect(sent).toEqual([]);
  });

  test('twice in one millisecond still moves updated', async () => {
    const { call, field } = createJiraSite();
    for (const summary of ['A', 'B']) await call('PUT', 'issue/BUY-1', { fields: { summary } });
    expect(await field('BUY-1', 'updated')).toBe('2026-11-20T14:00:00.001+0100');
  });

  test('adds and removes labels and options by update', async () => {
    const { call, field } = createJiraSite();
    await call('PUT', 'issue/BUY-1', {
      update: {
        labels: [{ add: 'urgent' }, { remove: 'spring' }],
        customfield_10037: [{ add: { value: 'Germany' } }],
        summary: [{ set: 'X' }],
      },
    });
    expect(await field('BUY-1', 'labels')).toEqual(['crm', 'urgent']);
    expect(await field('BUY-1', 'customfield_10037')).toMatchObject([{ value: 'Germany' }]);
    expect(await field('BUY-1', 'summary')).toBe('X');
    const refused = await call('PUT', 'issue/BUY-1', { update: { summary: [{ add: 'Y' }] } });
    expect(refused.json.errors.summary).toMatch(/does not support operation 'add'/);
  });

  test('writes nothing when one field is bad, or one is in both parts', async () => {
    const { call, field } = createJiraSite();
    expect((await call('PUT', 'issue/BUY-1', { fields: { summary: 'X', duedate: 'never' } })).status).toBe(400);
    const both = await call('PUT', 'issue/BUY-1', { fields: { summary: 'X' }, update: { summary: [{ set: 'Y' }] } });
    expect(both.status).toBe(400);
    expect(await field('BUY-1', 'summary')).toBe('40 shaft seals for line 3');
  });

  test('ignores a transition, stores properties', async () => {
    const { call, field } = createJiraSite();
    const body = { transition: { id: '11' }, properties: [{ key: 'k', value: 1 }], fields: {} };
    expect((await call('PUT', 'issue/BUY-1', body)).status).toBe(204);
    expect((await field('BUY-1', 'status')).name).toBe('To Do');
    expect((await call('GET', 'issue/BUY-1/properties/k')).json).toEqual({ key: 'k', value: 1 });
  });

  test('answers the issue when asked, with the changelog as far as the site honours that', async () => {
    const { call, sandbox } = createJiraSite();
    const path = 'issue/BUY-1?returnIssue=true&expand=changelog';
    const first = await call('PUT', path, { fields: { summary: 'A' } });
    expect({ status: first.status, total: first.json.changelog.total }).toEqual({ status: 200, total: 1 });
    sandbox.configure({ returnIssueChangelog: false });
    const second = await call('PUT', path, { fields: { summary: 'B' } });
    expect(second.json.fields.summary).toBe('B');
    expect(second.json).not.toHaveProperty('changelog');
  });

  test('keeps historyMetadata with the history', async () => {
    const { call } = createJiraSite();
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'A' }, historyMetadata: { type: 'sync' } });
    expect((await call('GET', 'issue/BUY-1/changelog')).json.values[0].historyMetadata).toEqual({ type: 'sync' });
  });

  test('deletes for good', async () => {
    const { call, find } = createJiraSite();
    expect((await call('DELETE', 'issue/BUY-1')).status).toBe(204);
    expect((await call('GET', 'issue/BUY-1')).status).toBe(404);
    expect(await find('project = BUY')).toEqual(['BUY-3', 'BUY-2']);
  });
});

describe('change items', () => {
  test.each([
    ['assignee', null, { fromString: 'Oleg Petrov', to: null, toString: null }],
    [
      'duedate',
      '2027-01-01',
      { from: '2026-12-15', fromString: '2026-12-15 00:00:00.0', to: '2027-01-01', toString: '2027-01-01 00:00:00.0' },
    ],
    ['labels', ['a', 'b'], { from: null, fromString: 'crm spring', to: null, toString: 'a b' }],
    ['labels', [], { fromString: 'crm spring', toString: '' }],
    ['priority', { id: '4' }, { from: '2', fromString: 'High', to: '4', toString: 'Low' }],
    ['description', paragraph('More'), { from: null, fromString: 'Needed in January', to: null, toString: 'More' }],
    [
      'customfield_10032',
      { id: '10202' },
      { field: 'Distributor', from: '10201', fromString: 'Hydrotech', to: '10202', toString: 'Rotor Trade' },
    ],
    [
      'customfield_10037',
      [{ id: '10242' }, { id: '10241' }],
      { from: null, to: '[10241, 10242]', toString: 'Germany,Россия' },
    ],
  ])('of %s', async (id, value, item) => {
    const { call } = createJiraSite();
    await call('PUT', 'issue/BUY-1', { fields: { [id]: value } });
    const { json } = await call('GET', 'issue/BUY-1/changelog');
    expect(json.values[0].items).toEqual([expect.objectContaining({ fieldId: id, ...item })]);
  });
});
