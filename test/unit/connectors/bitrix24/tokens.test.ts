// Tokens of an installed application: expiry, renewals at once, lost answers, other processes, removal.
import { expect, test } from 'vitest';
import { AuthError, UnavailableError } from '../../../../src/errors.ts';
import { LIVE } from '../../../support/bitrix-connection.ts';
import { type AppPortal, createAppPortal } from '../../../support/installed-app.ts';

const HOUR = 3_600_000;
const refreshes = (portal: AppPortal) => portal.sent.filter((name) => name.includes('/oauth/'));

async function installed(): Promise<AppPortal> {
  const portal = createAppPortal();
  await portal.install();
  return portal;
}

/** The next so many renewals are done by the server, and their answers lost. */
function loseRenewals(portal: AppPortal, count: number): void {
  let left = count;
  portal.intercept(async (name, request) => {
    const answer = await portal.sandbox.handle(request);
    if (!name.includes('/oauth/') || left === 0) return answer;
    left -= 1;
    return { ...answer, drop: true };
  });
}

test('works with the tokens of the installation, without asking for others', async () => {
  const portal = await installed();
  expect(await portal.identify()).toMatchObject({ tenant: portal.sandbox.credentials.memberId, missing: [] });
  expect(portal.sent).toEqual(['batch']);
});

test('renews an expired token once, and repeats the call that was refused', async () => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  await portal.identify();
  expect(portal.sent).toEqual(['batch', 'POST /oauth/token/', 'batch']);
  await portal.identify();
  expect(refreshes(portal)).toHaveLength(1);
});

test('twenty calls that find the token expired ask for one renewal', async () => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  await portal.clock.until(Promise.all(Array.from({ length: 20 }, () => portal.connector.identify(LIVE))));
  expect(refreshes(portal)).toHaveLength(1);
});

test('a write is repeated after the renewal and happens once', async () => {
  const portal = await installed();
  const { scope } = await portal.clock.until(
    portal.connector.describe({ entity: 'deal', where: { category: 'Закупки' } }, LIVE),
  );
  if (!scope) throw new Error('no scope');
  portal.clock.jump(HOUR);
  const marker = { key: 'issue-1', tenant: 'cloud' };
  const record = await portal.clock.until(portal.connector.create(scope, { title: 'Seals' }, marker, ['title'], LIVE));
  const { items } = portal.sandbox.state() as { items: { deal: { title: string }[] } };
  expect(items.deal.filter(({ title }) => title === 'Seals')).toHaveLength(1);
  expect(record.fields.title).toBe('Seals');
});

test('a write that new tokens reach too late is not sent, so that nobody has to wonder about it', async () => {
  const portal = await installed();
  const spec = { entity: 'deal', where: { category: 'Закупки' } };
  const { scope } = await portal.clock.until(portal.connector.describe(spec, LIVE));
  if (!scope) throw new Error('no scope');
  const create = (title: string) =>
    portal.clock.until(
      portal.connector.create(scope, { title }, { key: `issue-${title}`, tenant: 'cloud' }, ['title'], LIVE),
    );
  // Tokens last until 2:00, and what the plan has is asked for again at 2:30.
  portal.clock.jump(HOUR);
  await portal.identify();
  portal.clock.jump(HOUR / 2);
  await create('In time');
  portal.clock.jump(HOUR / 2);
  portal.intercept(async (name, request) => {
    if (name.includes('/oauth/')) await portal.clock.sleep(20_000);
    return portal.sandbox.handle(request);
  });
  const error = await create('Late').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'UnavailableError', ambiguous: false });
  const titles = () =>
    (portal.sandbox.state() as { items: { deal: { title: string }[] } }).items.deal.map((one) => one.title);
  expect(titles()).not.toContain('Late');
  await create('Late');
  expect(titles().filter((title) => title === 'Late')).toHaveLength(1);
});

test('the next refresh token is on the disk before anything is sent with its access token', async () => {
  const portal = await installed();
  const first = portal.kept().tokens.refresh;
  portal.clock.jump(HOUR);
  const seen: string[] = [];
  portal.intercept((name, request) => {
    if (name === 'batch') seen.push(portal.kept().tokens.refresh);
    return portal.sandbox.handle(request);
  });
  await portal.identify();
  expect(seen[0]).toBe(first);
  expect(seen[1]).toBe(portal.kept().tokens.refresh);
  expect(seen[1]).not.toBe(first);
});

test('tokens that cannot be stored are not used, and not lost', async () => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  portal.vault.broken = new UnavailableError('the disk is full', 'free it', { ambiguous: false });
  await expect(portal.identify()).rejects.toThrow('the disk is full');
  expect(portal.sent.filter((name) => name === 'batch')).toHaveLength(1);
  portal.vault.broken = null;
  await portal.identify();
  expect(refreshes(portal)).toHaveLength(1);
});

test('a lost answer is asked for again with the old token, where that is still taken', async () => {
  const portal = await installed();
  portal.sandbox.configure({ variants: { 'oauth-old-refresh-token': 'B' } });
  portal.clock.jump(HOUR);
  loseRenewals(portal, 1);
  await portal.identify();
  expect(refreshes(portal)).toHaveLength(2);
});

test('where the old token is dead at once, the spare one of the test event keeps the connection alive', async () => {
  const portal = await installed();
  await portal.subscribe();
  await portal.deliver();
  expect(portal.kept().spare).not.toBeNull();
  portal.clock.jump(HOUR);
  loseRenewals(portal, 1);
  await portal.identify();
  expect(portal.kept().spare).toBeNull();
  // The next look at the registrations fetches another.
  await portal.subscribe();
  await portal.deliver();
  expect(portal.kept().spare).not.toBeNull();
});

test('without a spare it pauses and names the command that helps, without asking again at every call', async () => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  loseRenewals(portal, 1);
  const error = await portal.identify().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AuthError);
  expect((error as AuthError).cure).toContain('connect bitrix24');
  const asked = refreshes(portal).length;
  await portal.identify().catch(() => {});
  expect(refreshes(portal)).toHaveLength(asked);
});

test('an outage of the authorization server is no reason to install again', async () => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  portal.intercept(async (name, request) =>
    name.includes('/oauth/') ? { status: 502, headers: {}, body: '' } : portal.sandbox.handle(request),
  );
  const error = await portal.identify().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'UnavailableError', ambiguous: false });
  portal.intercept((_name, request) => portal.sandbox.handle(request));
  await portal.identify();
});

test('two processes that renew at the same moment share what the first one got', async () => {
  const portal = await installed();
  const other = portal.connect();
  await portal.identify(other);
  portal.clock.jump(HOUR);
  await portal.clock.until(Promise.all([portal.connector.identify(LIVE), other.identify(LIVE)]));
  portal.clock.jump(HOUR);
  await portal.identify(other);
  await portal.identify();
  expect(refreshes(portal).length).toBeLessThanOrEqual(4);
});

test('asks by GET where the server takes no form', async () => {
  const portal = await installed();
  portal.sandbox.configure({ variants: { 'oauth-refresh-by-post': 'B' } });
  portal.clock.jump(HOUR);
  await portal.identify();
  portal.clock.jump(HOUR);
  await portal.identify();
  expect(refreshes(portal)).toEqual(['POST /oauth/token/', 'GET /oauth/token/', 'GET /oauth/token/']);
});

test.each(['invalid_client', 'wrong_client', 'PAYMENT_REQUIRED', 'invalid_grant'])('%s pauses', async (error) => {
  const portal = await installed();
  portal.clock.jump(HOUR);
  portal.sandbox.configure({ oauthFailure: { error, status: error === 'wrong_client' ? 200 : 400 } });
  await expect(portal.identify()).rejects.toBeInstanceOf(AuthError);
});

test('says what to do before anything is installed', async () => {
  const portal = createAppPortal();
  const error = await portal.identify().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'AuthError', cure: expect.stringContaining('connect bitrix24') });
  expect(portal.sent).toEqual([]);
});
