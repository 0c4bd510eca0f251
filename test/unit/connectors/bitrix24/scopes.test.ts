import { expect, test } from 'vitest';
import { createTestPortal, LIVE } from '../../../support/bitrix-connection.ts';

test('the account tells its scopes, and which of them nothing here needs', async () => {
  const { connector, sandbox } = createTestPortal();
  sandbox.configure({ scopes: ['crm', 'user', 'userfieldconfig'] });
  expect((await connector.identify(LIVE)).scopes).toMatchObject({
    granted: ['crm', 'user', 'userfieldconfig'],
    unused: [],
  });
  sandbox.configure({ scopes: ['task', 'crm', 'disk', 'user_basic'] });
  const { scopes, missing } = await connector.identify(LIVE);
  expect(missing).toEqual([]);
  expect(scopes).toEqual({
    granted: ['crm', 'disk', 'task', 'user_basic'],
    unused: ['disk', 'task'],
    cure: 'Edit the webhook in Bitrix24 and take them away: disk, task.',
  });
});
