import { describe, expect, it } from 'vitest';
import { createPortal, DEAL, NOTE, TAGS } from '../../support/bitrix-portal.ts';

describe('a merge of duplicates in the sandbox portal', () => {
  it('deletes the losers and completes the winner, with an event for each', async () => {
    const { call, clock, events, item, portal } = createPortal();
    const update = (id: number, fields: object) => call('crm.item.update', { entityTypeId: 2, id, fields });
    await update(7002, { [TAGS]: ['насосы', 'Ладога'], [NOTE]: 'от 7002', title: 'Дубль' });
    const fields = { ENTITY_ID: 7002, ENTITY_TYPE: 'deal', COMMENT: 'Согласовано' };
    const comment = (await call('crm.timeline.comment.add', { fields })).body.result;
    portal.configure({ webhooks: { url: 'https://sync.example/hook' } });
    await clock.advance(5_000);
    portal.configure({ merge: { entity: 'deal', winner: DEAL, losers: [7002, 7003] } });
    await clock.runUntilIdle();
    expect(events().map((event) => `${event.event} ${event['data[FIELDS][ID]']}`)).toEqual([
      'ONCRMDEALDELETE 7002',
      'ONCRMDEALDELETE 7003',
      'ONCRMDEALUPDATE 7001',
    ]);
    const winner = await item(2, DEAL);
    expect(winner).toMatchObject({ title: 'Закупка 1', [NOTE]: 'от 7002', [TAGS]: ['насосы', 'срочно', 'Ладога'] });
    expect(winner.updatedTime).toBe('2026-11-18T10:15:05+03:00');
    const { ENTITY_ID } = (await call('crm.timeline.comment.get', { id: comment })).body.result;
    expect(Number(ENTITY_ID)).toBe(DEAL);
    expect((await call('crm.item.get', { entityTypeId: 2, id: 7002 })).body.error).toBe('NOT_FOUND');
  });

  it('leads from the lost contact and company to those that stayed', async () => {
    const { call, item, portal } = createPortal();
    await call('crm.item.update', { entityTypeId: 2, id: DEAL, fields: { contactIds: [2, 3], companyId: 2 } });
    portal.configure({ merge: { entity: 'contact', winner: 1, losers: [2], user: 'petrov' } });
    portal.configure({ merge: { entity: 'company', winner: 1, losers: [2] } });
    expect(await item(2, DEAL)).toMatchObject({ contactIds: [1, 3], contactId: 1, companyId: 1 });
    expect((await item(3, 1)).updatedBy).toBe(12);
  });

  it('is refused with a sentence when it makes no sense', () => {
    const { portal } = createPortal();
    const merge = (more: object) => () => portal.configure({ merge: { entity: 'deal', winner: DEAL, ...more } });
    expect(merge({ losers: [DEAL] })).toThrow('cannot be a loser too');
    expect(merge({ losers: [99] })).toThrow('no deal with the id 99');
    expect(merge({ losers: [] })).toThrow('Bitrix24 settings');
    expect(merge({ losers: [7002], user: 'nobody' })).toThrow('no person "nobody"');
  });
});

describe('the recycle bin of the sandbox portal', () => {
  it('gives an item back under its old id, or in the other variant a new one', async () => {
    for (const [variant, id] of [
      ['A', 7007],
      ['B', 7002],
    ] as const) {
      const { call, clock, events, item, portal } = createPortal();
      portal.configure({ webhooks: { url: 'https://sync.example/hook' }, variants: { 'recycle-restore': variant } });
      const before = await item(2, 7002);
      portal.edit({ op: 'delete', in: 'deal', id: '7002' });
      expect((await call('crm.item.get', { entityTypeId: 2, id: 7002 })).body.error).toBe('NOT_FOUND');
      portal.configure({ restore: { entity: 'deal', id: 7002 } });
      expect(await item(2, id)).toEqual({ ...before, id });
      await clock.runUntilIdle();
      const told = events().map((event) => `${event.event} ${event['data[FIELDS][ID]']}`);
      expect(told).toEqual(['ONCRMDEALDELETE 7002', `ONCRMDEALADD ${id}`]);
      const { items } = (await call('crm.item.list', { entityTypeId: 2, select: ['id'], start: -1 })).body.result;
      const ids = items.map((one: { id: number }) => one.id);
      expect(ids).toEqual([...ids].sort());
    }
  });

  it('has nothing that was never deleted', () => {
    const { portal } = createPortal();
    const restore = () => portal.configure({ restore: { entity: 'deal', id: DEAL } });
    expect(restore).toThrow('no deal with the id 7001 in the recycle bin');
  });
});
