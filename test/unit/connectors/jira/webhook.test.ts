import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { receive } from '../../../../src/connectors/jira/webhook.ts';

const SECRET = 'a secret that is long enough to be one';
const NEXT_SECRET = 'the other secret, also long enough for it';

function deliver(body: unknown, { secret = SECRET, headers = {} as Record<string, string> } = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  return {
    headers: { 'x-hub-signature': signature, 'x-atlassian-webhook-identifier': 'd-1', ...headers },
    body: bytes,
  };
}

const updated = {
  timestamp: 1795179601000,
  webhookEvent: 'jira:issue_updated',
  user: { accountId: 'x' },
  issue: { id: '10401', key: 'BUY-1', fields: { summary: 'x', updated: '2026-11-20T14:03:21.417+0100' } },
  changelog: { id: '1', items: [] },
};
const hint = { entity: 'issue', id: '10401', kind: 'changed', version: '2026-11-20T13:03:21.417Z' };

describe('deliveries of Jira', () => {
  it('point at the issue and its version', () => {
    expect(receive(deliver(updated), [SECRET])).toEqual({
      accepted: true,
      id: 'd-1',
      at: 1795179601000,
      hints: [hint],
    });
  });

  it('accepts the test vector of the vendor’s documents', () => {
    const body = Buffer.from('Hello World!');
    const signature = 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9';
    const verdict = receive({ headers: { 'x-hub-signature': signature }, body }, ["It's a Secret to Everybody"]);
    expect(verdict).toEqual({ accepted: true, id: null, at: null, hints: [] });
  });

  it('takes either of two secrets while one replaces the other', () => {
    const signedWithNew = deliver(updated, { secret: NEXT_SECRET });
    expect(receive(signedWithNew, [SECRET])).toMatchObject({ accepted: false });
    expect(receive(signedWithNew, [SECRET, NEXT_SECRET])).toMatchObject({ accepted: true, hints: [hint] });
  });

  it('refuses a body with any bit flipped', () => {
    const { headers, body } = deliver(updated);
    for (let at = 0; at < body.length; at += 1) {
      const forged = Buffer.from(body);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(receive({ headers, body: forged }, [SECRET]).accepted).toBe(false);
    }
  });

  it.each([
    ['no signature', {}],
    ['an empty one', { 'x-hub-signature': '' }],
    ['a short one', { 'x-hub-signature': 'sha256=ab' }],
    ['a weaker method', { 'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update('{}').digest('hex')}` }],
    ['a bare digest', { 'x-hub-signature': createHmac('sha256', SECRET).update('{}').digest('hex') }],
  ])('refuses %s', (_name, headers) => {
    const verdict = receive({ headers: headers as Record<string, string>, body: Buffer.from('{}') }, [SECRET]);
    expect(verdict.accepted).toBe(false);
  });

  it('takes nothing when there is no secret to check by', () => {
    const { body } = deliver(updated);
    expect(receive({ headers: {}, body }, [])).toMatchObject({ accepted: false });
  });

  it.each([
    ['jira:issue_created', updated.issue, hint],
    ['jira:issue_deleted', updated.issue, { ...hint, kind: 'deleted', version: null }],
    ['jira:issue_deleted', { id: '10401' }, { ...hint, kind: 'deleted', version: null }],
    ['jira:issue_updated', { id: 10401, fields: null }, { ...hint, version: null }],
    ['comment_created', { id: '10401', fields: { summary: 'x' } }, { ...hint, version: null }],
  ])('%s of %o', (webhookEvent, issue, expected) => {
    expect(receive(deliver({ webhookEvent, issue }), [SECRET])).toMatchObject({ accepted: true, hints: [expected] });
  });

  it('finds the issue of a comment in the comment’s own address', () => {
    const comment = { self: 'https://nordhafen.example/rest/api/2/issue/10401/comment/456843' };
    expect(receive(deliver({ webhookEvent: 'comment_deleted', comment }), [SECRET])).toMatchObject({
      hints: [{ ...hint, version: null }],
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '{"webhookEvent":7}',
    '{"webhookEvent":"jira:issue_updated"',
    '{"webhookEvent":"jira:issue_updated","issue":{"id":"../../myself"}}',
    '{"webhookEvent":"jira:issue_updated","issue":{"id":"1 OR 1=1"}}',
    '{"webhookEvent":"jira:issue_updated","__proto__":{"issue":{"id":"10401"}},"issue":{"id":"10401"}}',
    '{"webhookEvent":"jira:issue_updated","\\u005f_pr\\u006Fto__":{"issue":{"id":"10401"}},"issue":{"id":"10401"}}',
    '{"webhookEvent":"jira:version_released","version":{"id":"1"}}',
    '{"webhookEvent":"comment_created","comment":{"self":"https://x/issue/abc/comment/1"}}',
  ])('accepts what is well signed but of no use, without a hint: %s', (body) => {
    expect(receive(deliver(body), [SECRET])).toMatchObject({ accepted: true, hints: [] });
  });

  it.each([-1e308, -1, 8.65e15, 1e308])('takes the time %d for none', (timestamp) => {
    const verdict = receive(deliver({ ...updated, timestamp }), [SECRET]);
    expect(verdict).toMatchObject({ accepted: true, at: null, hints: [hint] });
  });

  it('survives odd members around the ones it needs', () => {
    const odd = { ...updated, timestamp: 'soon', comment: 'none', issue: { ...updated.issue, fields: { updated: 7 } } };
    expect(receive(deliver(odd), [SECRET])).toMatchObject({ at: null, hints: [{ ...hint, version: null }] });
  });
});
