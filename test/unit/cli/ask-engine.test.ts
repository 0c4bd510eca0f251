import { expect, it } from 'vitest';
import { asking } from '../../../src/cli/ask-engine.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;
const asked = { kind: 'sync', args: { profile: 'procurement' } } as const;

function beside() {
  const [store, clock] = [openSqliteStore(':memory:'), createVirtualClock()];
  return { store, clock, ask: asking(store, clock, async () => null) };
}

it('gives up on a command that no daemon takes, so that none carries it out later', async () => {
  const { store, clock, ask } = beside();
  const answer = clock.until(ask(asked));
  await expect(answer).rejects.toThrow('none has taken the command within a minute');
  await expect(answer).rejects.toMatchObject({ cure: expect.stringContaining('jira-crm-sync status') });
  expect(await store.takeCommand()).toBeNull();
});

it('waits for as long as it takes once a daemon has taken it, and tells how far it is', async () => {
  const { store, clock, ask } = beside();
  const told: unknown[] = [];
  const answer = ask(asked, (result) => told.push(result));
  await clock.advance(MINUTE / 2);
  const row = await store.takeCommand();
  await store.updateCommand(row?.id ?? 0, 'running', { read: 7 });
  await clock.advance(5 * MINUTE);
  expect(told.at(-1)).toEqual({ read: 7 });
  await store.updateCommand(row?.id ?? 0, 'done', { written: 1 });
  expect(await clock.until(answer)).toEqual({ written: 1 });
});
