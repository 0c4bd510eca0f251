// A local application: how it is installed and bound, and what its queue gives.
import { expect, test } from 'vitest';
import type { Delivery } from '../../../../src/connectors/connector.ts';
import { PORTAL_URL } from '../../../support/bitrix-connection.ts';
import { type AppPortal, createAppPortal, HANDLER } from '../../../support/installed-app.ts';

async function bound(): Promise<AppPortal> {
  const portal = createAppPortal();
  await portal.install();
  await portal.subscribe(true);
  await portal.deliver();
  portal.sent.length = 0;
  return portal;
}

function deliveryOf(lines: Readonly<Record<string, string>>): Delivery {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { headers, body: Buffer.from(new URLSearchParams(lines).toString()) };
}

const dealIds = (portal: AppPortal, count: number) =>
  (portal.sandbox.state() as { items: { deal: { id: number }[] } }).items.deal.slice(0, count).map(({ id }) => id);

test('takes in the installation that the portal sends, and believes its events from then on', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ app: { installUrl: HANDLER } });
  expect(await portal.deliver()).toEqual([{ event: 'ONAPPINSTALL', signal: 'installed', accepted: true }]);
  await portal.subscribe();
  await portal.deliver();
  portal.editDeal(String(dealIds(portal, 1)[0]), { title: 'Pumps' });
  expect(await portal.deliver()).toEqual([
    { event: 'ONCRMDEALUPDATE', signal: null, accepted: true },
    { event: 'ONOFFLINEEVENT', signal: 'queue', accepted: true },
  ]);
});

test('does not believe an installation whose token is worth nothing', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ app: {} });
  const forged = deliveryOf({
    event: 'ONAPPINSTALL',
    'auth[refresh_token]': 'f'.repeat(32),
    'auth[access_token]': 'a'.repeat(32),
    'auth[application_token]': 'forged-token',
    'auth[server_endpoint]': 'https://evil.example/rest/',
    'auth[client_endpoint]': 'https://evil.example/rest/',
    'auth[member_id]': portal.sandbox.credentials.memberId,
  });
  expect(await portal.connector.events.takeIn?.(forged)).toBeNull();
  expect(portal.connector.receive?.(forged, 0)).toMatchObject({ accepted: false });
  expect(portal.vault.kept.size).toBe(0);
});

test('does not ask the vendor about every forged installation', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ app: {} });
  for (let sent = 0; sent < 200; sent += 1) {
    const lines = { event: 'ONAPPINSTALL', 'auth[refresh_token]': `${sent}`.repeat(9), 'auth[application_token]': 'x' };
    await portal.clock.until(portal.connector.events.takeIn?.(deliveryOf(lines)) as Promise<unknown>);
    await portal.clock.runFor(1_000);
  }
  expect(portal.sent.length).toBeLessThan(10);
  await portal.clock.runFor(300_000);
  await portal.install();
  expect(await portal.connector.events.installation?.installed()).toBe(true);
});

test('sends the secret to no other server than the vendor’s own, whatever a delivery or an answer names', async () => {
  const asked: string[] = [];
  const portal = createAppPortal();
  const { clientId, clientSecret } = portal.sandbox.credentials;
  const vendor = portal.connect({ auth: { 'client-id': clientId, 'client-secret': clientSecret } });
  portal.intercept(async (name, request) => {
    asked.push(request.headers.host ?? '');
    if (!name.includes('/oauth/')) return portal.sandbox.handle(request);
    const tokens = {
      access_token: 'a'.repeat(32),
      refresh_token: 'r'.repeat(32),
      client_endpoint: `${PORTAL_URL}/rest/`,
    };
    const body = JSON.stringify({ ...tokens, server_endpoint: 'https://evil.example/rest/' });
    return { status: 200, headers: {}, body };
  });
  for (const server of ['https://evil.example/rest/', 'https://oauth.bitrix24.tech/rest/', 'not an address', '']) {
    const lines = {
      'auth[refresh_token]': 'r'.repeat(32),
      'auth[application_token]': 'x',
      'auth[server_endpoint]': server,
    };
    await portal.clock.until(
      vendor.events.takeIn?.(deliveryOf({ event: 'ONAPPINSTALL', ...lines })) as Promise<unknown>,
    );
    await vendor.identify({ lane: 'live' }).catch(() => {});
  }
  expect(new Set(asked.filter((host) => !host.startsWith('nordhafen')))).toEqual(
    new Set(['oauth.bitrix.info', 'oauth.bitrix24.tech']),
  );
});

test('does not take the tokens of another portal', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ app: { installUrl: HANDLER } });
  const strict = portal.connect({ 'member-id': 'of-another-portal' });
  expect(await portal.deliver(strict)).toEqual([{ event: 'ONAPPINSTALL', signal: null, accepted: false }]);
  expect(portal.vault.kept.size).toBe(0);
});

test('forgets its tokens when the application is removed', async () => {
  const portal = await bound();
  portal.sandbox.configure({ app: null });
  expect(await portal.deliver()).toEqual([{ event: 'ONAPPUNINSTALL', signal: 'removed', accepted: true }]);
  expect(portal.kept().tokens).toBeNull();
  expect(await portal.connector.events.installation?.installed()).toBe(false);
});

test('gets its tokens for a code as well, and learns the proof of events from the test event', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ app: { installUrl: HANDLER } });
  await portal.clock.runFor(1_000);
  // The callback did not reach us.
  portal.outgoing.length = 0;
  const { pathname: path, searchParams: query } = new URL(portal.connector.events.installation?.codeAddress ?? '');
  const page = await portal.sandbox.handle({ method: 'GET', path, query, headers: {}, body: new Uint8Array() });
  const code = new URL(page.headers.location ?? '').searchParams.get('code') ?? '';
  await portal.clock.until(portal.connector.events.installation?.exchange(code) as Promise<void>);
  expect(portal.kept().applicationToken).toBeNull();
  await portal.subscribe();
  await portal.deliver();
  expect(portal.kept().applicationToken).toBe(portal.sandbox.credentials.applicationToken);
});

test('binds online events and the queue once, and finds all kept the second time', async () => {
  const portal = createAppPortal();
  await portal.install();
  const first = await portal.subscribe(true);
  expect(new Set(first.steps.map(({ done }) => done))).toEqual(new Set(['made']));
  expect(first.missing).toEqual([]);
  const second = await portal.subscribe(true);
  expect(new Set(second.steps.map(({ done }) => done))).toEqual(new Set(['kept']));
});

test('says what it would bind, and binds nothing, when it is only asked for the plan', async () => {
  const portal = createAppPortal();
  await portal.install();
  const planned = await portal.subscribe(true, undefined, true);
  expect(new Set(planned.steps.map(({ done }) => done))).toEqual(new Set(['made']));
  const bound = await portal.subscribe();
  expect(new Set(bound.steps.map(({ done }) => done))).toEqual(new Set(['made']));
  const again = await portal.subscribe(false, undefined, true);
  expect(new Set(again.steps.map(({ done }) => done))).toEqual(new Set(['kept']));
});

test('binds again what a new version of the application dropped', async () => {
  const portal = await bound();
  await portal.install();
  const { steps } = await portal.subscribe();
  expect(steps.filter(({ done }) => done === 'made').length).toBe(steps.length);
});

test('removes bindings to another address only when a person asks', async () => {
  const portal = await bound();
  const moved = 'https://new.example/webhooks/bitrix24';
  await portal.subscribe(false, moved);
  expect((await portal.subscribe(false, moved)).steps.some(({ done }) => done === 'removed')).toBe(false);
  const { steps } = await portal.subscribe(true, moved);
  const removed = steps.filter(({ done }) => done === 'removed').map(({ what }) => what);
  expect(removed.length).toBeGreaterThan(4);
  for (const what of removed) expect(what).toContain(HANDLER);
});

test('goes without the queue where the plan has none, and says so', async () => {
  const portal = createAppPortal();
  portal.sandbox.configure({ plan: 'standard' });
  await portal.install();
  const { steps, remarks } = await portal.subscribe(true);
  expect(steps.some(({ what }) => what.includes('queue'))).toBe(false);
  expect(remarks[0]).toContain('no queue');
  portal.editDeal(String(dealIds(portal, 1)[0]), { title: 'Pumps' });
  expect(await portal.pull()).toEqual([]);
});

test('gives what stands in the queue, and nothing the second time', async () => {
  const portal = await bound();
  for (const id of dealIds(portal, 3)) portal.editDeal(String(id), { title: `Pumps ${id}` });
  await portal.clock.runFor(1_000);
  expect((await portal.pull()).sort()).toEqual(
    dealIds(portal, 3)
      .map((id) => `deal ${id} changed`)
      .sort(),
  );
  expect(await portal.pull()).toEqual([]);
});

test('a portion that was not finished comes again, also in another process', async () => {
  const portal = await bound();
  for (const id of dealIds(portal, 3)) portal.editDeal(String(id), { title: `Pumps ${id}` });
  await portal.clock.runFor(1_000);
  const taken = await portal.pull(() => false);
  expect(taken).toHaveLength(3);
  expect(await portal.pull(() => false)).toEqual(taken);
  const other = portal.connect();
  expect(await portal.pull(() => true, other)).toEqual(taken);
  expect(await portal.pull(() => true, portal.connect())).toEqual([]);
});

test('a portion whose answer got lost comes again', async () => {
  const portal = await bound();
  portal.editDeal(String(dealIds(portal, 1)[0]), { title: 'Pumps' });
  await portal.clock.runFor(1_000);
  portal.intercept(async (name, request) => {
    const answer = await portal.sandbox.handle(request);
    return name === 'event.offline.get' ? { ...answer, drop: true } : answer;
  });
  await expect(portal.pull()).rejects.toMatchObject({ name: 'UnavailableError' });
  portal.intercept((_name, request) => portal.sandbox.handle(request));
  expect(await portal.pull()).toEqual([`deal ${dealIds(portal, 1)[0]} changed`]);
});

test('a stop does not wait for a portal that hangs', async () => {
  const portal = await bound();
  const stopping = new AbortController();
  portal.intercept((name, request) =>
    name === 'event.offline.get' ? new Promise(() => {}) : portal.sandbox.handle(request),
  );
  const pulling = (async () => {
    for await (const _ of portal.connector.events.pull?.({ lane: 'live', signal: stopping.signal }) ?? []);
  })().catch((error: unknown) => error);
  await portal.clock.runFor(1_000);
  stopping.abort(new Error('the daemon stops'));
  expect(await pulling).toBeInstanceOf(Error);
});

test('our own writes do not stand in the queue', async () => {
  const portal = await bound();
  const spec = { entity: 'deal', where: { category: 'Закупки' } };
  const { scope } = await portal.clock.until(portal.connector.describe(spec, { lane: 'live' }));
  if (!scope) throw new Error('no scope');
  const marker = { key: 'issue-1', tenant: 'cloud' };
  const created = await portal.clock.until(
    portal.connector.create(scope, { title: 'Ours' }, marker, ['title'], { lane: 'live' }),
  );
  await portal.clock.until(
    portal.connector.update(scope, created.ref.id, { title: 'Ours too' }, {}, ['title'], { lane: 'live' }),
  );
  await portal.clock.runFor(1_000);
  expect(await portal.pull()).toEqual([]);
});

test.each([
  { 'offline-event-data': 'B' },
  { 'offline-clear0-without-plan': 'B' },
  { 'offline-suppress-in-batch': 'B' },
  { 'offline-limit-max': 'A' },
] as const)('empties the queue where the portal reads the docs like %o', async (variants) => {
  const portal = await bound();
  portal.sandbox.configure({ variants });
  for (const id of dealIds(portal, 12)) portal.editDeal(String(id), { title: `Pumps ${id}` });
  await portal.clock.runFor(1_000);
  await portal.pull();
  expect(await portal.pull(() => true, portal.connect())).toEqual([]);
});
