// Every way in which a portal can refuse, break or move, and what becomes of it.
import { expect, test } from 'vitest';
import type { Scope } from '../../../../src/model.ts';
import { type Log, silentLog } from '../../../../src/ports.ts';
import {
  createScriptedPortal,
  LIVE,
  type Reply,
  SCRIPT_WEBHOOK,
  type Sent,
} from '../../../support/bitrix-connection.ts';

const DEALS: Scope = { connection: 'bitrix24', entity: 'deal', query: { where: [] } };
const FIELDS = {
  result: {
    fields: {
      id: { type: 'integer' },
      title: { type: 'string', title: 'Название' },
      closedate: { type: 'date', title: 'Дата завершения' },
      stageId: { type: 'crm_status', title: 'Стадия сделки' },
      ufCrm_1: { type: 'string', isMultiple: true, isDynamic: true, title: 'Метки' },
    },
  },
};
const TIME = '2026-11-21T12:00:00+03:00';
const item = (id: number) => ({ id, title: `D${id}`, createdTime: TIME, updatedTime: TIME, updatedBy: 1 });
const failed = (status: number, error: unknown, description = 'текст'): Reply => ({
  status,
  body: JSON.stringify({ error, error_description: description }),
});

/** Answers `crm.item.fields`; the rest is the test's. */
function portal(script: (sent: Sent, call: number, host: string) => Reply, log: Log = silentLog) {
  let calls = 0;
  return createScriptedPortal(
    (sent, request) => {
      if (sent.method === 'crm.item.fields') return FIELDS;
      calls += 1;
      return script(sent, calls, request.headers.host ?? '');
    },
    {},
    log,
  );
}

test.each<[number, unknown, string]>([
  [401, 'expired_token', 'AuthError'],
  [401, 'NO_AUTH_FOUND', 'AuthError'],
  [401, 'invalid_token', 'AuthError'],
  [403, 'INVALID_CREDENTIALS', 'AuthError'],
  [401, 'INVALID_CREDENTIALS', 'AuthError'],
  [403, 'insufficient_scope', 'AuthError'],
  [401, 'insufficient_scope', 'AuthError'],
  [403, 'user_access_error', 'AuthError'],
  [403, 'allowed_only_intranet_user', 'AuthError'],
  [403, 'WRONG_AUTH_TYPE', 'AuthError'],
  [403, 'ACCESS_DENIED', 'AuthError'],
  [500, 'PORTAL_DELETED', 'AuthError'],
  [410, 'PORTAL_DELETED', 'AuthError'],
  [403, 'PORTAL_DELETED', 'AuthError'],
  [400, 'INVALID_REQUEST', 'AuthError'],
  [200, 'wrong_client', 'AuthError'],
  [503, 'OVERLOAD_LIMIT', 'UnavailableError'],
  [500, 'INTERNAL_SERVER_ERROR', 'UnavailableError'],
  [500, 'ERROR_UNEXPECTED_ANSWER', 'UnavailableError'],
  [400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', 'RejectedError'],
  [400, 'CRM_FIELD_ERROR_REQUIRED', 'RejectedError'],
  [400, '100', 'RejectedError'],
  [400, 0, 'RejectedError'],
  [400, '', 'RejectedError'],
  [400, 200040300010, 'RejectedError'],
  [400, 'ENTITY_TYPE_NOT_SUPPORTED', 'RejectedError'],
  [404, 'ERROR_METHOD_NOT_FOUND', 'RejectedError'],
])('HTTP %i with the code %o is %s', async (status, code, name) => {
  const { connector, sent } = portal(() => failed(status, code));
  const created = connector.create(DEALS, { title: 'x' }, { key: 'issue-1', tenant: 't' }, ['title'], LIVE);
  await expect(created).rejects.toMatchObject({ name, cure: expect.stringMatching(/\S/) });
  expect(sent.filter(({ method }) => method === 'crm.item.add')).toHaveLength(1);
});

test('absent and hidden read as null, and so they do inside a batch', async () => {
  const alone = portal(() => failed(400, 'NOT_FOUND'));
  expect(await alone.connector.read(DEALS, '5', ['title'], LIVE)).toBeNull();
  const denied = portal(() => failed(400, 'ACCESS_DENIED'));
  expect(await denied.connector.read(DEALS, '5', ['title'], LIVE)).toBeNull();
  const batched = portal(() => ({
    result: {
      result: { p1: { item: item(6) } },
      result_error: { p0: { error: 'NOT_FOUND', error_description: 'Элемент не найден' } },
    },
  }));
  await batched.connector.read(DEALS, '1', [], LIVE).catch(() => null);
  const both = await Promise.all(['5', '6'].map((id) => batched.connector.read(DEALS, id, ['title'], LIVE)));
  expect(both.map((record) => record?.fields.title)).toEqual([undefined, 'D6']);
});

test('the rate limit holds everything with a growing delay and the same request leaves again', async () => {
  const { connector, clock, sent } = portal((_, call) =>
    call <= 3 ? failed(503, 'QUERY_LIMIT_EXCEEDED') : { result: { item: item(5) } },
  );
  const started = clock.now();
  const created = connector.create(DEALS, { title: 'x' }, { key: 'issue-1', tenant: 't' }, ['title'], LIVE);
  expect((await clock.until(created)).fields.title).toBe('D5');
  expect(clock.now() - started).toBeGreaterThanOrEqual(1000 + 2000 + 4000);
  expect(sent.filter(({ method }) => method === 'crm.item.add')).toHaveLength(4);
  expect(connector.usage()).toMatchObject({ requests: 5, failures: 3, limited: 3 });
});

test('a rate limit that does not end is handed up with the time to try again', async () => {
  const { connector, clock } = portal(() => failed(503, 'QUERY_LIMIT_EXCEEDED'));
  const read = connector.read(DEALS, '5', ['title'], LIVE);
  await expect(clock.until(read)).rejects.toMatchObject({ name: 'RateLimitedError', retryAt: expect.any(Number) });
  expect(connector.usage().heldUntil).toBeGreaterThan(clock.now());
});

test('a method out of operating time waits until its oldest minute is forgiven; others go on', async () => {
  let resetAt = 0;
  let exhausted = false;
  const { connector, clock, sent } = portal(({ method }) => {
    if (method === 'crm.item.add' && exhausted) return failed(429, 'OPERATION_TIME_LIMIT');
    return { result: { item: item(5) }, time: { operating_reset_at: resetAt / 1000 } };
  });
  resetAt = clock.now() + 240_000;
  const create = () => connector.create(DEALS, { title: 'x' }, { key: 'k', tenant: 't' }, [], LIVE);
  await create();
  exhausted = true;
  await expect(create()).rejects.toMatchObject({ name: 'RateLimitedError', retryAt: resetAt });
  const before = sent.length;
  let announced = false;
  const held = connector.create(DEALS, { title: 'x' }, { key: 'k', tenant: 't' }, [], {
    ...LIVE,
    onSend: async () => {
      announced = true;
    },
  });
  await expect(held).rejects.toMatchObject({ name: 'RateLimitedError', retryAt: resetAt });
  expect(announced).toBe(false);
  expect(sent.length).toBe(before);
  expect((await connector.read(DEALS, '5', ['title'], LIVE))?.fields.title).toBe('D5');
  exhausted = false;
  await clock.advance(240_000);
  expect((await create()).ref.id).toBe('5');
});

test('operating time that ends inside a batch refuses only that command', async () => {
  const { connector } = portal(() => ({
    result: {
      result: { p0: { item: item(5) }, p2: { item: item(5) } },
      result_error: { p1: { error: 'OPERATION_TIME_LIMIT', error_description: '' } },
      result_time: { p0: { operating_reset_at: 1 } },
    },
  }));
  const update = connector.update(DEALS, '5', { title: 'x' }, {}, ['title'], LIVE);
  await expect(update).rejects.toMatchObject({ name: 'RateLimitedError' });
});

test('OVERLOAD_LIMIT is no invitation to try again soon', async () => {
  const { connector, clock } = portal(() => failed(503, 'OVERLOAD_LIMIT'));
  await expect(connector.read(DEALS, '5', [], LIVE)).rejects.toMatchObject({
    name: 'UnavailableError',
    ambiguous: false,
  });
  expect((connector.usage().heldUntil ?? 0) - clock.now()).toBeGreaterThanOrEqual(300_000);
});

test('only a write that may have been done is ambiguous', async () => {
  const create = (reply: Reply) =>
    portal(() => reply).connector.create(DEALS, { title: 'x' }, { key: 'k', tenant: 't' }, [], LIVE);
  await expect(create({ breaks: 'ECONNRESET' })).rejects.toMatchObject({ name: 'UnavailableError', ambiguous: true });
  await expect(create({ breaks: 'ECONNREFUSED' })).rejects.toMatchObject({
    name: 'UnavailableError',
    ambiguous: false,
  });
  await expect(create({ status: 502, body: '<html>Bad gateway</html>' })).rejects.toMatchObject({
    ambiguous: true,
    arrived: true,
  });
  await expect(create({ status: 200, body: '<html>login</html>' })).rejects.toMatchObject({ name: 'BadResponseError' });
  await expect(create({ status: 400, body: '<html>proxy</html>' })).rejects.toMatchObject({ name: 'BadResponseError' });
  await expect(create({ status: 403, body: '<html>denied</html>' })).rejects.toMatchObject({ name: 'AuthError' });
  await expect(create({ result: {} })).rejects.toMatchObject({ name: 'BadResponseError', path: 'result.item' });
  const read = portal(() => ({ status: 502, body: 'x' })).connector.read(DEALS, '5', [], LIVE);
  await expect(read).rejects.toMatchObject({ name: 'UnavailableError', ambiguous: false });
});

test('a batch that was cut leaves only the writes without an answer in doubt', async () => {
  const { connector } = portal(({ commands }) => {
    const result = Object.fromEntries([0, 1, 2].map((at) => [`p${at}`, { item: item(1) }]));
    return { result: { result: commands.length > 3 ? result : {}, result_error: [] } };
  });
  const [first, second] = await Promise.allSettled(
    ['1', '2'].map((id) => connector.update(DEALS, id, { title: 'x' }, {}, ['title'], LIVE)),
  );
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({ status: 'rejected', reason: { name: 'UnavailableError', ambiguous: true } });
});

test('writes in a batch become fewer when the portal needs long for each', async () => {
  const { connector, clock, sent } = portal(({ commands }) => ({
    result: { result: Object.fromEntries(commands.map((_, at) => [`p${at}`, { item: item(1) }])) },
    time: { processing: (commands.length / 3) * 6 },
  }));
  const write = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) => connector.update(DEALS, String(at + 1), { title: 'x' }, {}, [], LIVE)),
    );
  await clock.until(write(10));
  await clock.until(write(6));
  expect(sent.filter(({ method }) => method === 'batch').map(({ commands }) => commands.length / 3)).toEqual([
    10, 3, 3,
  ]);
});

test('an item whose hook refuses stays behind alone', async () => {
  const { connector, sent } = portal(({ commands }) => ({
    result: { result: Object.fromEntries(commands.map((_, at) => [`p${at}`, { item: item(2) }])) },
  }));
  const refuse = async () => {
    throw new Error('the lease is over');
  };
  const [stays, leaves] = await Promise.allSettled([
    connector.update(DEALS, '1', { title: 'x' }, {}, [], { ...LIVE, onSend: refuse }),
    connector.update(DEALS, '2', { title: 'y' }, {}, [], LIVE),
  ]);
  expect(stays).toMatchObject({ status: 'rejected', reason: { message: 'the lease is over' } });
  expect(leaves).toMatchObject({ status: 'fulfilled' });
  expect(sent.at(-1)?.commands.some((command) => command.includes('id=1'))).toBe(false);
});

test('a renamed portal is followed once with the body, remembered and reported', async () => {
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };
  const { connector, hosts, sent } = portal((_, __, host) => {
    if (host !== 'acme.bitrix24.ru') return { result: { item: item(5) } };
    return { status: 302, headers: { location: 'https://nova.bitrix24.ru/rest/7/s3cr3tc0de/crm.item.get.json' } };
  }, log);
  await connector.read(DEALS, '5', [], LIVE);
  const record = await connector.read(DEALS, '5', ['title', 'url'], LIVE);
  expect(record?.url).toBe('https://nova.bitrix24.ru/crm/deal/details/5/');
  expect(hosts).toEqual(['acme.bitrix24.ru', 'acme.bitrix24.ru', 'nova.bitrix24.ru', 'nova.bitrix24.ru']);
  expect(sent.at(-1)?.body).toEqual({ entityTypeId: 2, id: 5 });
  expect(warnings).toEqual([expect.stringContaining('change `url`')]);
});

test.each([
  'https://evil.example/rest/7/s3cr3tc0de/crm.item.get.json',
  'https://acme.bitrix24.ru.evil.example/rest/7/s3cr3tc0de/crm.item.get.json',
  'https://nova.bitrix24.com/rest/7/s3cr3tc0de/crm.item.get.json',
  'http://nova.bitrix24.ru/rest/7/s3cr3tc0de/crm.item.get.json',
  'https://nova.bitrix24.ru:8443/rest/7/s3cr3tc0de/crm.item.get.json',
  'https://nova.bitrix24.ru/auth/',
  'https://acme.bitrix24.ru/rest/7/s3cr3tc0de/crm.item.get.json',
])('the credential is not sent to %s', async (location) => {
  const { connector, hosts } = portal(() => ({ status: 302, headers: { location } }));
  const read = connector.read(DEALS, '5', [], LIVE);
  await expect(read).rejects.toMatchObject({ name: 'AuthError', cure: expect.stringContaining('url') });
  expect(new Set(hosts)).toEqual(new Set(['acme.bitrix24.ru']));
});

test('no error shows the webhook', async () => {
  for (const reply of [
    failed(400, 'X', `bad address ${SCRIPT_WEBHOOK}crm.item.get.json`),
    { breaks: 'ECONNRESET' },
    { status: 200, body: `<a href="${SCRIPT_WEBHOOK}">` },
    { status: 302, headers: { location: `https://evil.example/rest/7/s3cr3tc0de/x` } },
  ]) {
    const error = await portal(() => reply)
      .connector.read(DEALS, '5', [], LIVE)
      .then(
        () => null,
        (caught: Error) => caught,
      );
    expect(error).not.toBeNull();
    expect(JSON.stringify([error?.message, error, String(error?.cause), error?.stack])).not.toContain('s3cr3tc0de');
  }
});

test('reads and writes never share a batch', async () => {
  const { connector, sent } = portal(({ method, commands }) =>
    method === 'batch'
      ? { result: { result: Object.fromEntries(commands.map((_, at) => [`p${at}`, { item: item(at + 1) }])) } }
      : { result: { item: item(1) } },
  );
  await connector.read(DEALS, '1', [], LIVE);
  sent.length = 0;
  await Promise.all([
    ...['1', '2', '3'].map((id) => connector.read(DEALS, id, ['title'], LIVE)),
    ...['1', '2', '3'].map((id) => connector.update(DEALS, id, { title: 'x' }, {}, [], LIVE)),
  ]);
  expect(sent).toHaveLength(2);
  const writes = sent.map(({ commands }) => commands.filter((one) => one.startsWith('crm.item.update')).length);
  expect(writes.sort()).toEqual([0, 3]);
});

test('an aborted ask leaves nothing behind', async () => {
  const { connector, sent } = portal(() => ({ result: { item: item(1) } }));
  await connector.read(DEALS, '1', [], LIVE);
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const asked = connector.update(DEALS, '1', { title: 'x' }, {}, [], { ...LIVE, signal: stop.signal });
  await expect(asked).rejects.toThrow('stopped');
  expect(sent.filter(({ commands }) => commands.length > 0)).toEqual([]);
});
