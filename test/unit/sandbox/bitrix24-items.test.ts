import { describe, expect, it } from 'vitest';
import {
  APPROVED_AT,
  BUDGET,
  BUYER,
  COUNTRIES,
  createPortal,
  DEAL,
  DISTRIBUTOR,
  NOTE,
  PAYMENT_DATE,
  TAGS,
  URGENT,
} from '../../support/bitrix-portal.ts';

describe('crm.item.fields of the sandbox portal', () => {
  it('describes system fields with their type, flags, title and upper name', async () => {
    const { call } = createPortal();
    const { fields } = (await call('crm.item.fields', { entityTypeId: 2 })).body.result;
    expect(fields.createdTime).toEqual({
      type: 'datetime',
      isRequired: false,
      isReadOnly: true,
      isImmutable: false,
      isMultiple: false,
      isDynamic: false,
      title: 'Дата создания',
      upperName: 'CREATED_TIME',
    });
    expect(fields.stageId).toMatchObject({ type: 'crm_status', statusType: 'DEAL_STAGE', title: 'Стадия сделки' });
    expect(fields.contactId.isDeprecated).toBe(true);
    expect(fields.entityTypeId).toBeUndefined();
  });

  it('lists options with id and text only', async () => {
    const { call } = createPortal();
    const { fields } = (await call('crm.item.fields', { entityTypeId: '2' })).body.result;
    expect(fields[DISTRIBUTOR]).toMatchObject({
      type: 'enumeration',
      isDynamic: true,
      title: 'Дистрибьютор по сделке',
      formLabel: 'Дистрибьютор по сделке',
      upperName: 'UF_CRM_1747309871',
      items: [
        { ID: '81', VALUE: 'Hydrotech' },
        { ID: '82', VALUE: 'Nordwind Supply' },
        { ID: '83', VALUE: 'Rotor Trade' },
        { ID: '84', VALUE: 'Уралнасос' },
      ],
    });
  });

  it('shows classic upper names in the other variant', async () => {
    const { call, portal } = createPortal();
    portal.configure({ variants: { 'item-upper-name': 'A' } });
    const lead = (await call('crm.item.fields', { entityTypeId: 1 })).body.result.fields;
    expect([lead.createdTime.upperName, lead.stageId.upperName]).toEqual(['DATE_CREATE', 'STATUS_ID']);
    expect(lead.name.title).toBe('Имя');
  });

  it('answers 400 for types that are missing, absent or not supported', async () => {
    const { call } = createPortal();
    const codes = [];
    for (const params of [{}, { entityTypeId: 1220 }, { entityTypeId: 0 }]) {
      const { status, body } = await call('crm.item.fields', params);
      codes.push([status, body.error]);
    }
    expect(codes).toEqual([
      [400, '100'],
      [400, 'NOT_FOUND'],
      [400, 'ENTITY_TYPE_NOT_SUPPORTED'],
    ]);
  });
});

describe('adding to the sandbox portal', () => {
  it('fills what was left out', async () => {
    const { call } = createPortal();
    const { item } = (await call('crm.item.add', { entityTypeId: 2, fields: { categoryId: 9 } })).body.result;
    expect(item).toMatchObject({
      title: `Сделка #${item.id}`,
      stageId: 'C9:NEW',
      stageSemanticId: 'P',
      isNew: 'Y',
      opened: 'Y',
      assignedById: 14,
      createdBy: 14,
      begindate: '2026-11-18T03:00:00+03:00',
      closedate: '2026-11-25T03:00:00+03:00',
      createdTime: '2026-11-18T10:15:00+03:00',
      opportunity: 0,
      currencyId: 'RUB',
      isManualOpportunity: 'N',
      companyId: 0,
      leadId: null,
      contactIds: [],
      begindateShort: null,
      entityTypeId: 2,
    });
  });

  it('ignores unknown and read-only fields without a word', async () => {
    const { call } = createPortal();
    const fields = { title: 'Насосы', jiraKey: 'BUY-1', createdTime: '2020-01-01', id: 5 };
    const { status, body } = await call('crm.item.add', { entityTypeId: 2, fields });
    expect(status).toBe(200);
    expect(body.result.item.createdTime).toBe('2026-11-18T10:15:00+03:00');
    expect(body.result.item).not.toHaveProperty('jiraKey');
  });

  it('keeps every user field in its own form', async () => {
    const { call, item } = createPortal();
    const fields = {
      [DISTRIBUTOR]: '82',
      [TAGS]: ['a', 'b'],
      [PAYMENT_DATE]: '2026-12-24',
      [URGENT]: 'Y',
      [APPROVED_AT]: '2026-11-18T12:00:00Z',
      [COUNTRIES]: [201, 203],
      [BUYER]: 12,
      [BUDGET]: '1500.50|EUR',
    };
    const added = (await call('crm.item.add', { entityTypeId: 2, fields })).body.result.item;
    expect(await item(2, added.id)).toMatchObject({
      [DISTRIBUTOR]: 82,
      [TAGS]: ['a', 'b'],
      [PAYMENT_DATE]: '2026-12-24T03:00:00+03:00',
      [URGENT]: 'Y',
      [APPROVED_AT]: '2026-11-18T15:00:00+03:00',
      [COUNTRIES]: [201, 203],
      [BUYER]: 12,
      [BUDGET]: '1500.5|EUR',
      [NOTE]: null,
    });
  });

  it('drops an unknown option silently but refuses a bad date, stage, currency or person', async () => {
    const { call } = createPortal();
    const add = (fields: object) => call('crm.item.add', { entityTypeId: 2, fields });
    const dropped = await add({ [DISTRIBUTOR]: 999, [COUNTRIES]: [201, 999] });
    expect(dropped.body.result.item).toMatchObject({ [DISTRIBUTOR]: null, [COUNTRIES]: [201] });
    for (const fields of [
      { closedate: 'завтра' },
      { closedate: '2026-02-30' },
      { stageId: 'C9:NEW' },
      { currencyId: 'XXX' },
      { assignedById: 4711 },
      { sourceId: 'PIGEON' },
    ]) {
      const { status, body } = await add(fields);
      expect([status, body.error]).toEqual([400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID']);
    }
  });

  it('answers code 100 for a scalar in a multiple field', async () => {
    const { call } = createPortal();
    const { status, body } = await call('crm.item.add', { entityTypeId: 2, fields: { [TAGS]: 'one' } });
    expect([status, body.error]).toEqual([400, '100']);
    expect(body.error_description).toBe('Expected iterable value for multiple field, but got string instead');
  });

  it('takes the service times of an import and answers only its id', async () => {
    const { call, item } = createPortal();
    const fields = {
      title: 'Старая',
      createdTime: '2026-01-05T10:00:00+03:00',
      updatedTime: '2026-01-06T10:00:00+03:00',
    };
    const { body } = await call('crm.item.import', { entityTypeId: 2, fields });
    expect(Object.keys(body.result.item)).toEqual(['id']);
    expect(await item(2, body.result.item.id)).toMatchObject({
      createdTime: fields.createdTime,
      updatedTime: fields.updatedTime,
    });
  });

  it('turns a new lead into a deal in simple mode', async () => {
    const { call, portal, item } = createPortal();
    portal.configure({ simpleCrm: true });
    const { id } = (await call('crm.item.add', { entityTypeId: 1, fields: { title: 'Звонок' } })).body.result.item;
    expect((await call('crm.item.get', { entityTypeId: 1, id })).body.error).toBe('NOT_FOUND');
    expect((await item(2, id)).title).toBe('Звонок');
  });
});

describe('changing in the sandbox portal', () => {
  it('answers the whole item after the save and moves its time and author', async () => {
    const { call, clock } = createPortal();
    await clock.advance(5_000);
    const params = { entityTypeId: 2, id: String(DEAL), fields: { opportunity: '510000.5', stageId: 'C9:WON' } };
    const { item } = (await call('crm.item.update', params)).body.result;
    expect(item).toMatchObject({
      opportunity: 510000.5,
      stageId: 'C9:WON',
      stageSemanticId: 'S',
      closed: 'Y',
      updatedBy: 14,
      updatedTime: '2026-11-18T10:15:05+03:00',
      movedTime: '2026-11-18T10:15:05+03:00',
      title: 'Закупка 1',
    });
  });

  it('skips a save without change', async () => {
    const { call, clock, item, portal, sent } = createPortal();
    portal.configure({ webhooks: { url: 'https://sync.example/hook' } });
    const before = await item(2, DEAL);
    const same = {
      title: before.title,
      closedate: '2026-12-01',
      [TAGS]: ['насосы', 'срочно'],
      [NOTE]: '',
      companyId: 0,
    };
    const { body } = await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: same });
    await clock.runUntilIdle();
    expect(body.result.item).toEqual(before);
    expect(sent).toEqual([]);
  });

  it('skips it for every sample record, flags that nobody set included', async () => {
    const { call, clock, portal, sent } = createPortal();
    portal.configure({ webhooks: { url: 'https://sync.example/hook' } });
    for (const [entityTypeId, id, fields] of [
      [1, 1, { isReturnCustomer: 'N', birthdate: '' }],
      [2, 7002, { [URGENT]: 'N', isRecurring: 'N' }],
      [3, 1, { name: 'Пётр', observers: [] }],
      [4, 1, { isMyCompany: 'N' }],
    ] as const) {
      expect((await call('crm.item.update', { entityTypeId, id, fields })).status).toBe(200);
    }
    await clock.runUntilIdle();
    expect(sent).toEqual([]);
  });

  it('saves it all the same in the other variant', async () => {
    const { call, clock, item, portal, sent } = createPortal();
    portal.configure({ webhooks: { url: 'https://sync.example/hook' }, variants: { 'item-noop-update': 'B' } });
    const { updatedTime } = await item(2, DEAL);
    const { body } = await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: {} });
    await clock.runUntilIdle();
    expect(body.result.item.updatedTime).not.toBe(updatedTime);
    expect(sent).toHaveLength(1);
  });

  it('answers 0 for a cleared amount and null for a cleared date', async () => {
    const { call } = createPortal();
    const fields = { opportunity: '', closedate: '', [TAGS]: [] };
    const { item } = (await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields })).body.result;
    expect([item.opportunity, item.closedate, item[TAGS]]).toEqual([0, null, []]);
  });

  it('moves to the first stage of another pipeline', async () => {
    const { call } = createPortal();
    const { item } = (await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { categoryId: 0 } })).body
      .result;
    expect([item.categoryId, item.stageId]).toEqual([0, 'NEW']);
  });

  it('recomputes the amount from product rows unless it is manual', async () => {
    const { call, portal } = createPortal();
    portal.configure({ productRowsTotal: 777 });
    const update = (fields: object) => call('crm.item.update', { entityTypeId: 2, id: DEAL, fields });
    expect((await update({ opportunity: 5 })).body.result.item.opportunity).toBe(5);
    expect((await update({ opportunity: 6, isManualOpportunity: 'N' })).body.result.item.opportunity).toBe(777);
  });

  it('requires one of the names of a contact and joins the texts with HTML', async () => {
    const { call } = createPortal();
    const fields = { name: '', lastName: '', secondName: '' };
    const { status, body } = await call('crm.item.update', { entityTypeId: 3, id: 1, fields });
    expect([status, body.error]).toEqual([400, 'CRM_FIELD_ERROR_REQUIRED']);
    expect(body.error_description).toContain('<br>');
    expect((await call('crm.item.update', { entityTypeId: 3, id: 1, fields: { name: '' } })).status).toBe(200);
  });

  it('checks required fields only when the stage moves', async () => {
    const { call, portal } = createPortal();
    portal.configure({ requiredFields: ['Примечание'] });
    const update = (fields: object) => call('crm.item.update', { entityTypeId: 2, id: DEAL, fields });
    expect((await update({ title: 'Другая' })).status).toBe(200);
    expect((await update({ stageId: 'C9:EXECUTING' })).body.error).toBe('CRM_FIELD_ERROR_REQUIRED');
    expect((await update({ stageId: 'C9:EXECUTING', [NOTE]: 'да' })).status).toBe(200);
  });

  it('answers the code "-" to who may not move stages', async () => {
    const { call, portal } = createPortal();
    portal.configure({ denyStageChange: true });
    const move = await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { stageId: 'C9:WON' } });
    expect([move.status, move.body.error]).toEqual([400, '-']);
    expect((await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { title: 'x' } })).status).toBe(200);
  });

  it('adds, changes and deletes phones by key and mirrors the first ones', async () => {
    const { call, item } = createPortal();
    const { fm } = await item(3, 1);
    const update = (fm: object) => call('crm.item.update', { entityTypeId: 3, id: 1, fields: { fm } });
    const added = (await update({ n0: { typeId: 'EMAIL', valueType: 'WORK', value: 'a@b.example' } })).body.result.item;
    expect(added).toMatchObject({ emailWork: 'a@b.example', email: 'a@b.example', hasEmail: 'Y', hasPhone: 'Y' });
    const changed = (await update({ [fm[0].id]: { value: '+49401234' } })).body.result.item;
    expect([changed.phoneWork, changed.fm.length]).toEqual(['+49401234', 2]);
    const removed = (await update({ [fm[0].id]: { value: '' } })).body.result.item;
    expect([removed.phone, removed.hasPhone]).toEqual(['', 'N']);
  });

  it('lets contactIds replace the set and keeps contactId in step', async () => {
    const { call } = createPortal();
    const update = (fields: object) => call('crm.item.update', { entityTypeId: 2, id: DEAL, fields });
    expect((await update({ contactIds: [2, 1] })).body.result.item).toMatchObject({ contactId: 2, contactIds: [2, 1] });
    expect((await update({ contactIds: [] })).body.result.item).toMatchObject({ contactId: 0, contactIds: [] });
  });
});

describe('reading and deleting one item of the sandbox portal', () => {
  it('deletes with [] and then answers 400 NOT_FOUND', async () => {
    const { call } = createPortal();
    expect((await call('crm.item.delete', { entityTypeId: 2, id: DEAL })).body.result).toEqual([]);
    const gone = await call('crm.item.get', { entityTypeId: 2, id: DEAL });
    expect([gone.status, gone.body]).toEqual([400, { error: 'NOT_FOUND', error_description: 'Элемент не найден' }]);
  });

  it('carries the time block with every success', async () => {
    const { call } = createPortal({ limits: 'real' });
    const { time } = (await call('crm.item.get', { entityTypeId: 2, id: DEAL })).body;
    expect(time).toMatchObject({ start: 1794986100, date_start: '2026-11-18T10:15:00+03:00', operating: 0 });
    expect(time.operating_reset_at).toBe(1794986700);
  });

  it('uses upper-case names of user fields on request', async () => {
    const { call } = createPortal();
    const params = { entityTypeId: 2, id: DEAL, useOriginalUfNames: 'Y' };
    const fields = { UF_CRM_1747309878: 'заметка', [NOTE]: 'camel' };
    const { item } = (await call('crm.item.update', { ...params, fields })).body.result;
    expect([item.UF_CRM_1747309878, item[NOTE], item.title]).toEqual(['заметка', undefined, 'Закупка 1']);
  });

  it('prints dates and options by the variant in force', async () => {
    const { item, portal } = createPortal();
    portal.configure({ variants: { 'date-shift': 'B', 'item-enum-type': 'B' } });
    const shown = await item(2, DEAL);
    expect([shown.closedate, shown[DISTRIBUTOR]]).toEqual(['2026-12-01T00:00:00+03:00', '81']);
    portal.configure({ variants: null, portalOffset: '-05:00' });
    expect((await item(2, DEAL)).closedate).toBe('2026-11-30T19:00:00-05:00');
  });
});
