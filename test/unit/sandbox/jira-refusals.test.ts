import { describe, expect, test } from 'vitest';
import { createJiraSite, paragraph } from '../../support/jira-site.ts';

const GENERAL = { errorMessages: [expect.any(String)], errors: {} };

describe('credentials', () => {
  test('an accepted token shows its account in a header', async () => {
    const { call, accountId } = createJiraSite();
    const { status, headers, json } = await call('GET', 'myself');
    expect(status).toBe(200);
    expect(json).toMatchObject({ emailAddress: 'sync@nordhafen.example', timeZone: 'Europe/Berlin', active: true });
    expect(headers['X-AAccountId']).toBe(await accountId('sync'));
    expect(headers).not.toHaveProperty('X-Seraph-LoginReason');
    expect(headers['Content-Type']).toBe('application/json;charset=UTF-8');
  });

  test('a dead token sees an empty site with status 200, and only a header tells', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ revokeToken: true });
    const projects = await call('GET', 'project/search');
    expect(projects.json).toMatchObject({ total: 0, isLast: true, values: [] });
    const search = await call('POST', 'search/jql', { jql: 'project = BUY' });
    expect({ status: search.status, json: search.json }).toEqual({ status: 200, json: { issues: [], isLast: true } });
    for (const { headers } of [projects, search]) {
      expect(headers['X-Seraph-LoginReason']).toBe('AUTHENTICATED_FAILED');
      expect(headers).not.toHaveProperty('X-AAccountId');
    }
    expect((await call('GET', 'issue/BUY-1')).status).toBe(404);
    expect((await call('GET', 'serverInfo')).status).toBe(200);
  });

  test.each([
    ['GET', 'myself', undefined],
    ['POST', 'issue', { fields: {} }],
    ['PUT', 'issue/BUY-1', { fields: {} }],
    ['GET', 'user/search?query=a', undefined],
  ])('a dead token is refused where a user is needed: %s %s', async (method, path, body) => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ revokeToken: true });
    const { status, headers, json } = await call(method, path, body);
    expect({ status, json }).toEqual({
      status: 401,
      json: { errorMessages: ['Client must be authenticated to access this resource.'], errors: {} },
    });
    expect(headers['X-Seraph-LoginReason']).toBe('AUTHENTICATED_FAILED');
  });

  test('the 401 can have the other known shapes', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ revokeToken: 'denied', unauthorizedBody: 'message' });
    const first = await call('GET', 'myself');
    expect(first.json).toEqual({
      message: 'Client must be authenticated to access this resource.',
      'status-code': 401,
    });
    expect(first.headers['X-Seraph-LoginReason']).toBe('AUTHENTICATION_DENIED');
    sandbox.configure({ unauthorizedBody: 'text' });
    expect((await call('GET', 'myself')).text).toBe('Client must be authenticated to access this resource.');
  });

  test('wrong password and no credentials at all are anonymous, the latter without the header', async () => {
    const { call, anonymous } = createJiraSite();
    const authorization = `Basic ${Buffer.from('sync@nordhafen.example:wrong').toString('base64')}`;
    const wrong = await call('GET', 'project/search', undefined, { authorization });
    expect({ total: wrong.json.total, reason: wrong.headers['X-Seraph-LoginReason'] }).toEqual({
      total: 0,
      reason: 'AUTHENTICATED_FAILED',
    });
    expect((await anonymous('GET', 'project/search')).headers).not.toHaveProperty('X-Seraph-LoginReason');
    expect((await anonymous('GET', 'myself')).status).toBe(401);
  });
});

describe('requests that no handler takes', () => {
  test.each([
    ['GET', 'nothing/here', 404],
    ['DELETE', 'myself', 405],
    ['GET', 'issue/BUY-1/changelog?startAt=first', 400],
  ])('%s %s is a problem document', async (method, path, status) => {
    const answer = await createJiraSite().call(method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers['Content-Type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      type: 'about:blank',
      status,
      instance: expect.stringContaining('/rest/api/3/'),
    });
  });

  test('a wrong method names the right ones', async () => {
    expect((await createJiraSite().call('PATCH', 'issue/BUY-1', {})).headers.Allow).toBe('GET, PUT, DELETE');
  });

  test.each([
    ['not JSON', '{"fields":'],
    ['no object', [1]],
    ['an unknown member', { feilds: {} }],
  ])('a body that is %s answers errorMessages alone', async (_, body) => {
    const { call } = createJiraSite();
    const { status, json } = await call('POST', 'issue', body, { 'content-type': 'application/json' });
    expect({ status, json }).toEqual({ status: 400, json: { errorMessages: [expect.any(String)] } });
  });

  test('a body of another type is refused, and so is a remote link DELETE without a type', async () => {
    const { call } = createJiraSite();
    expect((await call('POST', 'issue', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await call('DELETE', 'issue/BUY-1/remotelink?globalId=x')).status).toBe(415);
    const typed = await call('DELETE', 'issue/BUY-1/remotelink?globalId=x', undefined, {
      'content-type': 'application/json',
    });
    expect(typed.status).toBe(404);
  });
});

describe('refusals of single operations', () => {
  test('403 for what the account may not do', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ deny: ['create', 'edit', 'delete', 'admin'] });
    const fields = { project: { key: 'BUY' }, issuetype: { id: '10001' }, summary: 'A' };
    const create = await call('POST', 'issue', { fields });
    expect({ status: create.status, json: create.json }).toEqual({
      status: 403,
      json: { errorMessages: ['You do not have permission to create issues in this project.'], errors: {} },
    });
    const others = [
      await call('PUT', 'issue/BUY-1', { fields: { summary: 'B' } }),
      await call('PUT', 'issue/BUY-1/properties/k', 1),
      await call('DELETE', 'issue/BUY-1'),
      await call('GET', '/rest/webhooks/1.0/webhook'),
      await call('POST', 'webhook', {}),
    ];
    for (const { status, json } of others) expect({ status, json }).toEqual({ status: 403, json: GENERAL });
  });

  test('400 for a comment or transition that the account may not make', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ deny: ['comment', 'transition'] });
    expect((await call('POST', 'issue/BUY-1/comment', { body: paragraph('x') })).status).toBe(400);
    expect((await call('GET', 'issue/BUY-1/transitions')).json.transitions).toEqual([]);
    expect((await call('POST', 'issue/BUY-1/transitions', { transition: { id: '11' } })).status).toBe(400);
  });

  test('404 with the same words for a missing and a hidden issue', async () => {
    const { call, sandbox, find } = createJiraSite();
    sandbox.configure({ hiddenIssues: ['BUY-1'] });
    const answers = [
      await call('GET', 'issue/BUY-1'),
      await call('GET', 'issue/BUY-99'),
      await call('PUT', 'issue/BUY-1', { fields: {} }),
    ];
    for (const { status, json } of answers) {
      const message = 'Issue does not exist or you do not have permission to see it.';
      expect({ status, json }).toEqual({ status: 404, json: { errorMessages: [message], errors: {} } });
    }
    expect(await find('project = BUY')).toEqual(['BUY-3', 'BUY-2']);
    sandbox.configure({ hiddenIssues: [], hiddenProjects: ['BUY'] });
    expect((await call('GET', 'issue/BUY-2')).status).toBe(404);
    expect((await call('GET', 'project/BUY/statuses')).status).toBe(404);
  });

  test('409 as often as asked, then the edit goes through', async () => {
    const { call, sandbox, field } = createJiraSite();
    sandbox.configure({ conflictOnce: true });
    const edit = () => call('PUT', 'issue/BUY-1', { fields: { summary: 'B' } });
    const { status, json } = await edit();
    expect({ status, json }).toEqual({ status: 409, json: GENERAL });
    expect(await field('BUY-1', 'summary')).toBe('40 shaft seals for line 3');
    expect((await edit()).status).toBe(204);
  });

  test('413 when an issue is full of comments or remote links', async () => {
    const { call, sandbox } = createJiraSite();
    sandbox.configure({ commentLimit: 1, remoteLinkLimit: 1 });
    const comment = () => call('POST', 'issue/BUY-1/comment', { body: paragraph('x') });
    const link = (title: string) =>
      call('POST', 'issue/BUY-1/remotelink', { object: { url: 'https://crm.example/1', title } });
    expect([(await comment()).status, (await comment()).status]).toEqual([201, 413]);
    expect([(await link('A')).status, (await link('B')).status]).toEqual([201, 413]);
  });
});

describe('limits', () => {
  test('of an endpoint and method: the burst is refused, the next second is not', async () => {
    const { call, clock } = createJiraSite({ limits: 'real' });
    const ask = () => call('GET', 'field');
    for (let i = 0; i < 100; i++) expect((await ask()).status).toBe(200);
    const { status, headers, json } = await ask();
    expect({ status, json }).toEqual({ status: 429, json: GENERAL });
    expect(headers).toMatchObject({
      'Retry-After': '1',
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': '2026-11-20T13:00:01Z',
      'RateLimit-Reason': 'jira-burst-based',
    });
    expect((await ask()).text).toBe('');
    expect((await call('GET', 'myself')).status).toBe(200);
    await clock.advance(1_000);
    expect((await ask()).status).toBe(200);
  });

  test('of writes to one issue: 20 in 2 s, 100 in 30 s', async () => {
    const { call, clock } = createJiraSite({ limits: 'real' });
    const write = (key: string) => call('PUT', `issue/${key}/properties/k`, { at: clock.now() });
    for (let i = 0; i < 20; i++) expect((await write('BUY-1')).status).toBeLessThan(300);
    const refused = await write('10401');
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'RateLimit-Reason': 'jira-per-issue-on-write', 'Retry-After': '2' });
    expect((await write('BUY-2')).status).toBe(201);
    for (let round = 0; round < 4; round++) {
      await clock.advance(2_000);
      for (let i = 0; i < 20; i++) expect((await write('BUY-1')).status).toBe(200);
    }
    await clock.advance(2_000);
    const tired = await write('BUY-1');
    expect({ status: tired.status, wait: tired.headers['Retry-After'] }).toEqual({ status: 429, wait: '20' });
    await clock.advance(20_000);
    expect((await write('BUY-1')).status).toBe(200);
  });
});
