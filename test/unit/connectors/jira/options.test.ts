import { describe, expect, it } from 'vitest';
import { createJiraConnector, jiraOptions } from '../../../../src/connectors/jira/index.ts';
import { seededRandom, silentLog } from '../../../../src/ports.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const GOOD = {
  type: 'jira',
  url: 'https://nordhafen.atlassian.net',
  auth: { email: 'sync@nordhafen.example', token: 'ATATT3x' },
};
const SECRET = 'x'.repeat(32);

describe('options of a Jira connection', () => {
  it.each([
    {},
    { url: 'https://api.atlassian.com/ex/jira/5f2a8b1c' },
    { url: 'http://127.0.0.1:43117', 'insecure-http': true },
    { 'webhook-secret': SECRET },
    { 'webhook-secret': [SECRET, 'й'.repeat(16)] },
    { 'index-lag': 0, 'time-limit': 30_000 },
    { limits: 'off' },
  ])('take %o', (more) => {
    expect(jiraOptions.safeParse({ ...GOOD, ...more }).error).toBeUndefined();
  });

  it.each([
    [{ url: 'http://jira.example' }, 'url', 'https'],
    [{ url: 'ftp://jira.example' }, 'url', 'https://acme.atlassian.net'],
    [{ url: 'jira.example' }, 'url', 'https://acme.atlassian.net'],
    [{ url: 'https://me:pw@jira.example' }, 'url', 'credentials'],
    [{ url: 'http://169.254.169.254', 'insecure-http': true }, 'url', 'link-local'],
    [{ 'webhook-secret': 'short' }, 'webhook-secret', '32 bytes'],
    [{ 'webhook-path-token': 'A'.repeat(22) }, 'webhook-path-token', 'not in this version'],
    [{ auth: { email: '', token: 'x' } }, 'auth', ''],
    [{ auth: { email: 'a', token: 'x', pat: 'y' } }, 'auth', 'pat'],
    [{ limits: 'none' }, 'limits', 'vendor'],
    [{ 'webook-secret': SECRET }, '', 'webook-secret'],
  ])('refuse %o', (more, path, said) => {
    const problems = jiraOptions.safeParse({ ...GOOD, ...more }).error?.issues ?? [];
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.path[0] ?? '').toBe(path);
    expect(JSON.stringify(problems)).toContain(said);
  });

  it('leave deliveries out where there is no secret to check them by', () => {
    const deps = { connection: 'jira', clock: createVirtualClock(), random: seededRandom(1), log: silentLog };
    const connector = (more: object) => createJiraConnector(jiraOptions.parse({ ...GOOD, ...more }), deps);
    expect(connector({}).receive).toBeUndefined();
    const signed = connector({ 'webhook-secret': SECRET }).receive?.({ headers: {}, body: Buffer.from('{}') }, 0);
    expect(signed).toEqual({ accepted: false, reason: 'the delivery is not signed' });
  });
});
