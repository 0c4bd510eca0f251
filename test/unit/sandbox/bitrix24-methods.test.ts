import { describe, expect, it } from 'vitest';
import { createPortal, DEAL } from '../../support/bitrix-portal.ts';

describe('timeline comments of the sandbox portal', () => {
  const fields = { ENTITY_ID: DEAL, ENTITY_TYPE: 'deal', COMMENT: ' [b]Демо[/b] <i>в среду</i> ' };

  it('are added, read, changed and deleted', async () => {
    const { call } = createPortal();
    const id = (await call('crm.timeline.comment.add', { fields })).body.result;
    expect((await call('crm.timeline.comment.get', { id })).body.result).toEqual({
      ID: '5101',
      ENTITY_ID: '7001',
      ENTITY_TYPE: 'deal',
      CREATED: '2026-11-18T10:15:00+03:00',
      COMMENT: '[b]Демо[/b] <i>в среду</i>',
      AUTHOR_ID: '14',
      FILES: [],
    });
    expect((await call('crm.timeline.comment.update', { id, fields: { COMMENT: 'иначе' } })).body.result).toBe(id);
    expect((await call('crm.timeline.comment.delete', { id })).body.result).toBeNull();
    const gone = await call('crm.timeline.comment.get', { id });
    expect([gone.status, gone.body]).toEqual([400, { error: '', error_description: 'Not found.' }]);
  });

  it('move the last activity of their owner', async () => {
    const { call, clock, item } = createPortal();
    await clock.advance(60_000);
    await call('crm.timeline.comment.add', { fields });
    expect((await item(2, DEAL)).lastActivityTime).toBe('2026-11-18T10:16:00+03:00');
  });

  it('lose their files in an update without files, or keep them', async () => {
    const { call, portal } = createPortal();
    const FILES = [['schema.png', 'AAAA']];
    const { result: id } = (await call('crm.timeline.comment.add', { fields: { ...fields, FILES } })).body;
    const files = async () => (await call('crm.timeline.comment.get', { id })).body.result.FILES;
    expect(await files()).toMatchObject({ 1: { id: 1, name: 'schema.png', size: 3 } });
    portal.configure({ variants: { 'timeline-update-without-files': 'B' } });
    await call('crm.timeline.comment.update', { id, fields: { COMMENT: 'x' } });
    expect(await files()).toHaveProperty('1');
    portal.configure({ variants: null });
    await call('crm.timeline.comment.update', { id, fields: { COMMENT: 'y' } });
    expect(await files()).toEqual([]);
  });

  it('take author and text as another portal might', async () => {
    const { call, portal } = createPortal();
    portal.configure({ variants: { 'timeline-author': 'B', 'timeline-text': 'B' } });
    const id = (await call('crm.timeline.comment.add', { fields: { ...fields, AUTHOR_ID: 12 } })).body.result;
    const { result } = (await call('crm.timeline.comment.get', { id })).body;
    expect([result.AUTHOR_ID, result.COMMENT]).toEqual(['12', '[B]Демо[/B] в среду']);
  });

  it('fail with the documented codes', async () => {
    const { call } = createPortal();
    const failures = [];
    for (const [method, params] of [
      ['add', { fields: { ...fields, ENTITY_ID: 1 } }],
      ['add', { fields: { ...fields, COMMENT: ' ' } }],
      ['add', {}],
      ['update', { id: 9, fields: { COMMENT: 'x' } }],
      ['delete', { id: 9 }],
      ['get', {}],
      ['list', { filter: { ENTITY_ID: DEAL } }],
    ] as const) {
      const { status, body } = await call(`crm.timeline.comment.${method}`, params);
      failures.push([method, status, body.error]);
    }
    expect(failures).toEqual([
      ['add', 400, 'OWNER_NOT_FOUND'],
      ['add', 400, 'INVALID_ARG_VALUE'],
      ['add', 400, '100'],
      ['update', 400, 'NOT_FOUND'],
      ['delete', 400, 'NOT_FOUND'],
      ['get', 400, ''],
      ['list', 400, ''],
    ]);
  });

  it('come in pages, ordered, and their owner is found from the id', async () => {
    const { call } = createPortal();
    for (let index = 0; index < 52; index += 1) {
      await call('crm.timeline.comment.add', { fields: { ...fields, COMMENT: `n${index}` } });
    }
    const filter = { ENTITY_ID: DEAL, ENTITY_TYPE: 'deal' };
    const { body } = await call('crm.timeline.comment.list', { filter, order: { ID: 'DESC' }, select: ['ID'] });
    expect([body.result[0], body.result.length, body.next, body.total]).toEqual([{ ID: '5152' }, 50, 50, 52]);
    expect((await call('crm.timeline.comment.list', { filter, start: -1 })).body.total).toBe(52);
    const bindings = (await call('crm.timeline.bindings.list', { filter: { OWNER_ID: 5101 } })).body.result;
    expect(bindings).toEqual([{ OWNER_ID: 5101, ENTITY_ID: DEAL, ENTITY_TYPE: 'deal' }]);
  });
});

describe('dictionaries of the sandbox portal', () => {
  it('lists stages as texts', async () => {
    const { call } = createPortal();
    const { body } = await call('crm.status.list', { filter: { ENTITY_ID: 'DEAL_STAGE_9' }, order: { SORT: 'ASC' } });
    expect(body.total).toBe(6);
    expect(body.result.map((row: { STATUS_ID: string; NAME: string }) => [row.STATUS_ID, row.NAME])).toEqual([
      ['C9:NEW', 'Черновик'],
      ['C9:PREPARATION', 'Согласование'],
      ['C9:PREPAYMENT_INVOICE', 'Новая'],
      ['C9:EXECUTING', 'В работе'],
      ['C9:WON', 'Выиграна'],
      ['C9:LOSE', 'Проиграна'],
    ]);
    expect(body.result[4]).toMatchObject({
      ENTITY_ID: 'DEAL_STAGE_9',
      SORT: '50',
      CATEGORY_ID: '9',
      SEMANTICS: 'S',
      EXTRA: { SEMANTICS: 'success' },
    });
  });

  it('has a sentence for a code when the filter is no list', async () => {
    const { call } = createPortal();
    expect((await call('crm.status.list', { filter: 'x' })).body.error).toBe('Invalid parameters.');
  });

  it('lists pipelines of deals, none of contacts, and refuses leads', async () => {
    const { call } = createPortal();
    expect((await call('crm.category.list', { entityTypeId: 2 })).body).toMatchObject({
      result: {
        categories: [
          { id: 9, name: 'Закупки', isDefault: 'N', originId: '' },
          { id: 0, name: 'Общая', isDefault: 'Y' },
        ],
      },
      total: 2,
    });
    expect((await call('crm.category.list', { entityTypeId: 3 })).body.result.categories).toEqual([]);
    expect((await call('crm.category.list', { entityTypeId: 1 })).body.error).toBe('ENTITY_TYPE_NOT_SUPPORTED');
  });

  it('marks the base currency', async () => {
    const { call } = createPortal();
    const { result } = (await call('crm.currency.list')).body;
    expect(result.map((row: Record<string, string>) => [row.CURRENCY, row.BASE])).toEqual([
      ['RUB', 'Y'],
      ['EUR', 'N'],
      ['USD', 'N'],
    ]);
    expect(result[0].AMOUNT).toBe('1.0000');
  });
});

describe('users of the sandbox portal', () => {
  it('are found by activity, e-mail and id', async () => {
    const { call } = createPortal();
    const ids = async (FILTER: object) =>
      (await call('user.get', { FILTER })).body.result.map((row: { ID: string }) => row.ID);
    expect(await ids({})).toEqual(['1', '5', '12', '14']);
    expect(await ids({ ACTIVE: true })).toEqual(['1', '12', '14']);
    expect(await ids({ ACTIVE: 'N' })).toEqual(['5']);
    expect(await ids({ EMAIL: 'PETROV@nordhafen.example' })).toEqual(['12']);
    expect(await ids({ '@ID': [1, 5], NOPE: 1 })).toEqual(['1', '5']);
  });

  it('show documented forms, only the selected ones on request', async () => {
    const { call } = createPortal();
    const { body } = await call('user.get', { FILTER: { ID: 12 } });
    expect(body.total).toBe(1);
    expect(body.result[0]).toMatchObject({
      ID: '12',
      ACTIVE: true,
      NAME: 'Oleg',
      LAST_NAME: 'Petrov',
      TIMESTAMP_X: {},
    });
    const some = await call('user.get', { FILTER: { ID: 12 }, select: ['ID', 'EMAIL', 'NOPE'], start: -1 });
    expect(some.body).toMatchObject({ result: [{ ID: '12', EMAIL: 'petrov@nordhafen.example' }], total: 0 });
  });
});

describe('scopes of the sandbox portal', () => {
  it('leave e-mails out for the brief one', async () => {
    const { call, portal } = createPortal();
    portal.configure({ scopes: ['user_brief'] });
    const [first] = (await call('user.get')).body.result;
    expect(first).not.toHaveProperty('EMAIL');
    expect(first).toMatchObject({ NAME: 'Irina', LAST_NAME: 'Ivanova' });
  });
});

describe('user field methods of the sandbox portal', () => {
  it('lists fields of all entities, labels only for a language', async () => {
    const { call, portal } = createPortal();
    const params = { moduleId: 'crm', filter: { entityId: 'CRM_DEAL' } };
    const all = (await call('userfieldconfig.list', params)).body;
    expect([all.total, all.result.fields[0].editFormLabel]).toEqual([12, undefined]);
    portal.configure({ variants: { 'userfieldconfig-filter-entity': 'A' } });
    const mine = (await call('userfieldconfig.list', { ...params, select: { 0: '*', language: 'ru' } })).body;
    expect(mine.total).toBe(10);
    expect(mine.result.fields[0]).toMatchObject({
      id: '815',
      entityId: 'CRM_DEAL',
      fieldName: 'UF_CRM_1747309871',
      userTypeId: 'enumeration',
      editFormLabel: { ru: 'Дистрибьютор по сделке' },
      multiple: 'N',
    });
  });

  it('gives options with their XML_ID one by one', async () => {
    const { call } = createPortal();
    const { field } = (await call('userfieldconfig.get', { moduleId: 'crm', id: 821 })).body.result;
    expect(field.enum[0]).toEqual({ id: '201', value: 'Германия', def: 'N', sort: '10', xmlId: 'nordhafen-201' });
  });

  it('fails with an empty code', async () => {
    const { call, portal } = createPortal();
    portal.configure({ admin: false });
    const denied = await call('userfieldconfig.list', { moduleId: 'crm' });
    expect([denied.status, denied.body.error]).toEqual([400, '']);
    expect((await call('crm.deal.userfield.list', { filter: 'x' })).body.error).toBe('');
  });

  it('shows classic labels only with LANG', async () => {
    const { call } = createPortal();
    const filter = { FIELD_NAME: 'UF_CRM_1747309877' };
    const plain = (await call('crm.deal.userfield.list', { filter })).body;
    expect([plain.total, plain.result[0].MULTIPLE, plain.result[0].EDIT_FORM_LABEL]).toEqual([1, 'Y', undefined]);
    const named = (await call('crm.deal.userfield.list', { filter: { ...filter, LANG: 'ru' } })).body.result[0];
    expect(named).toMatchObject({ EDIT_FORM_LABEL: 'Страны', LIST: [{ ID: '201', VALUE: 'Германия' }, {}, {}] });
    expect((await call('crm.company.userfield.list')).body.total).toBe(1);
  });
});

describe('probes of the sandbox portal', () => {
  it('tell who, what and when', async () => {
    const { call } = createPortal();
    const results: Record<string, unknown> = {};
    for (const name of ['profile', 'scope', 'server.time', 'user.current', 'crm.settings.mode.get']) {
      results[name] = (await call(name)).body.result;
    }
    expect(results).toMatchObject({
      profile: { ID: '14', ADMIN: true, NAME: 'Sync', LAST_NAME: 'Daemon', TIME_ZONE: 'Europe/Moscow' },
      scope: ['crm', 'task', 'user', 'userfieldconfig'],
      'server.time': '2026-11-18T10:15:00+03:00',
      'user.current': { ID: '14' },
      'crm.settings.mode.get': 1,
    });
  });

  it('know which methods and features there are', async () => {
    const { call, portal } = createPortal();
    const probe = async (name?: string) => (await call('method.get', { name })).body.result;
    expect(await probe('crm.item.list')).toEqual({ isExisting: true, isAvailable: true });
    expect(await probe('crm.nope')).toEqual({ isExisting: false, isAvailable: false });
    expect(await probe()).toEqual({ isExisting: false, isAvailable: false });
    portal.configure({ scopes: ['user'] });
    expect(await probe('crm.item.list')).toEqual({ isExisting: true, isAvailable: false });
    expect((await call('methods')).body.result).toContain('crm.item.batchImport');
    expect((await call('feature.get')).body.error).toBe('CODE_EMPTY');
    expect((await call('feature.get', { CODE: 'rest_offline_extended' })).body.result).toEqual({ value: 'N' });
    portal.configure({ plan: 'enterprise' });
    expect((await call('feature.get', { CODE: 'rest_offline_extended' })).body.result).toEqual({ value: 'Y' });
  });

  it('keep what belongs to applications from a webhook', async () => {
    const { call, portal } = createPortal();
    for (const name of ['event.bind', 'event.get', 'event.offline.get', 'events']) {
      expect(await call(name)).toMatchObject({ status: 403, body: { error: 'WRONG_AUTH_TYPE' } });
    }
    expect(await call('app.info')).toMatchObject({ status: 400, body: { error: 'ACCESS_DENIED' } });
    portal.configure({ variants: { 'app-info-by-webhook': 'B', 'event-bind-by-webhook': 'B' } });
    expect((await call('app.info')).body.result).toMatchObject({ LICENSE: 'ru_pro100' });
    expect((await call('events')).body.result).toContain('ONCRMDEALUPDATE');
  });

  it('answer 404 for methods that this portal lacks', async () => {
    const { call } = createPortal();
    expect(await call('tasks.task.list')).toMatchObject({ status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND' } });
  });
});

describe('stage history and import of the sandbox portal', () => {
  it('tells each stage a deal was in', async () => {
    const { call } = createPortal();
    await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { stageId: 'C9:EXECUTING' } });
    await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { stageId: 'C9:WON' } });
    const { body } = await call('crm.stagehistory.list', { entityTypeId: 2, filter: { OWNER_ID: DEAL } });
    expect(body.result.items.map((row: { TYPE_ID: number }) => row.TYPE_ID)).toEqual([1, 2, 3]);
    expect(body.result.items[2]).toMatchObject({
      OWNER_ID: DEAL,
      TYPE_ID: 3,
      STAGE_ID: 'C9:WON',
      STAGE_SEMANTIC_ID: 'S',
    });
  });

  it('fails with the number 0 for another entity', async () => {
    const { call } = createPortal();
    const { status, body } = await call('crm.stagehistory.list', { entityTypeId: 3 });
    expect([status, body.error]).toEqual([400, 0]);
  });

  it('imports at most 20 at once, each with its own outcome', async () => {
    const { call } = createPortal();
    const data = [{ title: 'Первая' }, { title: 'Вторая', currencyId: 'XXX' }];
    const { items } = (await call('crm.item.batchImport', { entityTypeId: 2, data })).body.result;
    expect([items[0].item.id > DEAL, items[1].error]).toEqual([true, 'CRM_FIELD_ERROR_VALUE_NOT_VALID']);
    const many = Array.from({ length: 21 }, () => ({ title: 'x' }));
    const refused = await call('crm.item.batchImport', { entityTypeId: 2, data: many });
    expect([refused.status, refused.body.error]).toEqual([400, 'MAX_IMPORT_BATCH_SIZE_EXCEEDED']);
  });
});
