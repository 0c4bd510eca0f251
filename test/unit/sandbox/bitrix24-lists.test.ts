import { describe, expect, it } from 'vitest';
import { BUYER, COUNTRIES, createPortal, DEAL, DISTRIBUTOR, TAGS, URGENT } from '../../support/bitrix-portal.ts';

function listing(deals = 5) {
  const made = createPortal({ deals });
  const list = (params: object) => made.call('crm.item.list', { entityTypeId: 2, select: ['id'], ...params });
  const ids = async (filter: unknown, more: object = {}) =>
    (await list({ filter, ...more })).body.result.items.map((item: { id: number }) => item.id);
  return { ...made, list, ids };
}

describe('pages of crm.item.list in the sandbox portal', () => {
  it('holds 50 rows and names the next offset and the total', async () => {
    const { list } = listing(117);
    const first = (await list({})).body;
    expect([first.result.items.length, first.next, first.total]).toEqual([50, 50, 120]);
    const last = (await list({ start: '100' })).body;
    expect([last.result.items.length, last.next, last.total]).toEqual([20, undefined, 120]);
  });

  it('takes an odd offset as it is, or floors it in the other variant', async () => {
    const { list, portal } = listing(117);
    expect((await list({ start: 7 })).body.next).toBe(57);
    portal.configure({ variants: { 'list-start-unaligned': 'B' } });
    expect((await list({ start: 7 })).body.next).toBe(50);
  });

  it('counts nothing and names no next page with start -1', async () => {
    const { list, portal } = listing(117);
    const keyset = { start: -1, order: { id: 'ASC' }, filter: { '>id': DEAL + 99 } };
    const page = (await list(keyset)).body;
    expect(page.result.items).toHaveLength(20);
    expect([page.total, page.next]).toEqual([0, undefined]);
    portal.configure({ variants: { 'list-start-minus-one': 'B' } });
    expect((await list(keyset)).body).not.toHaveProperty('total');
  });

  it('walks everything once by keyset', async () => {
    const { list } = listing(117);
    const seen: number[] = [];
    for (let last = 0; ; ) {
      const { items } = (await list({ start: -1, order: { id: 'ASC' }, filter: { '>id': last } })).body.result;
      for (const item of items) seen.push(item.id);
      if (items.length < 50) break;
      last = items.at(-1).id;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => DEAL + index));
  });
});

describe('filters of crm.item.list in the sandbox portal', () => {
  it('knows the documented prefixes', async () => {
    const { ids } = listing();
    const cases: [object, number[]][] = [
      [{ id: DEAL }, [7001]],
      [{ '=id': String(DEAL) }, [7001]],
      [{ '@id': [DEAL + 1, DEAL, 99] }, [7001, 7002]],
      [{ '!@id': [7001, 7002, 7003, 7004, 7005, 7006] }, [7007, 7008]],
      [{ '>opportunity': 4000, '<opportunity': 250000 }, [7005]],
      [{ '>=opportunity': 4000, '<=opportunity': 5000 }, [7004, 7005]],
      [{ '%title': 'закупка' }, [7001, 7002, 7003, 7004, 7005]],
      [{ '!%title': 'закупка' }, [7006, 7007, 7008]],
      [{ '=%title': '%ка 3' }, [7003]],
      [{ '%=title': 'Закупка%', '!=%title': '%5' }, [7001, 7002, 7003, 7004]],
      [{ '=title': 'ЗАКУПКА 2' }, [7002]],
      [{ '!=categoryId': 9 }, [7006, 7007, 7008]],
      [{ '!stageId': ['C9:PREPARATION', 'NEW'] }, []],
      [{ stageId: ['NEW'] }, [7006, 7007, 7008]],
    ];
    for (const [filter, expected] of cases) expect([filter, await ids(filter)]).toEqual([filter, expected]);
  });

  it('nests groups with their own logic', async () => {
    const { ids } = listing();
    const either = { logic: 'OR', 0: { '=title': 'Закупка 1' }, 1: { '>=opportunity': 5000, categoryId: 9 } };
    expect(await ids({ 0: either })).toEqual([7001, 7005]);
    expect(await ids([either, { '!id': 7001 }])).toEqual([7005]);
  });

  it('finds user fields by option, text of a set, person and nothing', async () => {
    const { ids } = listing();
    expect(await ids({ [`=${DISTRIBUTOR}`]: 81 })).toEqual([7001]);
    expect(await ids({ [`=${TAGS}`]: 'насосы' })).toEqual([7001]);
    expect(await ids({ [`=${DISTRIBUTOR}`]: null, '<id': 7003 })).toEqual([7002]);
    expect(await ids({ [`!=${BUYER}`]: 12, [`=${COUNTRIES}`]: '', '=id': 7004 })).toEqual([7004]);
  });

  it('finds a flag of a user field by 1 and 0, never by Y', async () => {
    const { ids } = listing();
    expect(await ids({ [URGENT]: 1 })).toEqual([7001]);
    expect(await ids({ [URGENT]: 'Y' })).not.toContain(7001);
    expect(await ids({ isNew: 'Y' })).toEqual([7006, 7007, 7008]);
  });

  it('compares times as instants and dates as days', async () => {
    const { ids, call } = listing();
    await call('crm.item.update', { entityTypeId: 2, id: 7003, fields: { title: 'Новая' } });
    expect(await ids({ '>=updatedTime': '2026-11-18T07:15:00+00:00' })).toEqual([7003]);
    expect(await ids({ '>=updatedTime': '2026-11-18T10:15:00' })).toEqual([7003]);
    expect(await ids({ '>updatedTime': '2026-11-18T10:15:00+03:00' })).toEqual([]);
    expect(await ids({ '=closedate': '2026-12-01', '<id': 7003 })).toEqual([7001, 7002]);
  });

  it('finds a record by its external key', async () => {
    const { call, ids } = listing();
    const fields = { originatorId: 'jira:acme', originId: 'issue-10023' };
    const { item } = (await call('crm.item.add', { entityTypeId: 2, fields })).body.result;
    const key = { '=originatorId': 'jira:acme', '=originId': 'Issue-10023' };
    expect(await ids(key)).toEqual([item.id]);
    expect(await ids({ ...key, '=originatorId': 'jira:other' })).toEqual([]);
    await call('crm.item.update', { entityTypeId: 2, id: 7002, fields });
    expect(await ids(key)).toEqual([7002, item.id]);
    await call('crm.item.update', { entityTypeId: 2, id: 7002, fields: { originId: 'issue-2' } });
    await call('crm.item.delete', { entityTypeId: 2, id: item.id });
    expect(await ids(key)).toEqual([]);
    expect(await ids({ originId: 'issue-2' })).toEqual([7002]);
  });

  it('refuses unknown fields and unreadable values in English', async () => {
    const { list } = listing();
    const texts = [];
    for (const params of [
      { filter: { jiraKey: 1 } },
      { filter: { '>=updatedTime': 'вчера' } },
      { order: { ufCrm_1: 'ASC' } },
      { order: { id: 'UP' } },
      { filter: { fm: 1 } },
    ]) {
      const { status, body } = await list(params);
      expect([status, body.error]).toEqual([400, 'INVALID_ARG_VALUE']);
      texts.push(body.error_description);
    }
    expect(texts).toEqual([
      "Invalid filter: field 'jiraKey' is not allowed in filter",
      "Invalid filter: field 'updatedTime' has invalid value",
      "Invalid order: field 'ufCrm_1' is not allowed in order",
      "Invalid order: allowed sort directions are ASC, DESC. But got 'UP' for field 'id'",
      "Invalid filter: field 'fm' is not allowed in filter",
    ]);
  });
});

describe('order and select of crm.item.list in the sandbox portal', () => {
  it('sorts by several fields, nothing first', async () => {
    const { ids } = listing();
    expect(await ids({ '<id': 7004 }, { order: { opportunity: 'desc' } })).toEqual([7003, 7002, 7001]);
    expect(await ids({ '<id': 7004 }, { order: { [DISTRIBUTOR]: 'ASC', id: 'ASC' } })).toEqual([7002, 7003, 7001]);
  });

  it('answers only what is selected and ignores unknown names', async () => {
    const { list } = listing();
    const { items } = (await list({ select: ['title', 'nope', 'fm'], filter: { id: DEAL } })).body.result;
    expect(items).toEqual([{ id: DEAL, title: 'Закупка 1' }]);
  });

  it('shows phones with the star only', async () => {
    const { call } = listing();
    const contact = async (select: string[]) =>
      (await call('crm.item.list', { entityTypeId: 3, filter: { id: 1 }, select })).body.result.items[0];
    expect((await contact(['*'])).fm).toHaveLength(1);
    expect(await contact(['fm', 'name'])).toEqual({ id: 1, name: 'Пётр' });
  });

  it('loses the system fields with original names and select, as portals do', async () => {
    const { list, portal } = listing();
    const params = { useOriginalUfNames: 'Y', filter: { id: DEAL } };
    expect((await list({ ...params, select: ['id', 'title'] })).body.result.items).toEqual([[]]);
    const some = await list({ ...params, select: ['id', 'UF_CRM_1747309871'] });
    expect(some.body.result.items).toEqual([{ UF_CRM_1747309871: 81 }]);
    portal.configure({ variants: { 'item-original-uf-names-bug': 'B' } });
    expect((await list({ ...params, select: ['title'] })).body.result.items).toEqual([
      { id: DEAL, title: 'Закупка 1' },
    ]);
  });
});

describe('rights in the sandbox portal', () => {
  it('leaves hidden items out of lists and denies them by id', async () => {
    const { call, ids, portal } = listing();
    portal.configure({ hiddenItems: { deal: [7001] } });
    expect(await ids({ '<id': 7003 })).toEqual([7002]);
    for (const method of ['crm.item.get', 'crm.item.delete', 'crm.item.update']) {
      const { status, body } = await call(method, { entityTypeId: 2, id: 7001, fields: { title: 'x' } });
      expect([status, body.error]).toEqual([400, 'ACCESS_DENIED']);
    }
  });

  it('denies an entity, or shows it empty', async () => {
    const { list, portal } = listing();
    portal.configure({ denyEntity: { deal: 'denied' } });
    expect((await list({})).body.error).toBe('ACCESS_DENIED');
    portal.configure({ denyEntity: { deal: 'empty' } });
    expect((await list({})).body).toMatchObject({ result: { items: [] }, total: 0 });
  });
});
