import { AxiosError } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { holdFor } from '../../../../src/connectors/jira/limits.ts';
import { seededRandom } from '../../../../src/ports.ts';
import {
  createScriptedJira,
  issueJson,
  LIVE,
  type Reply,
  SCRIPTED_SCOPE,
  TOKEN,
} from '../../../support/jira-connection.ts';

const SCOPE = SCRIPTED_SCOPE;
const NOW = Date.parse('2026-11-20T13:00:00Z');

function limited(reason: string, headers: Record<string, string> = { 'Retry-After': '1' }): Reply {
  return { status: 429, headers: { ...headers, 'RateLimit-Reason': reason }, body: '' };
}
const putOf = (id: string): Reply => ({
  headers: { 'X-AAccountId': 'a' },
  body: issueJson(id, { summary: 'x' }, { changelog: { histories: [] } }),
});
const put = putOf('1');
const failed = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error) => error,
  );

describe('limits', () => {
  it('hold the endpoint and send again what Jira refused before execution', async () => {
    const { jira, clock, sent } = createScriptedJira((_line, nth) => (nth <= 2 ? limited('jira-burst-based') : put));
    const onSend = vi.fn(async () => {});
    const ask = { ...LIVE, onSend };
    await clock.until(jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], ask));
    expect(sent.map((request) => request.line)).toEqual(['PUT issue/1', 'PUT issue/1', 'PUT issue/1']);
    expect(sent[1]?.at).toBeGreaterThanOrEqual(NOW + 1000);
    expect(onSend).toHaveBeenCalledTimes(1);
    expect(jira.usage()).toMatchObject({ limited: 2, requests: 3 });
  });

  it('give up after four repeats with the time to come back', async () => {
    const { jira, clock, sent } = createScriptedJira(() => limited('jira-burst-based'));
    const error = await failed(clock.until(jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], LIVE)));
    expect(error).toMatchObject({ name: 'RateLimitedError', cure: expect.stringContaining('by itself') });
    expect(error.retryAt).toBeGreaterThan(clock.now());
    expect(sent).toHaveLength(5);
  });

  it('of one issue do not slow down another', async () => {
    const { jira, clock, sent } = createScriptedJira((line, nth) =>
      nth === 1 ? limited('jira-per-issue-on-write', { 'Retry-After': '5' }) : putOf(line.slice(-1)),
    );
    const first = jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], LIVE);
    await clock.settle();
    await clock.until(jira.update(SCOPE, '2', { summary: 'x' }, {}, ['summary'], LIVE));
    expect(clock.now()).toBe(NOW);
    await clock.until(first);
    const writes = sent
      .filter((request) => request.line.startsWith('PUT'))
      .map(({ line, at }) => [line, at >= NOW + 5000]);
    expect(writes).toEqual([
      ['PUT issue/1', false],
      ['PUT issue/2', false],
      ['PUT issue/1', true],
    ]);
  });

  it('of the hour stop everything at once, without keeping anybody waiting', async () => {
    const { jira, clock, sent } = createScriptedJira(() =>
      limited('jira-quota-tenant-based', { 'Retry-After': '1847' }),
    );
    const error = await failed(clock.until(jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], LIVE)));
    expect(error).toMatchObject({ name: 'RateLimitedError', retryAt: NOW + 1_847_000 });
    expect(jira.usage().heldUntil).toBe(NOW + 1_847_000);
    expect(await failed(clock.until(jira.read(SCOPE, '2', ['summary'], LIVE)))).toMatchObject({
      name: 'RateLimitedError',
    });
    expect(sent).toHaveLength(1);
  });

  it.each([
    [{ 'retry-after': '7', 'ratelimit-reason': 'jira-burst-based' }, 0, 7000, 9100],
    [{ 'ratelimit-reason': 'jira-burst-based' }, 0, 1400, 2600],
    [{}, 2, 5600, 10_400],
    [{}, 9, 21_000, 39_000],
    [{ 'retry-after': '60' }, 3, 60_000, 60_000],
    [{ 'ratelimit-reason': 'jira-quota-global-based' }, 0, 3_600_000, 3_600_000],
    [{ 'ratelimit-reason': 'jira-quota-global-based', 'x-ratelimit-reset': '2026-11-20T13:10Z' }, 0, 600_000, 600_000],
  ])('%o at attempt %i hold for %i to %i ms', (headers, attempt, least, most) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const ms = holdFor(headers as Record<string, string>, attempt, NOW, seededRandom(seed));
      expect(ms).toBeGreaterThanOrEqual(least);
      expect(ms).toBeLessThanOrEqual(most);
    }
  });
});

describe('answers that are not meant', () => {
  it.each([
    [{ status: 401, body: 'Client must be authenticated' }, { name: 'AuthError' }],
    [
      { status: 403, headers: { 'X-Authentication-Denied-Reason': 'CAPTCHA_CHALLENGE' }, body: '' },
      { name: 'AuthError' },
    ],
    [{ headers: { 'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED' } }, { name: 'AuthError' }],
    [
      { status: 403, body: { errorMessages: ['No permission'] } },
      { name: 'RejectedError', field: null },
    ],
    [
      { status: 400, body: { errors: { summary: 'Too long' } } },
      { name: 'RejectedError', field: 'summary' },
    ],
    [{ status: 404, body: {} }, { name: 'StaleError' }],
    [{ status: 409, body: {} }, { name: 'StaleError' }],
    [{ status: 410, body: { errorMessages: ['removed'] } }, { name: 'BadResponseError' }],
    [{ status: 302, headers: { Location: 'https://elsewhere.example' }, body: '' }, { name: 'BadResponseError' }],
    [
      { status: 503, body: '<html>' },
      { name: 'UnavailableError', ambiguous: true, arrived: true },
    ],
    [new AxiosError('socket hang up', 'ECONNRESET'), { name: 'UnavailableError', ambiguous: true }],
    [new AxiosError('refused', 'ECONNREFUSED'), { name: 'UnavailableError', ambiguous: false }],
    [{ body: '<html>Log in</html>' }, { name: 'BadResponseError' }],
  ])('%o to a write becomes %o', async (reply, expected) => {
    const { jira, clock, sent } = createScriptedJira(() => reply as Reply);
    const error = await failed(clock.until(jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], LIVE)));
    expect(error).toMatchObject(expected);
    expect(error.cure.length).toBeGreaterThan(10);
    expect(sent).toHaveLength(1);
  });

  it('for another account are refused', async () => {
    const { jira, clock } = createScriptedJira((line) => {
      if (line === 'GET myself')
        return { headers: { 'X-AAccountId': '712020%3Aours' }, body: { accountId: '712020:ours' } };
      if (line === 'GET serverInfo')
        return { body: { baseUrl: 'https://x.example', serverTime: '2026-11-20T14:00:00.000+0100' } };
      return { headers: { 'X-AAccountId': '712020%3Atheirs' }, body: { cloudId: 'c' } };
    });
    await expect(clock.until(jira.identify(LIVE))).rejects.toMatchObject({ name: 'AuthError' });
  });

  it('without the cloud id leave the host as tenant, but a broken connection does not', async () => {
    const answers = (tenant: Reply) => (line: string) => {
      if (line === 'GET myself') return { body: { accountId: 'a' } };
      if (line === 'GET serverInfo')
        return { body: { baseUrl: 'https://jira.example/', serverTime: '2026-11-20T14:00:00.000+0100' } };
      return tenant;
    };
    for (const tenant of [{ status: 404, body: '' }, { body: '<html>' }]) {
      const { jira, clock } = createScriptedJira(answers(tenant));
      expect(await clock.until(jira.identify(LIVE))).toMatchObject({ tenant: 'jira.example' });
    }
    const { jira, clock } = createScriptedJira(answers(new AxiosError('gone', 'ECONNRESET')));
    await expect(clock.until(jira.identify(LIVE))).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('leave a create in doubt when the issue stands but cannot be read back', async () => {
    for (const readBack of [{ body: { issues: [] } }, { status: 500, body: '' }, { status: 403, body: {} }]) {
      const { jira, clock } = createScriptedJira((line) =>
        line === 'POST issue' ? { status: 201, body: { id: '7', key: 'BUY-7' } } : readBack,
      );
      const work = jira.create(SCOPE, { summary: 'x' }, { key: 'crm-deal-7', tenant: 't' }, ['summary'], LIVE);
      expect(await failed(clock.until(work))).toMatchObject({ name: 'UnavailableError', ambiguous: true });
    }
  });

  it('leave every create of a lost batch in doubt, and refuse all of one that Jira refuses as a whole', async () => {
    const both = (answer: Reply) => {
      const { jira, clock } = createScriptedJira(() => answer);
      const create = (n: number) =>
        failed(jira.create(SCOPE, { summary: 'x' }, { key: `crm-deal-${n}`, tenant: 't' }, ['summary'], LIVE));
      return clock.until(Promise.all([create(1), create(2)]));
    };
    for (const error of await both(new AxiosError('gone', 'ECONNRESET')))
      expect(error).toMatchObject({ ambiguous: true });
    for (const error of await both({ status: 400, body: { errorMessages: ['Invalid request payload'] } })) {
      expect(error).toMatchObject({ name: 'RejectedError', field: null });
    }
    const errors = [0, 1].map((at) => ({
      status: 400,
      failedElementNumber: at,
      elementErrors: { errors: { [`f${at}`]: 'no' } },
    }));
    const refused = await both({ status: 400, body: { issues: [], errors } });
    expect(refused.map((error) => error.field)).toEqual(['f0', 'f1']);
    const short = await both({ status: 201, body: { issues: [], errors: errors.slice(1) } });
    expect(short.map((error) => error.name)).toEqual(['BadResponseError', 'RejectedError']);
  });

  it('never show the token', async () => {
    const echo = { status: 400, body: { errorMessages: [`bad header ${TOKEN}`], errors: {} } };
    const { jira, clock } = createScriptedJira(() => echo);
    const error = await failed(clock.until(jira.update(SCOPE, '1', { summary: 'x' }, {}, ['summary'], LIVE)));
    expect(error.message).toContain('bad header [secret]');
  });

  it('that name an issue which could not be read are an error, not an absence', async () => {
    const { jira, clock } = createScriptedJira((line) =>
      line === 'POST search/jql'
        ? { body: { issues: [], isLast: true } }
        : { body: { issues: [], issueErrors: [{ id: '1', errorMessage: 'too large' }] } },
    );
    expect(await failed(clock.until(jira.read(SCOPE, '1', ['summary'], LIVE)))).toMatchObject({
      name: 'UnavailableError',
      ambiguous: false,
    });
  });
});

describe('searches without end', () => {
  const page = (id: string, token: string | null) => ({
    issues: id === '' ? [] : [issueJson(id)],
    nextPageToken: token,
    isLast: false,
  });
  const headers = { Date: 'Fri, 20 Nov 2026 13:00:00 GMT' };

  async function sweep(pages: object[], cursor: string | null) {
    const { jira, clock } = createScriptedJira((_line, nth) => ({ headers, body: pages[nth - 1] ?? pages.at(-1) }));
    const found: { cursor: string; end: boolean }[] = [];
    const work = (async () => {
      for await (const page of jira.changes(SCOPE, cursor, ['summary'], LIVE)) {
        found.push({ cursor: page.cursor, end: page.end });
      }
    })();
    const error = await failed(clock.until(work));
    return { found, error };
  }

  it.each([
    ['a repeated token', [page('1', 't'), page('2', 't')]],
    ['an empty page with a token', [page('1', 't'), page('', 'u')]],
  ])('end a sweep at %s, with a cursor that has not run ahead', async (_name, pages) => {
    const { found, error } = await sweep(pages, `since:${NOW - 86_400_000}`);
    expect(error).toBeNull();
    expect(found).toHaveLength(2);
    expect(found[1]?.end).toBe(true);
    const cursor = Number(found[1]?.cursor.slice('since:'.length));
    expect(cursor).toBeLessThanOrEqual(NOW - 600_000);
    expect(cursor).toBeGreaterThanOrEqual(NOW - 86_400_000);
  });

  it('fail a full pass, because it would look complete', async () => {
    expect((await sweep([page('1', 't'), page('2', 't')], null)).error).toMatchObject({ name: 'BadResponseError' });
  });
});
