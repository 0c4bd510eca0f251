import { describe, expect, it } from 'vitest';
import { CONNECTOR, createAppPortal } from '../../support/bitrix-app.ts';
import { DEAL } from '../../support/bitrix-portal.ts';

const QUEUE = { auth_connector: CONNECTOR };
const KEEP = { clear: 0, ...QUEUE };
const EVENTS = ['ONCRMDEALADD', 'ONCRMDEALUPDATE', 'ONCRMDEALDELETE', 'ONCRMTIMELINECOMMENTADD'];

async function queued(options: { settings?: object; connector?: string } = {}) {
  const made = await createAppPortal({ settings: options.settings ?? {} });
  const connector = options.connector ?? CONNECTOR;
  const binding = { event_type: 'offline', ...(connector === '' ? {} : { auth_connector: connector }) };
  for (const event of EVENTS) await made.call('event.bind', { event, ...binding });
  const { call, portal } = made;
  const byPerson = (title: string, id = DEAL) =>
    portal.edit({ op: 'update', in: 'deal', id: String(id), user: 'petrov', fields: { title } });
  const write = (title: string, more: object = {}) =>
    call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { title }, ...more });
  const get = async (params: object = KEEP) => (await call('event.offline.get', params)).body.result;
  const list = async (params: object = QUEUE) => (await call('event.offline.list', params)).body;
  const size = async (params: object = QUEUE) => (await list(params)).total;
  return { ...made, byPerson, write, get, list, size };
}

type Row = { ID: string; EVENT_NAME: string; EVENT_DATA: { FIELDS: { ID: number } }; MESSAGE_ID: string };
const what = (rows: readonly Row[]) => rows.map((row) => `${row.EVENT_NAME} ${row.EVENT_DATA.FIELDS.ID}`);

describe('the offline queue', () => {
  it('holds one row per object and event, refreshed by every change', async () => {
    const { byPerson, clock, get, list } = await queued();
    byPerson('a');
    await clock.advance(60_000);
    byPerson('b');
    byPerson('c', 7002);
    const { result, total } = await list();
    expect([total, result[0].PROCESS_ID, result[0].ERROR]).toEqual([2, '', '0']);
    const { process_id, events } = await get();
    expect(process_id).toMatch(/^[0-9a-f]{32}$/);
    expect(events[0]).toEqual({
      ID: '1',
      TIMESTAMP_X: '2026-11-18T10:16:00+03:00',
      EVENT_NAME: 'ONCRMDEALUPDATE',
      EVENT_DATA: { FIELDS: { ID: 7001 } },
      EVENT_ADDITIONAL: { user_id: '12' },
      MESSAGE_ID: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(what(events)).toEqual(['ONCRMDEALUPDATE 7001', 'ONCRMDEALUPDATE 7002']);
  });

  it('reserves rows for one process, and makes a new row for a change in the meantime', async () => {
    const { byPerson, call, get, list, size } = await queued();
    byPerson('a');
    const first = await get();
    byPerson('b');
    const second = await get();
    expect([first.events.length, second.events.length]).toEqual([1, 1]);
    expect(first.events[0].MESSAGE_ID).toBe(second.events[0].MESSAGE_ID);
    expect(first.events[0].ID).not.toBe(second.events[0].ID);
    expect((await get()).events).toEqual([]);
    const again = await get({ ...KEEP, process_id: first.process_id });
    expect(again).toEqual(first);
    expect((await list()).result.map((row: { PROCESS_ID: string }) => row.PROCESS_ID)).toEqual([
      first.process_id,
      second.process_id,
    ]);
    expect(await size({ ...QUEUE, filter: { '!PROCESS_ID': '' } })).toBe(2);
    expect((await call('event.offline.clear', { process_id: first.process_id, ...QUEUE })).body.result).toBe(true);
    expect(await size()).toBe(1);
  });

  it('clears by id or message, for its own connector only, and without complaint when nothing is there', async () => {
    const { byPerson, call, get, portal, size } = await queued();
    for (const id of [7001, 7002, 7003]) byPerson('a', id);
    const { process_id, events } = await get();
    const clear = (params: object) => call('event.offline.clear', { process_id, ...params });
    await clear({ ...QUEUE, id: ['999'] });
    await clear({ auth_connector: 'other' });
    expect(await size()).toBe(3);
    await clear({ ...QUEUE, id: [events[0].ID], message_id: [events[1].MESSAGE_ID] });
    expect(await size({ ...QUEUE, filter: { ID: events[0].ID } })).toBe(0);
    portal.configure({ variants: { 'offline-clear-precedence': 'B' } });
    await clear({ ...QUEUE, id: [events[2].ID], message_id: [events[1].MESSAGE_ID] });
    expect(await size({ ...QUEUE, filter: { ID: events[2].ID } })).toBe(1);
    expect((await clear({ ...QUEUE, message_id: ['short'] })).body.error).toBe('ERROR_ARGUMENT');
    expect((await call('event.offline.clear', QUEUE)).body.error).toBe('ERROR_ARGUMENT');
    await clear(QUEUE);
    expect(await size()).toBe(0);
  });

  it('loses rows at once when they are read with clear', async () => {
    const { byPerson, get, size } = await queued();
    byPerson('a');
    expect(await get(QUEUE)).toMatchObject({ process_id: null, events: [{ EVENT_NAME: 'ONCRMDEALUPDATE' }] });
    expect(await size()).toBe(0);
  });

  it('keeps rows at a read only where the plan has it', async () => {
    const { byPerson, call, get, portal, size } = await queued();
    portal.configure({ features: { rest_auth_connector: true } });
    byPerson('a');
    expect(await call('event.offline.get', KEEP)).toMatchObject({
      status: 403,
      body: { error: 'ACCESS_DENIED', error_description: 'Access denied! Available only on extended plans' },
    });
    portal.configure({ variants: { 'offline-clear0-without-plan': 'B' } });
    expect((await get()).process_id).toBeNull();
    expect(await size()).toBe(0);
  });

  it('hands out up to 50 rows, filtered and ordered as asked', async () => {
    const { call, get, portal, size } = await queued();
    for (let index = 0; index < 120; index += 1) portal.edit({ op: 'create', in: 'deal', fields: { title: 'x' } });
    expect((await get({ ...KEEP, limit: 100 })).events).toHaveLength(50);
    portal.configure({ variants: { 'offline-limit-max': 'A' } });
    expect((await get({ ...KEEP, limit: 60 })).events).toHaveLength(60);
    const last = await get({
      ...KEEP,
      filter: { '>ID': 1, EVENT_NAME: 'ONCRMDEALADD' },
      order: { ID: 'DESC' },
      limit: 2,
    });
    expect(last.events.map((row: Row) => row.ID)).toEqual(['120', '119']);
    expect(await size({ ...QUEUE, filter: { PROCESS_ID: '' } })).toBe(8);
    const refused = async (params: object) => (await call('event.offline.get', { ...KEEP, ...params })).body;
    expect((await refused({ filter: { NAME: 1 } })).error_description).toBe('Filter field not allowed: NAME');
    expect((await refused({ order: { NAME: 'ASC' } })).error).toBe('ERROR_ARGUMENT');
    expect((await refused({ limit: 0 })).error).toBe('ERROR_ARGUMENT');
  });

  it('tells creates, updates and deletes of one object apart', async () => {
    const { byPerson, get, portal } = await queued();
    const { id } = portal.edit({ op: 'create', in: 'deal', fields: { title: 'Короткая' } });
    byPerson('b', Number(id));
    portal.edit({ op: 'delete', in: 'deal', id });
    const { events } = await get();
    expect(what(events)).toEqual(['ONCRMDEALADD', 'ONCRMDEALUPDATE', 'ONCRMDEALDELETE'].map((name) => `${name} ${id}`));
  });

  it('shows no contents in the other variant, and no author when a robot acted', async () => {
    const robots = [{ on: 'title', set: { Примечание: 'робот' } }];
    const { byPerson, clock, list, portal } = await queued({ settings: { robots } });
    byPerson('a');
    await clock.runUntilIdle();
    expect((await list()).result).toMatchObject([{ EVENT_ADDITIONAL: false, EVENT_DATA: { FIELDS: { ID: DEAL } } }]);
    portal.configure({ variants: { 'offline-event-data': 'B' } });
    expect((await list()).result).toMatchObject([{ EVENT_ADDITIONAL: false, EVENT_DATA: false }]);
  });

  it('forgets reserved rows after a month', async () => {
    const { byPerson, clock, exchange, get, call, tokens } = await queued();
    byPerson('a');
    const { process_id } = await get();
    byPerson('b', 7002);
    await clock.advance(35 * 86_400_000);
    const { body } = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
    const { result } = (await call('event.offline.list', QUEUE, body.access_token)).body;
    expect(result.map((row: { PROCESS_ID: string }) => row.PROCESS_ID)).toEqual(['']);
    expect(process_id).toBeTruthy();
  });

  it('takes failed rows back, which then hide later changes until they are asked for', async () => {
    for (const [variant, visible] of [
      ['A', 0],
      ['B', 1],
    ] as const) {
      const { byPerson, call, get, list } = await queued({
        settings: { variants: { 'offline-error-hides-updates': variant } },
      });
      byPerson('a');
      const { process_id, events } = await get();
      byPerson('b');
      const message_id = [events[0].MESSAGE_ID];
      expect((await call('event.offline.error', { process_id, message_id, ...QUEUE })).body.result).toBe(true);
      expect((await list()).result).toMatchObject([{ ID: events[0].ID, ERROR: '1', PROCESS_ID: '' }]);
      byPerson('c');
      expect((await get()).events).toHaveLength(visible);
      expect((await get({ ...KEEP, error: 1 })).events).toMatchObject([{ ID: events[0].ID }]);
    }
  });
});

describe('suppression of own writes in the offline queue', () => {
  it('keeps out what the same application wrote with the same connector', async () => {
    const { byPerson, byWebhook, size, write } = await queued();
    await write('a', QUEUE);
    expect(await size()).toBe(0);
    await write('b', { auth_connector: 'other' });
    expect(await size()).toBe(1);
    await write('c');
    byPerson('d', 7002);
    await byWebhook('crm.item.update', { entityTypeId: 2, id: 7003, fields: { title: 'e' }, ...QUEUE });
    expect(await size()).toBe(3);
  });

  it('does so without any connector only in the other variant', async () => {
    for (const [variant, rows] of [
      ['A', 0],
      ['B', 1],
    ] as const) {
      const settings = { variants: { 'offline-suppress-without-connector': variant } };
      const { size, write } = await queued({ settings, connector: '' });
      await write('a');
      expect(await size({})).toBe(rows);
    }
  });

  it('covers a batch by the connector beside its commands, or each command by its own', async () => {
    const { call, portal, size } = await queued();
    const update = (title: string, more = '') =>
      `crm.item.update?entityTypeId=2&id=${DEAL}&fields[title]=${title}${more}`;
    const own = `&auth_connector=${CONNECTOR}`;
    await call('batch', { cmd: { a: update('a'), b: update('b', '&auth_connector=other') }, ...QUEUE });
    expect(await size()).toBe(0);
    portal.configure({ variants: { 'offline-suppress-in-batch': 'B' } });
    await call('batch', { cmd: { a: update('c', own) }, ...QUEUE });
    expect(await size()).toBe(0);
    await call('batch', { cmd: { a: update('d') }, ...QUEUE });
    expect(await size()).toBe(1);
  });

  it('spares comments in the other variant', async () => {
    const { call, portal, size } = await queued();
    const fields = { ENTITY_ID: DEAL, ENTITY_TYPE: 'deal', COMMENT: 'Да' };
    await call('crm.timeline.comment.add', { fields, ...QUEUE });
    expect(await size()).toBe(0);
    portal.configure({ variants: { 'offline-suppress-scope': 'B' } });
    await call('crm.timeline.comment.add', { fields, ...QUEUE });
    expect(await size()).toBe(1);
  });

  it('does not reach what robots do after an own write', async () => {
    const robots = [{ on: 'title', set: { Примечание: 'робот' } }];
    const { clock, size, write } = await queued({ settings: { robots } });
    await write('a', QUEUE);
    await clock.runUntilIdle();
    expect(await size()).toBe(1);
  });

  it('needs a plan that knows auth_connector', async () => {
    const { portal, write } = await queued();
    portal.configure({ features: null });
    expect(await write('a', QUEUE)).toMatchObject({ status: 403, body: { error: 'ACCESS_DENIED' } });
    portal.configure({ plan: 'enterprise' });
    expect((await write('a', QUEUE)).status).toBe(200);
  });
});

describe('the notice that the offline queue has something', () => {
  const HANDLER = 'https://sync.example/wake';
  async function noticed(options: { settings?: object; minTimeout?: number } = {}) {
    const made = await queued({ settings: options.settings ?? {} });
    const timeout = options.minTimeout === undefined ? {} : { options: { minTimeout: options.minTimeout } };
    await made.call('event.bind', { event: 'ONOFFLINEEVENT', handler: HANDLER, ...timeout });
    return made;
  }

  it('has no data, but a refresh token', async () => {
    const { byPerson, clock, events } = await noticed();
    byPerson('a');
    await clock.runUntilIdle();
    const [notice] = events();
    expect(Object.keys(notice ?? {}).filter((key) => key.startsWith('data'))).toEqual([]);
    expect(notice).toMatchObject({ event: 'ONOFFLINEEVENT', 'auth[refresh_token]': expect.any(String) });
  });

  it('keeps its distance, and drops or delays what comes too soon', async () => {
    for (const [variant, late] of [
      ['A', 1],
      ['B', 2],
    ] as const) {
      const settings = { variants: { 'offline-notice-timeout': variant } };
      const { byPerson, clock, sent } = await noticed({ settings, minTimeout: 10 });
      byPerson('a');
      await clock.advance(4_000);
      byPerson('b', 7002);
      byPerson('c', 7003);
      await clock.advance(1_000);
      expect(sent).toHaveLength(1);
      await clock.advance(6_000);
      expect(sent).toHaveLength(late);
      await clock.advance(20_000);
      byPerson('d');
      await clock.runUntilIdle();
      expect(sent).toHaveLength(late + 1);
    }
  });

  it('comes once per request without a distance, and not for suppressed rows', async () => {
    const { byPerson, byWebhook, clock, sent, write } = await noticed({ minTimeout: 0 });
    await write('own', QUEUE);
    byPerson('a');
    byPerson('b');
    const update = (id: number) => `crm.item.update?entityTypeId=2&id=${id}&fields[title]=z`;
    await byWebhook('batch', { cmd: { a: update(7001), b: update(7002) } });
    await clock.runUntilIdle();
    expect(sent).toHaveLength(3);
  });
});
