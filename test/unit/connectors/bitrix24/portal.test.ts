// The connector in front of the sandbox portal: what a caller sees, and what it costs in requests.
import { expect, test } from 'vitest';
import type { Connector } from '../../../../src/connectors/connector.ts';
import { RejectedError, StaleError } from '../../../../src/errors.ts';
import type { FieldSchema, Scope } from '../../../../src/model.ts';
import { createScriptedPortal, createTestPortal, idsOf, LIVE, PORTAL_URL } from '../../../support/bitrix-connection.ts';

async function purchases(connector: Connector): Promise<{ scope: Scope; fields: readonly FieldSchema[] }> {
  const { scope, fields, problems } = await connector.describe(
    { entity: 'deal', where: { category: 'Закупки' } },
    LIVE,
  );
  expect(problems).toEqual([]);
  if (scope === null) throw new Error('no scope');
  return { scope, fields };
}

const idOf = (fields: readonly FieldSchema[], label: string) => fields.find((field) => field.label === label)?.id ?? '';
const MARKER = { key: 'issue-10001', tenant: 'cloud-1' };

test('tells who the webhook is, what it lacks and the time of the portal', async () => {
  const { connector, sandbox, clock, sent } = createTestPortal({ options: { 'member-id': 'm-1' } });
  const account = await connector.identify(LIVE);
  expect(account).toMatchObject({ name: 'Sync Daemon', tenant: 'm-1', missing: [] });
  expect(Math.abs(account.serverTime - clock.now())).toBeLessThan(1000);
  expect(sent).toHaveLength(1);
  sandbox.configure({ scopes: ['crm'] });
  const { missing } = await connector.identify(LIVE);
  expect(missing.map(({ message }) => message)).toEqual([expect.stringContaining('scope user')]);
});

test('describes a pipeline with labels, types, aliases and options in two or three requests', async () => {
  const { connector, sent } = createTestPortal();
  const { scope, fields } = await purchases(connector);
  expect(sent.length).toBeLessThanOrEqual(3);
  expect(scope.query).toEqual({ where: [{ field: 'categoryId', anyOf: ['9'] }] });
  const by = (id: string) => fields.find((field) => field.id === id);
  expect(by('stageId')).toMatchObject({ type: 'status', aliases: expect.arrayContaining(['stage']) });
  expect(by('stageId')?.options?.[0]).toEqual({ id: 'C9:NEW', label: 'Черновик' });
  expect(by('stageId')?.options).toHaveLength(6);
  expect(by('opportunity')).toMatchObject({ type: 'money' });
  expect(by('comments')).toMatchObject({ type: 'rich-text' });
  expect(by('createdTime')).toMatchObject({ type: 'datetime', writableOnCreate: false, writableOnUpdate: false });
  const labelled = (label: string) => fields.find((field) => field.label === label);
  expect(labelled('Дистрибьютор по сделке')).toMatchObject({ type: 'enum' });
  expect(labelled('Дистрибьютор по сделке')?.options?.map(({ label }) => label)).toContain('Hydrotech');
  expect(labelled('Метки')).toMatchObject({ type: 'set', items: 'text' });
  expect(labelled('Страны')).toMatchObject({ type: 'set', items: 'enum' });
  expect(labelled('Закупщик')).toMatchObject({ type: 'user' });
  expect(labelled('Бюджет')).toMatchObject({ type: 'money' });
  expect(labelled('Согласовано')).toMatchObject({ type: 'datetime' });
});

test('without a pipeline every stage is offered under a name of its own', async () => {
  const { connector } = createTestPortal();
  const { fields } = await connector.describe({ entity: 'deal' }, LIVE);
  const options = fields.find((field) => field.id === 'stageId')?.options ?? [];
  expect(options.map(({ id }) => id)).toEqual(expect.arrayContaining(['NEW', 'C9:NEW']));
  expect(new Set(options.map(({ label }) => label)).size).toBe(options.length);
});

test('asks for the labels of user fields where the field list shows none', async () => {
  const descriptor = { type: 'string', isDynamic: true, title: 'UF_CRM_9', upperName: 'UF_CRM_9' };
  const { connector } = createScriptedPortal(({ method, commands }) => {
    if (method === 'crm.item.fields') return { result: { fields: { ufCrm_9: descriptor } } };
    const row = (command: string) => ({
      FIELD_NAME: 'UF_CRM_9',
      EDIT_FORM_LABEL: command.includes('[LANG]=ru') ? 'Номер договора' : 'Contract number',
      LIST_COLUMN_LABEL: null,
    });
    return { result: { result: Object.fromEntries(commands.map((command, at) => [`p${at}`, [row(command)]])) } };
  });
  const { fields } = await connector.describe({ entity: 'lead' }, LIVE);
  expect(fields.find(({ id }) => id === 'ufCrm_9')).toMatchObject({
    label: 'Номер договора',
    aliases: ['Contract number', 'UF_CRM_9'],
  });
});

test('names the nearest field and value where a scope is mistyped', async () => {
  const { connector } = createTestPortal();
  const wrong = await connector.describe({ entity: 'deal', where: { categry: 'Закупки', stage: 'Новя' } }, LIVE);
  expect(wrong.scope).toBeNull();
  expect(wrong.problems).toMatchObject([
    { path: ['where', 'categry'], cure: expect.stringContaining('"category"') },
    { path: ['where', 'stage'], cure: expect.stringContaining('Новая') },
  ]);
  const unknown = await connector.describe({ entity: 'smart/Поставки' }, LIVE);
  expect(unknown.problems).toMatchObject([
    { path: ['entity'], message: expect.stringContaining('not in this version') },
  ]);
});

test('creates with the marker inside the call and reads it back by key', async () => {
  const { connector, sent } = createTestPortal();
  const { scope, fields } = await purchases(connector);
  const names = {
    distributor: idOf(fields, 'Дистрибьютор по сделке'),
    tags: idOf(fields, 'Метки'),
    countries: idOf(fields, 'Страны'),
    urgent: idOf(fields, 'Срочно'),
    approved: idOf(fields, 'Согласовано'),
    budget: idOf(fields, 'Бюджет'),
  };
  const country = fields.find(({ id }) => id === names.countries)?.options?.map(({ id }) => id) ?? [];
  const distributor = fields.find(({ id }) => id === names.distributor)?.options?.[1]?.id ?? null;
  const values = {
    title: 'Насос НП-4 & уплотнения',
    stageId: 'C9:NEW',
    categoryId: '9',
    opportunity: { amount: '125000.5', currency: 'EUR' },
    closedate: '2026-12-31',
    [names.distributor]: distributor,
    [names.tags]: ['срочно', 'q4=план'],
    [names.countries]: [...country.slice(0, 2)].sort(),
    [names.urgent]: true,
    [names.approved]: '2026-11-20T08:30:00.000Z',
    [names.budget]: { amount: '90', currency: 'USD' },
  };
  const before = sent.length;
  let announced = 0;
  const created = await connector.create(scope, values, MARKER, Object.keys(values), {
    ...LIVE,
    onSend: async () => {
      announced += 1;
    },
  });
  expect(sent.slice(before).map(({ method }) => method)).toEqual(['crm.item.add']);
  expect(announced).toBe(1);
  expect(created.fields).toEqual({ ...values, [names.tags]: ['q4=план', 'срочно'] });
  expect(created.marker).toEqual(MARKER);
  expect(created.inScope).toBe(true);
  expect(created.url).toBe(`${PORTAL_URL}/crm/deal/details/${created.ref.id}/`);
  const found = await connector.findByKey(scope, MARKER.key, ['title'], LIVE);
  expect(found.map(({ ref }) => ref.id)).toEqual([created.ref.id]);
});

test('keeps a date empty that the portal would fill in', async () => {
  const { connector } = createTestPortal();
  const { scope } = await purchases(connector);
  const values = { title: 'Без срока', categoryId: '9', closedate: null };
  const created = await connector.create(scope, values, MARKER, ['closedate'], LIVE);
  expect(created.fields).toEqual({ closedate: null });
});

test('an update is one request and tells what stood there before', async () => {
  const { connector, sandbox, sent } = createTestPortal();
  const { scope } = await purchases(connector);
  const deal = await connector.create(scope, { title: 'Фильтр', categoryId: '9' }, MARKER, ['title'], LIVE);
  sandbox.edit({ op: 'update', in: 'deal', id: deal.ref.id, user: 'Anna Weber', fields: { title: 'Фильтр тонкий' } });
  const before = sent.length;
  const patch = { title: 'Фильтр грубый', stageId: 'C9:EXECUTING', opportunity: { amount: '10', currency: 'RUB' } };
  const written = await connector.update(scope, deal.ref.id, patch, { title: 'Фильтр' }, Object.keys(patch), LIVE);
  expect(sent.slice(before).map(({ commands }) => commands.map((one) => one.split('?')[0]))).toEqual([
    ['crm.item.get', 'crm.item.update', 'crm.item.get'],
  ]);
  expect(written.before).toEqual({ title: 'Фильтр тонкий', stageId: 'C9:NEW', opportunity: null });
  expect(written.record.fields).toEqual(patch);
  expect(written.record.version).not.toBe(deal.version);
});

const UPDATED = ['crm.item.get', 'crm.item.update', 'crm.item.get'];

test.each([
  ['in the bracket', 'A', [UPDATED]],
  ['in plain JSON where a portal ignores an empty member', 'B', [UPDATED, []]],
] as const)('empties a multiple field %s', async (_name, variant, requests) => {
  const { connector, sandbox, sent } = createTestPortal();
  sandbox.configure({ variants: { 'multiple-empty-member': variant } });
  const { scope, fields } = await purchases(connector);
  const tags = idOf(fields, 'Метки');
  const note = idOf(fields, 'Примечание');
  const values = { title: 'Насос', categoryId: '9', [tags]: ['a'] };
  const deal = await connector.create(scope, values, MARKER, [tags], LIVE);
  sandbox.edit({ op: 'update', in: 'deal', id: deal.ref.id, user: 'Anna Weber', fields: { Примечание: 'утром' } });
  const before = sent.length;
  const patch = { [tags]: null, [note]: 'вечером' };
  const written = await connector.update(scope, deal.ref.id, patch, {}, [tags, note], LIVE);
  const commands = sent.slice(before).map((one) => one.commands.map((command) => command.split('?')[0]));
  expect(commands).toEqual(requests);
  expect(written).toMatchObject({ before: { [tags]: ['a'], [note]: 'утром' }, record: { fields: patch } });
});

test('names the field that is refused beside one that is emptied', async () => {
  const { connector } = createTestPortal();
  const { scope, fields } = await purchases(connector);
  const [tags, buyer] = [idOf(fields, 'Метки'), idOf(fields, 'Закупщик')];
  const values = { title: 'Насос', categoryId: '9', [tags]: ['a'] };
  const deal = await connector.create(scope, values, MARKER, [tags], LIVE);
  const update = connector.update(scope, deal.ref.id, { [tags]: null, [buyer]: '4711' }, {}, [tags], LIVE);
  await expect(update).rejects.toMatchObject({ name: 'RejectedError', field: buyer });
});

test('writes what a query string would twist in plain JSON, and the rest within the bracket', async () => {
  const { connector, sandbox, sent } = createTestPortal();
  const { scope, fields } = await purchases(connector);
  const note = idOf(fields, 'Примечание');
  const deal = await connector.create(scope, { title: 'Насос', categoryId: '9' }, MARKER, [note], LIVE);
  sandbox.edit({ op: 'update', in: 'deal', id: deal.ref.id, user: 'Anna Weber', fields: { title: 'Насос 2' } });
  const before = sent.length;
  const patch = { title: 'Фильтр', [note]: '$result[p0]' };
  const written = await connector.update(scope, deal.ref.id, patch, { title: 'Насос' }, ['title', note], LIVE);
  expect(sent.slice(before).map(({ method }) => method)).toEqual(['batch', 'crm.item.update']);
  expect(written).toMatchObject({ before: { title: 'Насос 2', [note]: null }, record: { fields: patch } });
});

test('hundreds of reads and writes asked at once leave in batches', async () => {
  const { connector, clock, sent } = createTestPortal({ deals: 120 });
  const { scope } = await purchases(connector);
  const ids = (await idsOf(connector, scope)).slice(0, 100);
  const before = sent.length;
  const reads = Promise.all(ids.map((id) => connector.read(scope, id, ['title'], LIVE)));
  const records = await clock.until(reads);
  expect(records.map((record) => record?.ref.id)).toEqual(ids);
  expect(sent.slice(before).map(({ commands }) => commands.length)).toEqual([50, 50]);
  const at = sent.length;
  const writes = ids.slice(0, 25).map((id) => connector.update(scope, id, { title: `№ ${id}` }, {}, ['title'], LIVE));
  const written = await clock.until(Promise.all(writes));
  expect(written.map(({ record }) => record.fields.title)).toEqual(ids.slice(0, 25).map((id) => `№ ${id}`));
  expect(sent.slice(at).map(({ commands }) => commands.length)).toEqual([30, 30, 15]);
});

test('equal reads share one command, and a lone read is a plain call', async () => {
  const { connector, sent } = createTestPortal();
  const { scope } = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  const before = sent.length;
  await Promise.all([connector.read(scope, id, ['title'], LIVE), connector.read(scope, id, ['closedate'], LIVE)]);
  expect(sent.slice(before).map(({ method }) => method)).toEqual(['crm.item.get']);
});

test('a record that is gone or hidden reads as null, and writing to it is stale', async () => {
  const { connector, sandbox } = createTestPortal();
  const { scope } = await purchases(connector);
  const [gone = '', hidden = ''] = await idsOf(connector, scope);
  sandbox.edit({ op: 'delete', in: 'deal', id: gone });
  sandbox.configure({ hiddenItems: { deal: [Number(hidden)] } });
  expect(await connector.read(scope, gone, ['title'], LIVE)).toBeNull();
  expect(await connector.read(scope, hidden, ['title'], LIVE)).toBeNull();
  await expect(connector.update(scope, gone, { title: 'x' }, {}, ['title'], LIVE)).rejects.toBeInstanceOf(StaleError);
});

test('names the field that the portal refuses, and refuses fields that it would ignore', async () => {
  const { connector, sandbox } = createTestPortal();
  const { scope } = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  const wrong = connector.update(scope, id, { title: 'ok', assignedById: '99999' }, {}, ['title'], LIVE);
  await expect(wrong).rejects.toMatchObject({ name: 'RejectedError', field: 'assignedById', side: 'crm' });
  const unknown = connector.update(scope, id, { ufCrmGone: 'x' }, {}, [], LIVE);
  await expect(unknown).rejects.toMatchObject({ name: 'RejectedError', field: 'ufCrmGone' });
  sandbox.configure({ denyStageChange: true });
  const stage = connector.update(scope, id, { stageId: 'C9:LOSE', title: 'z' }, {}, [], LIVE);
  await expect(stage).rejects.toMatchObject({ name: 'RejectedError', field: 'stageId' });
});

test('stamps a record once and leaves the mark of another system alone', async () => {
  const { connector, sandbox, sent } = createTestPortal();
  const { scope } = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  const stamped = await connector.stamp(scope, id, MARKER, ['title'], LIVE);
  expect(stamped.marker).toEqual(MARKER);
  const before = sent.length;
  expect((await connector.stamp(scope, id, MARKER, ['title'], LIVE)).marker).toEqual(MARKER);
  expect(sent.slice(before).map(({ method }) => method)).toEqual(['crm.item.get']);
  sandbox.configure({ foreignOriginators: { every: 1, originatorId: '1C' } });
  const taken = connector.stamp(scope, id, MARKER, ['title'], LIVE);
  await expect(taken).rejects.toBeInstanceOf(RejectedError);
  await expect(taken).rejects.toThrow(/1C/);
});

test('lists all people page by page', async () => {
  const { connector } = createTestPortal();
  const people = await connector.people(LIVE);
  const names = people.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Irina Ivanova', 'Павел Смирнов']));
  expect(people.find(({ name }) => name === 'Irina Ivanova')).toMatchObject({
    email: 'ivanova@nordhafen.example',
    active: true,
  });
});

test('a record that left the pipeline reads as out of scope', async () => {
  const { connector, sandbox } = createTestPortal();
  const { scope } = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  sandbox.edit({ op: 'update', in: 'deal', id, fields: { categoryId: 0, stageId: 'NEW' } });
  expect(await connector.read(scope, id, ['title'], LIVE)).toMatchObject({ inScope: false });
});
