import { describe, expect, test } from 'vitest';
import { createJiraSite, type Loose } from '../../support/jira-site.ts';

describe('what JQL finds', () => {
  test.each([
    ['project = BUY ORDER BY key', ['BUY-1', 'BUY-2', 'BUY-3']],
    ['project = 10000 AND issuetype = "Purchase request" ORDER BY key DESC', ['BUY-3', 'BUY-2', 'BUY-1']],
    ['project = Purchasing AND status = "to do"', ['BUY-1']],
    ['project = BUY AND status != Done ORDER BY key', ['BUY-1', 'BUY-2']],
    ['project = BUY AND statusCategory in ("In Progress", Done) ORDER BY key', ['BUY-2', 'BUY-3']],
    ['assignee = "Oleg Petrov"', ['BUY-1']],
    ['assignee = "o.petrov@nordhafen.example"', ['BUY-1']],
    ['project = BUY AND assignee is EMPTY', ['BUY-3']],
    ['project = BUY AND assignee = null', ['BUY-3']],
    ['project = BUY AND assignee != "Oleg Petrov"', ['BUY-2']],
    ['project = BUY AND (assignee not in ("Oleg Petrov") OR assignee is EMPTY) ORDER BY key', ['BUY-2', 'BUY-3']],
    ['project = BUY AND priority > Medium', ['BUY-1']],
    ['project = BUY AND priority <= Medium ORDER BY priority DESC', ['BUY-2', 'BUY-3']],
    ['labels = crm ORDER BY id', ['BUY-1', 'BUY-2']],
    ['labels in (spring)', ['BUY-1']],
    ['key in (BUY-3, buy-1) ORDER BY key', ['BUY-1', 'BUY-3']],
    ['id = 10402', ['BUY-2']],
    ['key > BUY-2 AND project = BUY', ['BUY-3']],
    ['summary ~ "SEALS line"', ['BUY-1']],
    ['summary ~ "imp*"', ['BUY-3']],
    ['summary ~ "\\"line 3\\""', ['BUY-1']],
    ['summary ~ "\\"3 line\\""', []],
    ['project = BUY AND summary !~ seals ORDER BY key', ['BUY-2', 'BUY-3']],
    ['description ~ January', ['BUY-1']],
    ['cf[10031] >= 1200', ['BUY-1']],
    ['Budget = 1200.5', ['BUY-1']],
    ['Distributor = Уралнасос', ['BUY-2']],
    ['Distributor in (10201, Уралнасос) ORDER BY Distributor', ['BUY-1', 'BUY-2']],
    ['project = BUY AND "Delivery date" is not EMPTY', []],
    ['duedate = "2026-12-15"', ['BUY-1']],
    ['due < "2026/12/15"', []],
    ['duedate <= 30d', ['BUY-1']],
    ['project = BUY AND NOT (labels = crm)', ['BUY-3']],
    ['project = BUY AND created < "2026-11-02"', ['BUY-1']],
    ['project = BUY AND created >= -18d ORDER BY created', ['BUY-3']],
    [`project = BUY AND updated > ${Date.parse('2026-11-02T08:00:00Z')}`, ['BUY-3']],
    [`project = BUY AND updated >= ${Date.parse('2026-11-02T08:00:00Z')} ORDER BY updated`, ['BUY-2', 'BUY-3']],
    ['shaft seals', []],
  ])('%s', async (jql, keys) => {
    expect(await createJiraSite().find(jql)).toEqual(keys);
  });

  test('without an order the newest comes first', async () => {
    expect(await createJiraSite().find('project = BUY')).toEqual(['BUY-3', 'BUY-2', 'BUY-1']);
  });

  test('reads a date-time in the zone of the calling account', async () => {
    const site = createJiraSite();
    // BUY-2 is from 08:00 UTC: 09:00 in Berlin, 17:00 in Tokyo.
    expect(await site.find('project = BUY AND created = "2026-11-02 09:00"')).toEqual(['BUY-2']);
    site.sandbox.configure({ accountTimeZone: 'Asia/Tokyo' });
    expect(await site.find('project = BUY AND created = "2026-11-02 09:00"')).toEqual([]);
    expect(await site.find('project = BUY AND created = "2026/11/02 17:00"')).toEqual(['BUY-2']);
  });

  test('cuts epoch numbers to the minute when told so', async () => {
    const site = createJiraSite();
    const jql = `project = BUY AND created = ${Date.parse('2026-11-02T08:00:59Z')}`;
    expect(await site.find(jql)).toEqual([]);
    site.sandbox.configure({ jqlEpochPrecision: 'minute' });
    expect(await site.find(jql)).toEqual(['BUY-2']);
  });

  test('currentUser() is the calling account', async () => {
    const site = createJiraSite();
    await site.call('PUT', 'issue/BUY-3', { fields: { assignee: { accountId: await site.accountId('sync') } } });
    expect(await site.find('assignee = currentUser()')).toEqual(['BUY-3']);
  });
});

describe('what JQL refuses', () => {
  test.each([
    [
      'project = BUY AND',
      'Error in the JQL Query: Expecting a field name at the start of a clause before the end of the query.',
    ],
    ['summary = seals', "The operator '=' is not supported by the 'summary' field."],
    ['project = BUY AND status ~ Done', "The operator '~' is not supported by the 'status' field."],
    ['updated > "yesterday"', /^Date value 'yesterday' for field 'updated' is invalid\./],
    ['assignee in membersOf("buyers")', /^Unable to find JQL function 'membersOf\(buyers\)'/],
    ['Budget = much', /is not a number/],
    ['', /^Unbounded JQL queries are not allowed here\./],
    ['ORDER BY updated', /^Unbounded JQL queries/],
    ['project = BUY ORDER BY a,b,c,d,e,f,g,h', 'JQL can be ordered by at most 7 fields.'],
    ['colour = red', "Field 'colour' does not exist or you do not have permission to view it."],
    ['project = NOPE', "The value 'NOPE' does not exist for the field 'project'."],
    ['key = BUY-99', "An issue with key 'BUY-99' does not exist for field 'key'."],
    ['id in (10401, 999)', "A value with ID '999' does not exist for the field 'id'."],
  ])('%s', async (jql, message) => {
    const { status, json } = await createJiraSite().call('POST', 'search/jql', { jql });
    expect(status).toBe(400);
    expect(json).toEqual({ errorMessages: [expect.stringMatching(message)], errors: {} });
  });

  test('answers empty for unknown names where the site does so', async () => {
    const site = createJiraSite();
    site.sandbox.configure({ unknownJqlValue: 'empty' });
    const { status, json } = await site.call('POST', 'search/jql', { jql: 'project = NOPE' });
    expect({ status, json }).toEqual({ status: 200, json: { issues: [], isLast: true } });
  });
});

describe('pages', () => {
  test('are of ids alone by default, with a token until the last', async () => {
    const { call } = createJiraSite();
    const first = await call('GET', 'search/jql?jql=project%20%3D%20BUY&maxResults=2');
    expect(first.json).toEqual({
      issues: [{ id: '10403' }, { id: '10402' }],
      nextPageToken: expect.any(String),
      isLast: false,
    });
    const token = encodeURIComponent(first.json.nextPageToken);
    const second = await call('GET', `search/jql?jql=project%20%3D%20BUY&maxResults=2&nextPageToken=${token}`);
    expect(second.json).toEqual({ issues: [{ id: '10401' }], isLast: true });
  });

  test('a spent token, one of another query, and one of last week are refused', async () => {
    const { call, clock } = createJiraSite();
    const page = (more: object) => call('POST', 'search/jql', { jql: 'project = BUY', maxResults: 1, ...more });
    const token = (await page({})).json.nextPageToken;
    expect((await page({ nextPageToken: token, jql: 'project = OPS' })).status).toBe(400);
    expect((await page({ nextPageToken: token })).status).toBe(200);
    expect((await page({ nextPageToken: token })).status).toBe(400);
    const old = (await page({})).json.nextPageToken;
    await clock.advance(8 * 86_400_000);
    expect((await page({ nextPageToken: old })).status).toBe(400);
  });

  test('hold at most 100 issues when fields are asked, thousands of bare ids', async () => {
    const { sandbox, call } = createJiraSite();
    for (let i = 0; i < 120; i++) sandbox.edit({ op: 'create', in: 'OPS', fields: { Summary: `Task ${i}` } });
    const search = async (more: object) =>
      (await call('POST', 'search/jql', { jql: 'project = OPS', maxResults: 5000, ...more })).json;
    expect((await search({})).issues).toHaveLength(124);
    const page: Loose = await search({ fields: ['summary'] });
    expect(page.issues).toHaveLength(100);
    expect(page.isLast).toBe(false);
  });

  test.each([0, 5001])('of %i are refused', async (maxResults) => {
    expect((await createJiraSite().call('POST', 'search/jql', { jql: 'project = BUY', maxResults })).status).toBe(400);
  });

  test('show the fields, properties and changelog that were asked', async () => {
    const { call } = createJiraSite();
    await call('PUT', 'issue/BUY-1/properties/crm.link', { id: 7 });
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'New' } });
    const { json } = await call('POST', 'search/jql', {
      jql: 'key = BUY-1',
      fields: ['summary', 'updated'],
      properties: ['crm.link', 'other'],
      expand: 'changelog',
    });
    expect(json.issues).toEqual([
      {
        expand: expect.any(String),
        id: '10401',
        self: 'https://nordhafen.example/rest/api/3/issue/10401',
        key: 'BUY-1',
        fields: { summary: 'New', updated: '2026-11-20T14:00:00.000+0100' },
        properties: { 'crm.link': { id: 7 } },
        changelog: {
          startAt: 0,
          maxResults: 1,
          total: 1,
          histories: [expect.objectContaining({ id: expect.any(String) })],
        },
      },
    ]);
  });

  test('leave a field out that is named with a minus', async () => {
    const { json } = await createJiraSite().call('POST', 'search/jql', { jql: 'key = BUY-1', fields: ['-summary'] });
    expect(json.issues[0].fields).not.toHaveProperty('summary');
    expect(json.issues[0].fields).toHaveProperty('labels', ['crm', 'spring']);
    expect(json.issues[0].fields).not.toHaveProperty('comment');
  });
});

describe('the index', () => {
  test('shows a change only after its lag, unless the issue is reconciled', async () => {
    const { call, clock } = createJiraSite({ indexLagMs: 2_000 });
    await clock.advance(3_000);
    await call('PUT', 'issue/BUY-1', { fields: { summary: 'Newer' } });
    const seen = async (more: object = {}) => {
      const { json } = await call('POST', 'search/jql', { jql: 'key = BUY-1', fields: ['summary'], ...more });
      return json.issues[0].fields.summary;
    };
    expect(await seen()).toBe('40 shaft seals for line 3');
    expect(await seen({ reconcileIssues: [10401] })).toBe('Newer');
    await clock.advance(2_000);
    expect(await seen()).toBe('Newer');
  });

  test('can keep one issue out for longer', async () => {
    const { sandbox, find, clock } = createJiraSite();
    sandbox.configure({ indexLagOf: { 'BUY-4': 60_000 } });
    sandbox.edit({ op: 'create', in: 'BUY', fields: { Summary: 'Late' } });
    expect(await find('project = BUY AND created >= -1h')).toEqual([]);
    await clock.advance(60_000);
    expect(await find('project = BUY AND created >= -1h')).toEqual(['BUY-4']);
  });

  test('takes at most 50 issues to reconcile', async () => {
    const reconcileIssues = Array.from({ length: 51 }, (_, i) => i);
    const { status } = await createJiraSite().call('POST', 'search/jql', { jql: 'project = BUY', reconcileIssues });
    expect(status).toBe(400);
  });
});

describe('around search', () => {
  test('counts', async () => {
    const { json } = await createJiraSite().call('POST', 'search/approximate-count', { jql: 'project = BUY' });
    expect(json).toEqual({ count: 3 });
  });

  test('parses queries and names their errors', async () => {
    const { json } = await createJiraSite().call('POST', 'jql/parse', {
      queries: ['project = BUY', 'project = NOPE', 'x ='],
    });
    expect(json.queries).toEqual([
      { query: 'project = BUY' },
      { query: 'project = NOPE', errors: ["The value 'NOPE' does not exist for the field 'project'."] },
      { query: 'x =', errors: [expect.stringMatching(/^Error in the JQL Query/)] },
    ]);
  });

  test('matches issues against queries', async () => {
    const { json } = await createJiraSite().call('POST', 'jql/match', {
      jqls: ['labels = crm'],
      issueIds: [10401, 10403],
    });
    expect(json).toEqual({ matches: [{ matchedIssues: [10401], errors: [] }] });
  });

  test('says that the old search is gone', async () => {
    const { status, json } = await createJiraSite().call('GET', 'search?jql=project=BUY');
    expect(status).toBe(410);
    expect(json.errorMessages[0]).toMatch(/^The requested API has been removed\./);
  });
});
