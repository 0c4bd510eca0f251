import { describe, expect, it } from 'vitest';
import { CONNECTOR, createAppPortal } from '../../support/bitrix-app.ts';
import { DEAL } from '../../support/bitrix-portal.ts';

const HANDLER = 'https://sync.example/events';
const ONLINE = { event: 'ONCRMDEALUPDATE', handler: HANDLER };
const OFFLINE = { event: 'ONCRMDEALUPDATE', event_type: 'offline', auth_connector: CONNECTOR };

async function bound(settings: object = {}, binding: object = ONLINE) {
  const made = await createAppPortal({ settings });
  await made.call('event.bind', binding);
  const rename = (title: string, auth?: string) =>
    made.call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { title } }, auth);
  const byPerson = (title: string, user = 'petrov') =>
    made.portal.edit({ op: 'update', in: 'deal', id: String(DEAL), user, fields: { title } });
  const left = async () => {
    await made.clock.runUntilIdle();
    const events = made.events();
    made.sent.length = 0;
    return events;
  };
  return { ...made, rename, byPerson, left };
}

describe('binding of events', () => {
  it('is for applications only', async () => {
    const { byWebhook } = await createAppPortal();
    expect(await byWebhook('event.bind', ONLINE)).toMatchObject({ status: 403, body: { error: 'WRONG_AUTH_TYPE' } });
    expect((await byWebhook('event.offline.get')).body.error).toBe('WRONG_AUTH_TYPE');
  });

  it('names events and parameters in any letter case, and shows what is bound', async () => {
    const { call } = await createAppPortal();
    expect((await call('event.bind', { EVENT: 'OnCrmDealUpdate', HANDLER, Auth_Type: 12 })).body.result).toBe(true);
    expect((await call('event.bind', OFFLINE)).body.result).toBe(true);
    expect((await call('event.get')).body.result).toEqual([
      { event: 'ONCRMDEALUPDATE', handler: HANDLER, auth_type: '12', offline: 0 },
      { event: 'ONCRMDEALUPDATE', connector_id: CONNECTOR, offline: 1 },
    ]);
    expect((await call('events')).body.result).toContain('ONCRMDEALUPDATE');
  });

  it('is refused twice, for unknown events, without a handler, offline for the notice itself', async () => {
    const { call, portal } = await bound();
    const refused = async (params: object) => {
      const { status, body } = await call('event.bind', params);
      return [status, body.error, body.error_description];
    };
    const twice = 'Unable to set event handler: Handler already binded';
    expect(await refused(ONLINE)).toEqual([400, 'ERROR_CORE', twice]);
    portal.configure({ variants: { 'event-bind-duplicate': 'B' } });
    expect(await refused(ONLINE)).toEqual([400, 'ERROR_EVENT_BINDING_EXISTS', twice]);
    expect(await refused({ ...ONLINE, event: 'ONNOTHING' })).toEqual([400, 'ERROR_EVENT_NOT_FOUND', 'Event not found']);
    expect((await refused({ event: 'ONCRMDEALADD' }))[1]).toBe('ERROR_ARGUMENT');
    expect((await refused({ handler: HANDLER }))[2]).toBe("Argument 'EVENT' is null or empty");
    expect((await refused({ ...OFFLINE, event: 'ONOFFLINEEVENT' }))[1]).toBe('ERROR_ARGUMENT');
    expect((await refused({ ...ONLINE, event_type: 'sometimes' }))[1]).toBe('ERROR_ARGUMENT');
    expect((await call('event.bind', { ...ONLINE, handler: 'sync.example' })).body.result).toBe(false);
  });

  it('knows the events of granted scopes only', async () => {
    const { call } = await createAppPortal({ card: { scopes: ['user'] } });
    expect((await call('event.bind', ONLINE)).body.error).toBe('ERROR_EVENT_NOT_FOUND');
    expect((await call('event.bind', { ...ONLINE, event: 'ONOFFLINEEVENT' })).body.result).toBe(true);
  });

  it('leaves non-administrators their own online handlers', async () => {
    const { call, signIn } = await bound();
    const { access } = await signIn('petrov');
    const refused = async (method: string, params: object) => {
      const { status, body } = await call(method, params, access);
      return [status, body.error, body.error_description];
    };
    expect(await refused('event.bind', OFFLINE)).toEqual([
      403,
      'ACCESS_DENIED',
      'Access denied! Offline events binding requires administrator access rights',
    ]);
    expect(await refused('event.bind', { ...ONLINE, auth_type: 1 })).toEqual([
      403,
      'ACCESS_DENIED',
      'Access denied! Event binding with AUTH_TYPE requires administrator access rights',
    ]);
    expect((await refused('event.unbind', OFFLINE))[2]).toMatch(/^Access denied! Offline events unbinding/);
    expect(await refused('event.offline.get', {})).toEqual([403, 'ACCESS_DENIED', 'Access denied!']);
    expect((await call('event.bind', ONLINE, access)).body.result).toBe(true);
    const own = { event: 'ONCRMDEALUPDATE', handler: HANDLER, auth_type: '12', offline: 0 };
    expect((await call('event.get', {}, access)).body.result).toEqual([own]);
    expect((await call('event.unbind', ONLINE, access)).body.result).toEqual({ count: 1 });
    expect((await call('event.get')).body.result).toHaveLength(1);
  });

  it('is undone by event and address, offline by event and connector', async () => {
    const { call } = await bound();
    await call('event.bind', { ...ONLINE, auth_type: 1 });
    await call('event.bind', OFFLINE);
    await call('event.bind', { ...OFFLINE, auth_connector: 'other' });
    const undo = async (params: object) => (await call('event.unbind', params)).body.result?.count;
    expect(await undo({ ...ONLINE, handler: 'https://elsewhere.example/' })).toBe(0);
    expect(await undo({ ...ONLINE, auth_type: 1 })).toBe(1);
    expect(await undo(OFFLINE)).toBe(1);
    expect(await undo(ONLINE)).toBe(1);
    expect((await call('event.get')).body.result).toEqual([
      { event: 'ONCRMDEALUPDATE', connector_id: 'other', offline: 1 },
    ]);
    expect((await call('event.unbind', { event: 'ONCRMDEALUPDATE' })).status).toBe(400);
  });
});

describe('online events of the application', () => {
  it('carry tokens of the user who acted', async () => {
    const { byPerson, call, left, portal } = await bound();
    byPerson('Новая');
    const [event] = await left();
    const { memberId, applicationToken } = portal.credentials;
    expect(event).toMatchObject({
      event: 'ONCRMDEALUPDATE',
      event_handler_id: '21',
      'data[FIELDS][ID]': '7001',
      'auth[expires_in]': '3600',
      'auth[scope]': 'crm,task,user,userfieldconfig',
      'auth[status]': 'L',
      'auth[domain]': 'nordhafen.bitrix24.example',
      'auth[server_endpoint]': 'https://nordhafen.bitrix24.example/rest/',
      'auth[member_id]': memberId,
      'auth[application_token]': applicationToken,
    });
    expect(event).not.toHaveProperty('auth[refresh_token]');
    const mine = await call('profile', {}, event?.['auth[access_token]']);
    expect(mine.body.result.LAST_NAME).toBe('Petrov');
  });

  it('carry tokens of the user whom the handler names, and refresh tokens in the other variant', async () => {
    const settings = { variants: { 'event-refresh-token': 'B' } };
    const { byPerson, call, exchange, left } = await bound(settings, { ...ONLINE, auth_type: 1 });
    byPerson('Новая');
    const [event] = await left();
    const mine = await call('profile', {}, event?.['auth[access_token]']);
    expect(mine.body.result.ID).toBe('1');
    const refresh_token = event?.['auth[refresh_token]'] ?? '';
    expect((await exchange({ grant_type: 'refresh_token', refresh_token })).body.user_id).toBe(1);
  });

  it('carry no access token when a robot acted, or (other variant) one', async () => {
    const robots = [{ on: 'title', set: { Примечание: 'робот' } }];
    for (const variant of ['A', 'B']) {
      const { byPerson, left } = await bound({ robots, variants: { 'event-tokens-of-robots': variant } });
      byPerson('Новая');
      const tokens = (await left()).map((event) => 'auth[access_token]' in event);
      expect(tokens).toEqual([true, variant === 'B']);
    }
  });

  it('tell of the application’s own writes, of deletes and of moves to another pipeline', async () => {
    const { call, left, rename } = await bound();
    const handler = HANDLER;
    for (const event of ['ONCRMDEALDELETE', 'ONCRMDEALMOVETOCATEGORY']) await call('event.bind', { event, handler });
    await rename('Своя');
    await call('crm.item.update', { entityTypeId: 2, id: 7002, fields: { categoryId: 0 } });
    await call('crm.item.delete', { entityTypeId: 2, id: 7003 });
    const events = await left();
    expect(events.map((event) => event.event)).toEqual([
      'ONCRMDEALUPDATE',
      'ONCRMDEALMOVETOCATEGORY',
      'ONCRMDEALDELETE',
    ]);
    expect(events[1]).toMatchObject({
      'data[FIELDS][ID]': '7002',
      'data[FIELDS][CATEGORY_ID]': '0',
      'data[FIELDS][STAGE_ID]': 'NEW',
    });
  });

  it('stop for an application that is not paid', async () => {
    const { byPerson, left } = await bound({ paymentExpired: true });
    byPerson('Новая');
    expect(await left()).toEqual([]);
  });

  it('get lost and doubled like those of webhooks', async () => {
    const { byPerson, left, portal } = await bound();
    portal.configure({ webhookMode: 'lost' });
    byPerson('a');
    expect(await left()).toEqual([]);
    portal.configure({ webhookMode: 'doubled' });
    byPerson('b');
    expect(await left()).toHaveLength(2);
  });

  it('are no longer raised by writes with tokens that went through a few events, in the other variant', async () => {
    for (const [variant, expected] of [
      ['A', [true, true, true, false]],
      ['B', [true, true, true, true]],
    ] as const) {
      const { clock, events, rename, byPerson } = await bound({ variants: { 'event-token-hops': variant } });
      byPerson('0');
      const raised: boolean[] = [];
      for (const title of ['1', '2', '3', '4']) {
        await clock.runUntilIdle();
        raised.push(events().length === raised.length + 1);
        await rename(title, events().at(-1)?.['auth[access_token]']);
      }
      expect(raised).toEqual(expected);
    }
  });

  it('are tried out with event.test, which brings a refresh token', async () => {
    const { call, left } = await bound({}, { event: 'ONAPPTEST', handler: HANDLER });
    expect((await call('event.test', { any: 'Проба' })).body.result).toBe(true);
    const [event] = await left();
    expect(event).toMatchObject({ event: 'ONAPPTEST', 'data[QUERY][any]': 'Проба' });
    expect(event).toHaveProperty('auth[refresh_token]');
  });
});
