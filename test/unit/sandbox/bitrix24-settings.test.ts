import { describe, expect, it } from 'vitest';
import { SandboxEditError } from '../../../src/sandbox/http.ts';
import { BUDGET, BUYER, COUNTRIES, createPortal, DEAL, DISTRIBUTOR, NOTE, TAGS } from '../../support/bitrix-portal.ts';

describe('settings of the sandbox portal', () => {
  it('stay as they were until replaced, and go back with null', () => {
    const { portal } = createPortal();
    portal.configure({ plan: 'enterprise', eventDelayMs: 5 });
    expect(portal.configure({ admin: false })).toMatchObject({ plan: 'enterprise', eventDelayMs: 5, admin: false });
    expect(portal.configure({ plan: null })).toMatchObject({ plan: 'standard', eventDelayMs: 5 });
  });

  it('are refused with a sentence when unknown or of a wrong type', () => {
    const { portal } = createPortal();
    for (const settings of [
      { speed: 1 },
      { plan: 'free' },
      { variants: { nope: 'A' } },
      { variants: { 'date-shift': 'C' } },
      { webhooks: { address: 'x' } },
      { portalOffset: 'Moscow' },
      { denyEntity: { deals: 'denied' } },
    ]) {
      expect(() => portal.configure(settings)).toThrow(SandboxEditError);
    }
    expect(() => portal.configure({ plan: 'free' })).toThrow(/plan/);
  });

  it('coerce values while the answer is 200', async () => {
    const { call, portal } = createPortal();
    portal.configure({
      coerce: [
        { field: 'title', cut: 5 },
        { field: 'Дистрибьютор по сделке', dropOption: 'Rotor Trade' },
        { field: 'OPPORTUNITY', round: 0 },
      ],
    });
    const fields = { title: 'Насосы для цеха', [DISTRIBUTOR]: 83, opportunity: 12.5 };
    const { status, body } = await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields });
    expect(status).toBe(200);
    expect(body.result.item).toMatchObject({ title: 'Насос', [DISTRIBUTOR]: null, opportunity: 13 });
  });

  it('rename, remove and lock fields, and remove options', async () => {
    const { call, portal } = createPortal();
    portal.configure({
      renameField: { 'Дистрибьютор по сделке': 'Поставщик' },
      removeField: ['Примечание'],
      removeOption: { UF_CRM_1747309871: ['Hydrotech', '84'] },
      readOnlyFields: ['Метки'],
    });
    const { fields } = (await call('crm.item.fields', { entityTypeId: 2 })).body.result;
    expect(fields[DISTRIBUTOR]).toMatchObject({ title: 'Поставщик', items: [{ ID: '82' }, { ID: '83' }] });
    expect([fields[NOTE], fields[TAGS].isReadOnly]).toEqual([undefined, true]);
    const change = { [NOTE]: 'x', [TAGS]: ['новая'], [DISTRIBUTOR]: 84 };
    const { item } = (await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: change })).body.result;
    expect([item[NOTE], item[TAGS], item[DISTRIBUTOR]]).toEqual([undefined, ['насосы', 'срочно'], null]);
    const filtered = await call('crm.item.list', { entityTypeId: 2, filter: { [NOTE]: 'x' } });
    expect(filtered.body.error).toBe('INVALID_ARG_VALUE');
  });

  it('put another system on some deals without an event', async () => {
    const { clock, item, portal, sent } = createPortal();
    portal.configure({ webhooks: { url: 'https://sync.example/' }, foreignOriginators: { every: 2 } });
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
    expect((await item(2, 7002)).originatorId).toBe('1C');
    expect([(await item(2, 7002)).originId, (await item(2, 7001)).originId]).toEqual(['УТ-7002', null]);
  });
});

describe('people in the sandbox portal', () => {
  it('write as they see: labels, stages, options, names', async () => {
    const { item, portal } = createPortal();
    const edited = portal.edit({
      op: 'update',
      in: 'deal',
      id: String(DEAL),
      user: 'petrov@nordhafen.example',
      fields: {
        stage: 'В работе',
        'Дистрибьютор по сделке': 'Уралнасос',
        Страны: ['Германия', 'Казахстан'],
        Закупщик: 'Irina Ivanova',
        Бюджет: '100|EUR',
        Ответственный: 'sync',
        closedate: '2027-01-15',
      },
    });
    expect(edited).toEqual({ id: '7001', key: '7001' });
    expect(await item(2, DEAL)).toMatchObject({
      stageId: 'C9:EXECUTING',
      [DISTRIBUTOR]: 84,
      [COUNTRIES]: [201, 203],
      [BUYER]: 1,
      [BUDGET]: '100|EUR',
      assignedById: 14,
      closedate: '2027-01-15T03:00:00+03:00',
      updatedBy: 12,
    });
  });

  it('create purchases in the purchasing pipeline, other deals where they say', async () => {
    const { item, portal } = createPortal();
    const purchase = portal.edit({ op: 'create', in: 'deal', fields: { title: 'Насосы', stage: 'Новая' } });
    expect(await item(2, Number(purchase.id))).toMatchObject({
      categoryId: 9,
      stageId: 'C9:PREPAYMENT_INVOICE',
      createdBy: 1,
    });
    const sale = portal.edit({ op: 'create', in: 'deal', fields: { Воронка: 'Общая', stage: 'Новая' } });
    expect(await item(2, Number(sale.id))).toMatchObject({ categoryId: 0, stageId: 'NEW' });
  });

  it('delete records', async () => {
    const { item, portal } = createPortal();
    portal.edit({ op: 'delete', in: 'lead', id: '1' });
    expect(await item(1, 1)).toBeUndefined();
  });

  it('are told what does not exist', () => {
    const { portal } = createPortal();
    const edit = (change: object) => () => portal.edit({ op: 'update', in: 'deal', id: String(DEAL), ...change });
    expect(edit({ in: 'order' })).toThrow('no entity "order"');
    expect(edit({ id: '1' })).toThrow('no deal with the id 1');
    expect(edit({ user: 'Nobody' })).toThrow('no person "Nobody"');
    expect(edit({ fields: { Скидка: 1 } })).toThrow('no field "Скидка" on a deal');
    expect(edit({ fields: { stage: 'Архив' } })).toThrow('no "Архив" in "Стадия сделки"');
    expect(edit({ fields: { 'Дистрибьютор по сделке': 'Nobody' } })).toThrow('no option "Nobody"');
    expect(edit({ fields: { closedate: 'завтра' } })).toThrow('the portal refused');
    expect(edit({ fields: { closedate: 'завтра' } })).toThrow(SandboxEditError);
  });

  it('see everything in the state', async () => {
    const { call, portal } = createPortal();
    const fields = { ENTITY_ID: DEAL, ENTITY_TYPE: 'deal', COMMENT: 'Привет' };
    await call('crm.timeline.comment.add', { fields });
    const state = portal.state() as Record<string, never>;
    expect(state).toMatchObject({
      items: {
        deal: [{ id: DEAL, title: 'Закупка 1' }, {}, {}, {}, {}, {}],
        lead: [{}, {}, {}],
        contact: [{}, {}, {}],
      },
      comments: [{ COMMENT: 'Привет' }],
      users: [{ ID: '1' }, { ID: '5' }, { ID: '12' }, { ID: '14' }],
    });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
