import { describe, expect, test } from 'vitest';
import { SandboxEditError } from '../../../src/sandbox/http.ts';
import { createJiraSite, type Loose, paragraph } from '../../support/jira-site.ts';

describe('settings', () => {
  test('that are unknown or of a wrong type are refused with a sentence', () => {
    const { sandbox } = createJiraSite();
    expect(() => sandbox.configure({ indexLag: 5 })).toThrow(SandboxEditError);
    expect(() => sandbox.configure({ indexLagMs: 'long' })).toThrow(/indexLagMs/);
    expect(() => sandbox.configure({ accountTimeZone: 'Mars/Base' })).toThrow(/is not a time zone/);
    expect(() => sandbox.configure({ readOnlyFields: ['Colour'] })).toThrow(/no field "Colour"/);
  });

  test('answer as they are now', () => {
    expect(createJiraSite().sandbox.configure({ indexLagMs: 5, keyGaps: true })).toMatchObject({
      indexLagMs: 5,
      keyGaps: true,
      webhookMode: 'normal',
    });
  });

  test('a renamed field keeps its id', async () => {
    const { call, sandbox, find } = createJiraSite();
    sandbox.configure({ renameField: { id: 'customfield_10031', name: 'Cost' } });
    const { json } = await call('GET', 'field');
    expect(json.find((field: Loose) => field.id === 'customfield_10031')).toMatchObject({
      name: 'Cost',
      clauseNames: ['cf[10031]', 'Cost'],
    });
    expect(await find('Cost > 1')).toEqual(['BUY-1']);
    await call('PUT', 'issue/BUY-1', { fields: { customfield_10031: 7 } });
    expect((await call('GET', 'issue/BUY-1/changelog')).json.values[0].items[0]).toMatchObject({
      field: 'Cost',
      fromString: '1200.5',
      toString: '7',
    });
  });

  test('a removed option is gone from metadata, issues and writes', async () => {
    const { call, sandbox, field } = createJiraSite();
    sandbox.configure({ removeOption: { field: 'Distributor', option: 'Hydrotech' } });
    const { fields } = (await call('GET', 'issue/BUY-1/editmeta')).json;
    expect(fields.customfield_10032.allowedValues.map((option: Loose) => option.value)).toEqual([
      'Rotor Trade',
      'Уралнасос',
    ]);
    expect(await field('BUY-1', 'customfield_10032')).toBeNull();
    expect((await call('PUT', 'issue/BUY-1', { fields: { customfield_10032: { id: '10201' } } })).status).toBe(400);
    expect(() => sandbox.configure({ removeOption: { field: 'Distributor', option: 'Hydrotech' } })).toThrow(
      /no option/,
    );
    sandbox.configure({ addOption: { field: 'Distributor', option: 'Neuhafen' } });
    expect((await call('PUT', 'issue/BUY-1', { fields: { customfield_10032: { value: 'Neuhafen' } } })).status).toBe(
      204,
    );
  });

  test('a disabled field is gone from metadata, issues, JQL and writes', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ disabledFields: ['Budget'] });
    expect((await call('GET', 'field')).json.map((field: Loose) => field.id)).not.toContain('customfield_10031');
    expect((await call('GET', 'issue/BUY-1')).json.fields).not.toHaveProperty('customfield_10031');
    expect((await call('PUT', 'issue/BUY-1', { fields: { customfield_10031: 1 } })).status).toBe(400);
    expect((await call('POST', 'search/jql', { jql: 'Budget > 1' })).status).toBe(400);
  });

  test('a read-only field can be read', async () => {
    const { call, sandbox, field } = createJiraSite();
    sandbox.configure({ readOnlyFields: ['customfield_10031'] });
    expect(
      (await call('PUT', 'issue/BUY-1', { fields: { customfield_10031: 1 } })).json.errors.customfield_10031,
    ).toMatch(/cannot be set/);
    expect(await field('BUY-1', 'customfield_10031')).toBe(1200.5);
  });

  test('a required field has to be given and cannot be emptied', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ requiredFields: ['Distributor'] });
    const fields = { project: { key: 'BUY' }, issuetype: { id: '10001' }, summary: 'A' };
    const errors = { customfield_10032: 'Distributor is required.' };
    expect((await call('POST', 'issue', { fields })).json.errors).toEqual(errors);
    expect((await call('PUT', 'issue/BUY-1', { fields: { customfield_10032: null } })).json.errors).toEqual(errors);
    expect(
      (await call('GET', 'issue/createmeta/BUY/issuetypes/10001')).json.fields.find(
        (field: Loose) => field.fieldId === 'customfield_10032',
      ).required,
    ).toBe(true);
  });

  test('a coerced write answers 204 and ends as something else', async () => {
    const { call, sandbox, field } = createJiraSite();
    sandbox.configure({
      coerce: [
        { field: 'Summary', cut: 5 },
        { field: 'Budget', drop: true },
      ],
    });
    const { status } = await call('PUT', 'issue/BUY-1', { fields: { summary: 'Long summary', customfield_10031: 5 } });
    expect(status).toBe(204);
    expect(await field('BUY-1', 'summary')).toBe('Long ');
    expect(await field('BUY-1', 'customfield_10031')).toBe(1200.5);
  });

  test('a moved issue keeps its id and answers under its old key with the new one', async () => {
    const { call, sandbox, find } = createJiraSite();
    sandbox.configure({ moveIssue: { issue: 'BUY-1', project: 'OPS' } });
    expect((await call('GET', 'issue/BUY-1')).json).toMatchObject({
      id: '10401',
      key: 'OPS-5',
      fields: { project: { key: 'OPS' }, issuetype: { name: 'Task' } },
    });
    expect(await find('project = BUY')).toEqual(['BUY-3', 'BUY-2']);
    const { items } = (await call('GET', 'issue/10401/changelog')).json.values[0];
    expect(items).toMatchObject([
      { field: 'project', toString: 'Operations' },
      { field: 'issuetype', toString: 'Task' },
      { field: 'Key', fromString: 'BUY-1', toString: 'OPS-5' },
    ]);
    expect(Object.hasOwn(items[2], 'fieldId')).toBe(false);
    await call('DELETE', 'issue/BUY-1');
    expect((await call('GET', 'issue/OPS-5')).status).toBe(404);
  });

  test('a cloned issue has a new id and key, and the labels and properties of the original', async () => {
    const { call, clock, field, sandbox, sent } = createJiraSite();
    await call('PUT', 'issue/BUY-1', { fields: { labels: ['crm-deal-7001'] } });
    await call('PUT', 'issue/BUY-1/properties/sync', { issue: '10401' });
    sandbox.configure({ webhooks: { url: 'https://sync.example/jira', events: ['jira:issue_created'] } });
    expect(sandbox.configure({ cloneIssue: { issue: 'BUY-1' } })).toMatchObject({ cloned: { key: 'BUY-4' } });
    expect((await call('GET', 'issue/BUY-4')).json.id).not.toBe('10401');
    expect(await field('BUY-4', 'labels')).toEqual(['crm-deal-7001']);
    expect(await field('BUY-4', 'summary')).toBe(`CLONE - ${await field('BUY-1', 'summary')}`);
    expect(await field('BUY-4', 'status')).toMatchObject({ name: 'To Do' });
    expect((await call('GET', 'issue/BUY-4/properties/sync')).json.value).toEqual({ issue: '10401' });
    await clock.runUntilIdle();
    expect(sent.map((webhook) => JSON.parse(webhook.body).issue.key)).toEqual(['BUY-4']);
    expect(() => sandbox.configure({ cloneIssue: { issue: 'BUY-99' } })).toThrow('no issue "BUY-99"');
  });

  test('comments and properties can move updated where the site does so', async () => {
    const { call, sandbox, field } = createJiraSite();
    const before = await field('BUY-1', 'updated');
    sandbox.configure({ propertyMovesUpdated: true });
    await call('PUT', 'issue/BUY-1/properties/k', 1);
    expect(await field('BUY-1', 'updated')).not.toBe(before);
  });
});

describe('edits by people', () => {
  test('name fields, options and people as people do', async () => {
    const { sandbox, call, field } = createJiraSite();
    const made = sandbox.edit({
      op: 'create',
      in: 'BUY',
      user: 'o.petrov@nordhafen.example',
      type: 'Purchase request',
      fields: {
        Summary: 'Valves',
        Description: 'Two\nlines',
        Distributor: 'Rotor Trade',
        Assignee: 'Irina Ivanova',
        Urgent: 'Yes',
        Countries: ['Germany'],
        Labels: 'a b',
        Priority: 'high',
        Status: 'In Progress',
      },
    });
    expect(made).toEqual({ id: '10408', key: 'BUY-4' });
    const { fields } = (await call('GET', 'issue/BUY-4')).json;
    expect(fields).toMatchObject({
      summary: 'Valves',
      customfield_10032: { value: 'Rotor Trade' },
      customfield_10036: { value: 'Yes' },
      assignee: { displayName: 'Irina Ivanova' },
      reporter: { displayName: 'Oleg Petrov' },
      labels: ['a', 'b'],
      priority: { name: 'High' },
      status: { name: 'In Progress' },
    });
    expect(fields.description.content).toHaveLength(2);

    sandbox.edit({
      op: 'update',
      in: 'BUY',
      id: 'BUY-4',
      user: 'Павел Смирнов',
      fields: { Status: "Won't do", Budget: 5, comment: 'Too late' },
    });
    expect((await field('BUY-4', 'resolution')).name).toBe("Won't do");
    const log = (await call('GET', 'issue/BUY-4/changelog')).json.values;
    expect(log).toHaveLength(1);
    expect(log[0].author.displayName).toBe('Павел Смирнов');
    const { comments } = (await call('GET', 'issue/BUY-4/comment')).json;
    expect(comments).toMatchObject([{ author: { displayName: 'Павел Смирнов' }, body: paragraph('Too late') }]);

    sandbox.edit({ op: 'delete', in: 'BUY', id: 'BUY-4' });
    expect((await call('GET', 'issue/BUY-4')).status).toBe(404);
  });

  test.each([
    [{ op: 'create', in: 'BUY', fields: {} }, /Summary is required/],
    [{ op: 'create', in: 'NOPE', fields: { Summary: 'A' } }, /no project "NOPE"/],
    [{ op: 'create', in: 'OPS', type: 'Purchase request', fields: { Summary: 'A' } }, /no issue type/],
    [{ op: 'update', in: 'BUY', fields: { Summary: 'A' } }, /needs the issue's key or id/],
    [{ op: 'update', in: 'BUY', id: 'BUY-99', fields: {} }, /no issue "BUY-99"/],
    [{ op: 'update', in: 'BUY', id: 'BUY-1', fields: { Colour: 'red' } }, /no field "Colour"/],
    [{ op: 'update', in: 'BUY', id: 'BUY-1', fields: { Distributor: 'Acme' } }, /not an option of "Distributor"/],
    [{ op: 'update', in: 'BUY', id: 'BUY-1', fields: { Status: 'Lost' } }, /not a status/],
    [{ op: 'update', in: 'BUY', id: 'BUY-1', user: 'Nobody', fields: {} }, /no person "Nobody"/],
    [{ op: 'update', in: 'BUY', id: 'BUY-1', fields: { 'Due date': 'soon' } }, /Due date: Error parsing date string/],
  ] as const)('refuse %j', (edit, message) => {
    expect(() => createJiraSite().sandbox.edit(edit)).toThrow(message);
  });
});

describe('the state', () => {
  test('shows issues in REST shape, with properties and people', async () => {
    const { sandbox, call } = createJiraSite();
    await call('PUT', 'issue/BUY-1/properties/k', 1);
    const state = sandbox.state() as Loose;
    expect(state.issues).toHaveLength(7);
    expect(state.issues[0]).toMatchObject({
      id: '10401',
      key: 'BUY-1',
      fields: { labels: ['crm', 'spring'] },
      properties: { k: 1 },
    });
    expect(state.users.map((user: Loose) => user.displayName)).toContain('Sync Daemon');
  });

  test('is the same again for the same seed', () => {
    expect(createJiraSite().sandbox.state()).toEqual(createJiraSite().sandbox.state());
  });
});
