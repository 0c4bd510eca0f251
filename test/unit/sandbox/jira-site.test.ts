import { describe, expect, test } from 'vitest';
import { createJiraSite, type Loose, SITE } from '../../support/jira-site.ts';

const pick = (list: Loose[], id: string) => list.find((item) => (item.fieldId ?? item.id) === id);

describe('the site', () => {
  test('tells what it is, in its own zone', async () => {
    const { json } = await createJiraSite().call('GET', 'serverInfo');
    expect(json).toMatchObject({
      baseUrl: SITE,
      deploymentType: 'Cloud',
      versionNumbers: [1001, 0, 0],
      serverTime: '2026-11-20T14:00:00.000+0100',
    });
  });

  test('has a cloud id', async () => {
    const { json } = await createJiraSite().anonymous('GET', '/_edge/tenant_info');
    expect(json.cloudId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('renders times in the zone of the site, whatever the caller lives in', async () => {
    const { sandbox, field } = createJiraSite();
    sandbox.configure({ siteTimeZone: 'America/New_York', accountTimeZone: 'Asia/Tokyo' });
    expect(await field('BUY-1', 'created')).toBe('2026-11-01T03:00:00.000-0500');
  });

  test('tells what the caller may do, by key and project', async () => {
    const { call, anonymous, sandbox } = createJiraSite();
    sandbox.configure({ deny: ['delete'] });
    const { json } = await call('GET', 'mypermissions?projectKey=BUY&permissions=EDIT_ISSUES,DELETE_ISSUES');
    expect(json.permissions.EDIT_ISSUES).toMatchObject({ key: 'EDIT_ISSUES', type: 'PROJECT', havePermission: true });
    expect(json.permissions.DELETE_ISSUES.havePermission).toBe(false);
    expect(Object.keys(json.permissions)).toHaveLength(2);
    const path = '/rest/api/3/mypermissions?permissions=EDIT_ISSUES';
    expect((await anonymous('GET', path)).json.permissions.EDIT_ISSUES.havePermission).toBe(false);
    expect((await call('GET', 'mypermissions?projectKey=BUY')).status).toBe(400);
    expect((await call('GET', 'mypermissions?permissions=EDIT_ISSUES,toString')).status).toBe(400);
    expect((await call('GET', 'mypermissions?projectKey=NONE&permissions=EDIT_ISSUES')).status).toBe(404);
  });

  test('lists its fields bare', async () => {
    const { json } = await createJiraSite().call('GET', 'field');
    expect(pick(json, 'customfield_10032')).toEqual({
      id: 'customfield_10032',
      key: 'customfield_10032',
      name: 'Distributor',
      custom: true,
      orderable: true,
      navigable: true,
      searchable: true,
      clauseNames: ['cf[10032]', 'Distributor'],
      schema: { type: 'option', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:select', customId: 10032 },
    });
    expect(pick(json, 'labels').schema).toEqual({ type: 'array', items: 'string', system: 'labels' });
    expect(pick(json, 'issuekey')).toMatchObject({ clauseNames: ['id', 'issue', 'issuekey', 'key'] });
    expect(pick(json, 'updated')).toMatchObject({ custom: false, schema: { type: 'datetime', system: 'updated' } });
  });

  test('pages its projects', async () => {
    const { call } = createJiraSite();
    const { json } = await call('GET', 'project/search?maxResults=1');
    expect(json).toMatchObject({
      startAt: 0,
      maxResults: 1,
      total: 2,
      isLast: false,
      values: [{ id: '10000', key: 'BUY', name: 'Purchasing' }],
    });
    expect((await call('GET', 'project/search?keys=OPS')).json.values).toMatchObject([{ key: 'OPS' }]);
    expect((await call('GET', 'project/BUY')).json).toMatchObject({
      id: '10000',
      issueTypes: [{ id: '10001' }, { id: '10002' }],
    });
  });

  test('lists the statuses of each issue type', async () => {
    const { call } = createJiraSite();
    const { json } = await call('GET', 'project/BUY/statuses');
    expect(json[0]).toMatchObject({ id: '10001', name: 'Purchase request', subtask: false });
    expect(json[0].statuses.map((status: Loose) => [status.id, status.statusCategory.key])).toEqual([
      ['10010', 'new'],
      ['10011', 'indeterminate'],
      ['10012', 'done'],
      ['10013', 'done'],
    ]);
    expect((await call('GET', 'project/NOPE/statuses')).status).toBe(404);
  });
});

describe('create metadata', () => {
  const TYPES = 'issue/createmeta/BUY/issuetypes';

  test('lists types, then fields with their options', async () => {
    const { call } = createJiraSite();
    const types = (await call('GET', TYPES)).json;
    expect(types).toMatchObject({
      startAt: 0,
      maxResults: 50,
      total: 2,
      issueTypes: [{ id: '10001', name: 'Purchase request' }, { id: '10002' }],
    });
    const { json } = await call('GET', `${TYPES}/10001`);
    expect(json.total).toBe(json.fields.length);
    expect(pick(json.fields, 'summary')).toEqual({
      required: true,
      schema: { type: 'string', system: 'summary' },
      name: 'Summary',
      key: 'summary',
      fieldId: 'summary',
      hasDefaultValue: false,
      operations: ['set'],
    });
    expect(pick(json.fields, 'customfield_10036').allowedValues).toEqual([
      { self: `${SITE}/rest/api/3/customFieldOption/10231`, value: 'Yes', id: '10231' },
      { self: `${SITE}/rest/api/3/customFieldOption/10232`, value: 'No', id: '10232' },
    ]);
    expect(pick(json.fields, 'assignee').autoCompleteUrl).toContain('/user/assignable/search?project=BUY');
    const task = (await call('GET', `${TYPES}/10002`)).json;
    expect(pick(task.fields, 'customfield_10031')).toBeUndefined();
  });

  test('is paged, by at most 200', async () => {
    const { call } = createJiraSite();
    const page = (await call('GET', `${TYPES}/10001?startAt=2&maxResults=1`)).json;
    expect(page).toMatchObject({ startAt: 2, maxResults: 1, fields: [{ fieldId: 'summary' }] });
    const { status, json } = await call('GET', `${TYPES}?maxResults=201`);
    expect({ status, json }).toEqual({
      status: 400,
      json: {
        errorMessages: ["Parameter 'maxResults' must not exceed the limit '200'"],
        errors: {},
        httpStatusCode: { empty: false, present: true },
      },
    });
  });

  test('of an unknown project or type is a 400', async () => {
    const { call } = createJiraSite();
    expect((await call('GET', 'issue/createmeta/NOPE/issuetypes')).status).toBe(400);
    expect((await call('GET', `${TYPES}/1`)).status).toBe(400);
  });
});

describe('edit metadata', () => {
  test('is an object by field id', async () => {
    const { fields } = (await createJiraSite().call('GET', 'issue/BUY-1/editmeta')).json;
    expect(fields.labels).toMatchObject({ required: false, key: 'labels', operations: ['add', 'set', 'remove'] });
    expect(fields.customfield_10037.schema).toMatchObject({ type: 'array', items: 'option' });
    expect(fields).not.toHaveProperty('status');
  });

  test('leaves out what the account cannot edit', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ readOnlyFields: ['Budget'] });
    expect((await call('GET', 'issue/BUY-1/editmeta')).json.fields).not.toHaveProperty('customfield_10031');
    sandbox.configure({ deny: ['edit'] });
    expect((await call('GET', 'issue/BUY-1/editmeta')).json.fields).not.toHaveProperty('summary');
  });
});
