import { expect, it } from 'vitest';
import { deal, HOUR, issue, MINUTE, marked, NOW, settlement } from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function timerCases(open: OpenStore): void {
  const store = freshStore(open);

  async function setTimer(due: number): Promise<void> {
    await store().markDirty([marked(deal('7001'))], NOW);
    const [claim] = await store().claim(1, NOW);
    if (claim === undefined) throw new Error('nothing was claimed');
    await store().settle(claim, settlement({ timers: [{ side: 'crm', id: '7001', purpose: 'gate', due }] }), NOW);
  }

  it('marks the record dirty when the time has come, once', async () => {
    await setTimer(NOW + HOUR);
    expect(await store().dirtyRow(deal('7001'))).toBeNull();
    expect(await store().nextDue()).toBe(NOW + HOUR);
    expect(await store().ringTimers(NOW + HOUR - 1)).toBe(0);
    expect(await store().ringTimers(NOW + HOUR)).toBe(1);
    expect(await store().dirtyRow(deal('7001'))).toMatchObject({ cause: 'timer', lane: 'bulk', due: NOW + HOUR });
    expect(await store().ringTimers(NOW + HOUR)).toBe(0);
  });

  it('keeps one timer per record and purpose: the last one set counts', async () => {
    await setTimer(NOW + HOUR);
    await setTimer(NOW + 2 * HOUR);
    expect(await store().ringTimers(NOW + HOUR)).toBe(0);
    expect(await store().ringTimers(NOW + 2 * HOUR)).toBe(1);
  });

  it('names the earlier of timers and dirty rows as next due', async () => {
    await setTimer(NOW + HOUR);
    await store().markDirty([{ ...marked(issue('10001')), due: NOW + MINUTE }], NOW);
    expect(await store().nextDue()).toBe(NOW + MINUTE);
  });
}
