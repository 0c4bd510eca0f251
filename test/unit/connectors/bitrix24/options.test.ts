import { expect, test } from 'vitest';
import { readCursor, writeCursor } from '../../../../src/connectors/bitrix24/cursor.ts';
import { bitrix24Options } from '../../../../src/connectors/bitrix24/options.ts';
import { createPace } from '../../../../src/connectors/bitrix24/pace.ts';
import { createScriptedPortal, createTestPortal } from '../../../support/bitrix-connection.ts';

const GOOD = {
  type: 'bitrix24',
  url: 'https://acme.bitrix24.ru',
  auth: { webhook: 'https://acme.bitrix24.ru/rest/1/abcdef/' },
};

test('takes a portal and its webhook', () => {
  expect(bitrix24Options.parse(GOOD)).toEqual(GOOD);
});

test.each([
  ['an unknown key', { ...GOOD, webhok: 'x' }, []],
  ['another plan', { ...GOOD, plan: 'free' }, ['plan']],
  ['half a webhook', { ...GOOD, auth: { webhook: 'https://acme.bitrix24.ru/rest/1/' } }, ['auth', 'webhook']],
  ['a code alone', { ...GOOD, auth: { webhook: 'abcdef' } }, ['auth', 'webhook']],
  ['a webhook of another portal', { ...GOOD, url: 'https://other.bitrix24.ru' }, ['auth', 'webhook']],
  [
    'plain http',
    { ...GOOD, url: 'http://acme.bitrix24.ru', auth: { webhook: 'http://acme.bitrix24.ru/rest/1/abcdef/' } },
    ['url'],
  ],
])('refuses %s', (_, options, path) => {
  const { error } = bitrix24Options.safeParse(options);
  expect(error?.issues[0]?.path).toEqual(path);
  expect(JSON.stringify(error?.issues)).not.toContain('abcdef');
});

test('plain http is taken where it is allowed', () => {
  const webhook = 'http://127.0.0.1:9000/rest/1/abcdef/';
  const options = { type: 'bitrix24', url: 'http://127.0.0.1:9000', auth: { webhook }, 'insecure-http': true };
  expect(bitrix24Options.safeParse(options).success).toBe(true);
});

test('events can be received only where the application token is known', () => {
  const { connector, connect, sandbox } = createTestPortal();
  expect(connector.receive).toBeUndefined();
  expect(connect({ 'application-token': sandbox.credentials.applicationToken }).receive).toBeTypeOf('function');
  expect(createScriptedPortal(() => ({})).connector.receive).toBeUndefined();
});

test('starts below the limit of the plan, slows down when refused and creeps back', () => {
  const pace = createPace('standard');
  expect(pace.budget.perSecond).toBeLessThan(2);
  expect(pace.budget.burst).toBeLessThan(50);
  const full = pace.budget.perSecond;
  expect([pace.slower(), pace.slower(), pace.slower()]).toEqual([1000, 2000, 4000]);
  expect(pace.budget.perSecond).toBeLessThan(full / 2);
  pace.answered();
  expect(pace.slower()).toBe(1000);
  for (let index = 0; index < 200; index += 1) pace.answered();
  expect(pace.budget.perSecond).toBe(full);
  expect(createPace('enterprise').budget.perSecond).toBeGreaterThan(full);
});

test('a cursor survives being written and read', () => {
  for (const cursor of [
    { since: null, afterId: 0, next: null },
    { since: 5, afterId: 0, next: null },
    { since: null, afterId: 742, next: 9 },
    { since: 5, afterId: 742, next: 9 },
  ]) {
    expect(readCursor(writeCursor(cursor))).toEqual(cursor);
  }
});
