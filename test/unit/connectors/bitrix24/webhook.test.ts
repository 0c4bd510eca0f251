import { expect, test } from 'vitest';
import { parseForm, textAt } from '../../../../src/connectors/bitrix24/form.ts';
import { receiveEvent } from '../../../../src/connectors/bitrix24/webhook.ts';

const PROOF = { applicationToken: 'a70b9d3e5c1f4286bd90e4c7f1a2358b', memberId: '5d2f0c9a7be14c3f8a61d4e07b93c258' };
const bytes = (text: string) => new TextEncoder().encode(text);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function event(code: string, data: string, auth = AUTH): { headers: Record<string, string>; body: Uint8Array } {
  return { headers: FORM, body: bytes(`event=${code}&event_handler_id=33&${data}&ts=1794988951&${auth}`) };
}
const AUTH =
  'auth%5Bdomain%5D=evil.example&auth%5Bclient_endpoint%5D=https%3A%2F%2Fevil.example%2Frest%2F' +
  `&auth%5Bmember_id%5D=${PROOF.memberId}&auth%5Bapplication_token%5D=${PROOF.applicationToken}`;
const ID = 'data%5BFIELDS%5D%5BID%5D=742';

test.each([
  ['ONCRMDEALADD', 'deal', 'changed'],
  ['ONCRMDEALUPDATE', 'deal', 'changed'],
  ['onCrmDealUpdate', 'deal', 'changed'],
  ['ONCRMDEALDELETE', 'deal', 'deleted'],
  ['ONCRMDEALMOVETOCATEGORY', 'deal', 'changed'],
  ['ONCRMLEADUPDATE', 'lead', 'changed'],
  ['ONCRMCONTACTADD', 'contact', 'changed'],
  ['ONCRMCOMPANYDELETE', 'company', 'deleted'],
])('%s points at a %s that is %s', (code, entity, kind) => {
  const verdict = receiveEvent(event(code, ID), PROOF);
  expect(verdict).toEqual({
    accepted: true,
    id: null,
    at: 1794988951000,
    hints: [{ entity, id: '742', kind, version: null }],
  });
});

test.each([
  ['ONCRMDEALUSERFIELDADD', ID],
  ['ONCRMTIMELINECOMMENTADD', ID],
  ['onCrmTimelineCommentAdd', 'data%5BID%5D=5102'],
  ['ONTASKUPDATE', 'data%5BFIELDS_AFTER%5D%5BID%5D=8017'],
  ['ONCRMDEALUPDATE', 'data%5BFIELDS%5D%5BID%5D=742%20OR%201'],
  ['ONCRMDEALUPDATE', 'data=742'],
  ['ONOFFLINEEVENT', 'x=1'],
])('%s with %s is taken and points at nothing', (code, data) => {
  expect(receiveEvent(event(code, data), PROOF)).toMatchObject({ accepted: true, hints: [] });
});

test.each([
  ['a wrong token', AUTH.replace(PROOF.applicationToken, 'b'.repeat(32))],
  ['no token', `auth%5Bmember_id%5D=${PROOF.memberId}`],
  ['an empty token', `auth%5Bmember_id%5D=${PROOF.memberId}&auth%5Bapplication_token%5D=`],
  ['a token as a list', `${AUTH}%5B%5D`],
  ['another portal', AUTH.replace(PROOF.memberId, 'f'.repeat(32))],
])('refuses an event with %s', (_, auth) => {
  expect(receiveEvent(event('ONCRMDEALUPDATE', ID, auth), PROOF)).toMatchObject({ accepted: false });
});

test('without a configured member id the token alone is the proof', () => {
  const auth = AUTH.replace(PROOF.memberId, 'f'.repeat(32));
  const verdict = receiveEvent(event('ONCRMDEALUPDATE', ID, auth), { ...PROOF, memberId: null });
  expect(verdict).toMatchObject({ accepted: true });
});

test('refuses what is not a form', () => {
  const delivery = event('ONCRMDEALUPDATE', ID);
  expect(receiveEvent({ ...delivery, headers: { 'content-type': 'application/json' } }, PROOF).accepted).toBe(false);
  expect(receiveEvent({ ...delivery, headers: {} }, PROOF).accepted).toBe(false);
  expect(receiveEvent({ ...delivery, body: bytes('\u0000\u0001') }, PROOF).accepted).toBe(false);
});

test('reads PHP brackets, also unencoded, and appends to lists', () => {
  const form = parseForm(bytes('data[FIELDS][ID]=7&x[]=a&x[]=b&name=%D0%9E%D0%BB%D1%8C%D0%B3%D0%B0+%2B'));
  if (form === null) throw new Error('not read');
  expect(textAt(form, 'data', 'FIELDS', 'ID')).toBe('7');
  expect([textAt(form, 'x', '0'), textAt(form, 'x', '1')]).toEqual(['a', 'b']);
  expect(textAt(form, 'name')).toBe('Ольга +');
  expect(textAt(form, 'data', 'FIELDS')).toBeNull();
  expect(textAt(form, 'name', 'deeper')).toBeNull();
});

test('keys never reach a prototype', () => {
  const form = parseForm(bytes('__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][polluted]=1'));
  expect(form).not.toBeNull();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(textAt(form ?? new Map(), 'toString')).toBeNull();
});

test.each([
  ['too deep', 'a[b][c][d][e][f]=1'],
  ['too many', Array.from({ length: 201 }, (_, at) => `k${at}=1`).join('&')],
  ['too large', `a=${'x'.repeat(65 * 1024)}`],
  ['twice the same key', 'auth[application_token]=a&auth[application_token]=b'],
  ['a value that is also a map', 'a=1&a[b]=2'],
  ['a map that is also a value', 'a[b]=2&a=1'],
  ['broken brackets', 'a[b=1'],
])('refuses a form that is %s', (_, body) => {
  expect(parseForm(bytes(body))).toBeNull();
});
