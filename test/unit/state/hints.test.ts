import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { issue, marked, NOW } from '../../support/store-samples.ts';

it('commits deliveries that came before the deferred moment together, each with its own answer', async () => {
  const flushes: (() => void)[] = [];
  const store = openSqliteStore(':memory:', { defer: (flush) => flushes.push(flush) });
  const answers = ['d-1', 'd-2', 'd-1'].map((id) => store.acceptDelivery(id, [marked(issue('1'))], NOW));
  expect(flushes).toHaveLength(1);
  expect(await store.dirtyRow(issue('1'))).toBeNull();
  flushes[0]?.();
  expect(await Promise.all(answers)).toEqual([{ duplicate: false }, { duplicate: false }, { duplicate: true }]);
  expect((await store.dirtyRow(issue('1')))?.generation).toBe(2);

  const next = store.acceptDelivery('d-3', [], NOW);
  expect(flushes).toHaveLength(2);
  flushes[1]?.();
  expect(await next).toEqual({ duplicate: false });
  await store.close();
});

it('answers no delivery that is not stored', async () => {
  const store = openSqliteStore(':memory:');
  const answer = store.acceptDelivery('d-1', [marked(issue('1'))], NOW);
  await store.close();
  await expect(answer).rejects.toThrow();
});
