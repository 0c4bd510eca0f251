// What the documentation leaves open: the connector reads either form of each. And the portal at its limits.
import { expect, test } from 'vitest';
import type { Connector } from '../../../../src/connectors/connector.ts';
import type { Fields, Scope } from '../../../../src/model.ts';
import { collect, createTestPortal, idsOf, LIVE, type TestPortal } from '../../../support/bitrix-connection.ts';

const MARKER = { key: 'issue-10001', tenant: 'cloud-1' };

async function purchases(connector: Connector): Promise<Scope> {
  const { scope } = await connector.describe({ entity: 'deal', where: { category: 'Закупки' } }, LIVE);
  if (scope === null) throw new Error('no scope');
  return scope;
}

async function roundTrip({ connector }: TestPortal): Promise<void> {
  const scope = await purchases(connector);
  const values: Fields = {
    title: 'Насос',
    categoryId: '9',
    closedate: '2026-12-31',
    opportunity: { amount: '99.5', currency: 'EUR' },
    ufCrm_1747309871: '81',
    ufCrm_1747309872: ['a', 'б'],
    ufCrm_1747309874: '2026-01-01',
    ufCrm_1747309875: false,
    ufCrm_1747309876: '2026-11-20T22:30:00.000Z',
    ufCrm_1747309879: '1',
  };
  const names = Object.keys(values);
  const created = await connector.create(scope, values, MARKER, names, LIVE);
  expect(created.fields).toEqual(values);
  const patch: Fields = { closedate: '2027-01-31', ufCrm_1747309872: ['в'], ufCrm_1747309871: null };
  const written = await connector.update(scope, created.ref.id, patch, {}, names, LIVE);
  expect(written.record.fields).toEqual({ ...values, ...patch });
  expect(written.before).toMatchObject({ closedate: '2026-12-31', ufCrm_1747309871: '81' });
  const listed = (await collect(connector.changes(scope, null, names, LIVE))).flatMap(({ records }) => records);
  expect(listed.find(({ ref }) => ref.id === created.ref.id)?.fields).toEqual({ ...values, ...patch });
}

test.each([
  {},
  { 'date-shift': 'B' },
  { 'item-enum-type': 'B' },
  { 'item-upper-name': 'A' },
  { 'list-start-minus-one': 'B' },
  { 'list-start-unaligned': 'B' },
  { 'item-noop-update': 'B' },
  { 'batch-numeric-keys': 'B' },
  { 'date-shift': 'B', 'item-enum-type': 'B', 'list-start-minus-one': 'B' },
])('values survive the way there and back with %o', async (variants) => {
  for (const portalOffset of ['+03:00', '-05:00', '+00:00']) {
    const portal = createTestPortal();
    portal.sandbox.configure({ variants, portalOffset });
    await roundTrip(portal);
  }
});

test.each(['A', 'B'])('operating time runs out and comes back, told in form %s', async (form) => {
  const { connector, sandbox, clock } = createTestPortal({ limits: 'real' });
  const scope = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  sandbox.configure({
    variants: { 'batch-operating-limit': form },
    operatingSeconds: { 'crm.item.update': 300, '*': 0.01 },
  });
  const write = (title: string) => connector.update(scope, id, { title }, {}, ['title'], LIVE);
  await write('a');
  await write('b');
  const refused = await write('c').then(
    () => null,
    (error: Error & { retryAt?: number }) => error,
  );
  expect(refused).toMatchObject({ name: 'RateLimitedError' });
  expect((await connector.read(scope, id, ['title'], LIVE))?.fields.title).toBe('b');
  await clock.advance(11 * 60_000);
  expect((await write('d')).record.fields.title).toBe('d');
});

test('a thousand asks under real limits are never refused', async () => {
  const { connector, clock } = createTestPortal({ deals: 500, limits: 'real' });
  const scope = await clock.until(purchases(connector));
  const ids = (await clock.until(idsOf(connector, scope))).slice(0, 300);
  const started = clock.now();
  const reads = ids.map((id) => connector.read(scope, id, ['title'], { lane: 'bulk' }));
  const writes = ids.map((id) => connector.update(scope, id, { title: `№ ${id}` }, {}, ['title'], { lane: 'bulk' }));
  const done = await clock.until(Promise.all([...reads, ...writes]));
  expect(done).toHaveLength(2 * ids.length);
  expect(connector.usage()).toMatchObject({ limited: 0, failures: 0 });
  expect(clock.now() - started).toBeLessThan(60_000);
});

test('two connections that share one budget slow down instead of failing', async () => {
  const { connector, connect, clock } = createTestPortal({ deals: 60, limits: 'real' });
  const scope = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  const others = [connector, ...Array.from({ length: 4 }, () => connect())];
  const asks: Promise<unknown>[] = [];
  for (const one of others)
    for (let at = 0; at < 25; at += 1) asks.push(one.people(LIVE).then(() => one.read(scope, id, [], LIVE)));
  await clock.until(Promise.all(asks));
  const limited = others.reduce((sum, one) => sum + one.usage().limited, 0);
  expect(limited).toBeGreaterThan(0);
});

test('a renamed portal is followed', async () => {
  const { connector, sandbox, sent } = createTestPortal();
  const scope = await purchases(connector);
  const [id = ''] = await idsOf(connector, scope);
  sandbox.configure({ rename: { oldHost: 'nordhafen.bitrix24.example', newUrl: 'https://pumps.bitrix24.example' } });
  const written = await connector.update(scope, id, { title: 'x' }, {}, ['title', 'url'], LIVE);
  expect(written.record.fields).toEqual({ title: 'x', url: `https://pumps.bitrix24.example/crm/deal/details/${id}/` });
  const before = sent.length;
  await connector.read(scope, id, ['title'], LIVE);
  expect(sent.length - before).toBe(1);
});

test('events of the portal are believed with their token and point at the record', async () => {
  const { connect, sandbox, clock, events } = createTestPortal();
  const { applicationToken, memberId } = sandbox.credentials;
  const connector = connect({ 'application-token': applicationToken, 'member-id': memberId });
  sandbox.configure({ webhooks: [{ url: 'https://sync.nordhafen.example/hooks/bitrix24' }] });
  const { id } = sandbox.edit({ op: 'create', in: 'deal', fields: { title: 'Насос' } });
  sandbox.edit({ op: 'delete', in: 'deal', id });
  await clock.advance(5000);
  const verdicts = events.map(({ headers, body }) => {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return connector.receive?.({ headers: lower, body: new TextEncoder().encode(body) }, clock.now());
  });
  expect(verdicts).toMatchObject([
    { accepted: true, hints: [{ entity: 'deal', id, kind: 'changed' }] },
    { accepted: true, hints: [{ entity: 'deal', id, kind: 'deleted' }] },
  ]);
  const forged = events[0]?.body.replace(applicationToken, 'f'.repeat(applicationToken.length)) ?? '';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(connector.receive?.({ headers, body: new TextEncoder().encode(forged) }, 0)).toMatchObject({
    accepted: false,
  });
});

test('a revoked webhook is an AuthError wherever it is noticed', async () => {
  const { connector, sandbox } = createTestPortal();
  const scope = await purchases(connector);
  for (const revokeToken of ['401', '403']) {
    sandbox.configure({ revokeToken });
    for (const work of [
      connector.identify(LIVE),
      connector.people(LIVE),
      connector.read(scope, '1', ['title'], LIVE),
      collect(connector.changes(scope, null, ['title'], LIVE)),
      connector.update(scope, '1', { title: 'x' }, {}, ['title'], LIVE),
      connector.describe({ entity: 'deal' }, LIVE),
    ]) {
      await expect(work).rejects.toMatchObject({ name: 'AuthError' });
    }
  }
});

test.each(['lead', 'contact', 'company'])('a %s is created, found by its key and changed', async (entity) => {
  const { connector } = createTestPortal();
  const { scope, problems } = await connector.describe({ entity }, LIVE);
  expect(problems).toEqual([]);
  if (scope === null) return;
  const name = entity === 'contact' ? 'lastName' : 'title';
  const created = await connector.create(scope, { [name]: 'Ильин' }, MARKER, [name], LIVE);
  expect(created).toMatchObject({ fields: { [name]: 'Ильин' }, marker: MARKER, inScope: true });
  const written = await connector.update(scope, created.ref.id, { [name]: 'Ильина' }, {}, [name], LIVE);
  expect(written).toMatchObject({ before: { [name]: 'Ильин' }, record: { fields: { [name]: 'Ильина' } } });
  expect(await connector.findByKey(scope, MARKER.key, [name], LIVE)).toHaveLength(1);
});
