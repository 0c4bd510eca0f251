import { expect, it } from 'vitest';
import { createVault, vaultKey } from '../../../src/daemon/vault.ts';
import { AuthError } from '../../../src/errors.ts';
import { seededRandom } from '../../../src/ports.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';

const TOKENS = '{"access":"9f1c52e8b07a4d36ac51e0d7","refresh":"c07e61d2a94b4f0f93bd5a18"}';

function vaultOn(store = openSqliteStore(':memory:'), secretsKey = 'k'.repeat(32), seed = 1) {
  return { store, vault: createVault({ store, key: vaultKey(secretsKey), random: seededRandom(seed) }) };
}

it('gives back what was saved, and nothing for another name', async () => {
  const { vault } = vaultOn();
  expect(await vault.load('bitrix24')).toBeNull();
  await vault.save('bitrix24', TOKENS);
  expect(await vault.load('bitrix24')).toBe(TOKENS);
  expect(await vault.load('other')).toBeNull();
});

it('opens in another process with the same key', async () => {
  const { store, vault } = vaultOn();
  await vault.save('bitrix24', TOKENS);
  expect(await vaultOn(store, undefined, 2).vault.load('bitrix24')).toBe(TOKENS);
});

it('stores nothing readable, and never the same twice', async () => {
  const { store, vault } = vaultOn();
  await vault.save('bitrix24', TOKENS);
  const first = await store.loadSecret('bitrix24');
  await vault.save('bitrix24', TOKENS);
  const second = await store.loadSecret('bitrix24');
  expect(first).not.toBe(second);
  for (const sealed of [first, second]) expect(sealed).toMatch(/^v1(\.[\w-]+){3}$/);
});

it('says what to do when the key is another one', async () => {
  const { store, vault } = vaultOn();
  await vault.save('bitrix24', TOKENS);
  const error = await vaultOn(store, 'x'.repeat(32))
    .vault.load('bitrix24')
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AuthError);
  expect((error as AuthError).cure).toContain('connect bitrix24');
});

it('does not open what was changed, or put in another place', async () => {
  const { store, vault } = vaultOn();
  await vault.save('bitrix24', TOKENS);
  const sealed = (await store.loadSecret('bitrix24')) ?? '';
  await store.saveSecret('other', sealed);
  await expect(vault.load('other')).rejects.toBeInstanceOf(AuthError);
  for (let at = 3; at < sealed.length; at += 7) {
    if (sealed[at] === '.') continue;
    await store.saveSecret(
      'bitrix24',
      `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`,
    );
    await expect(vault.load('bitrix24')).rejects.toBeInstanceOf(AuthError);
  }
  for (const torn of ['', 'v1', 'v2.a.b.c', sealed.slice(0, 20)]) {
    await store.saveSecret('bitrix24', torn);
    await expect(vault.load('bitrix24')).rejects.toBeInstanceOf(AuthError);
  }
});
