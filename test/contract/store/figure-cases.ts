import { expect, it } from 'vitest';
import {
  deal,
  HOUR,
  issue,
  MINUTE,
  marked,
  NOW,
  PROFILE,
  page,
  sighting,
  storePair,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function figureCases(open: OpenStore): void {
  const store = freshStore(open);

  async function putOff(id: string, due: number, reason: string): Promise<void> {
    await store().markDirty([marked(deal(id))], NOW);
    await store().release(await store().claimRecord(deal(id), NOW), { due, counted: false, reason }, NOW);
  }

  it('tells why rows wait, the most frequent reason first, with the time of the next one', async () => {
    await putOff('1', NOW + HOUR, 'Jira is paused');
    await putOff('2', NOW + MINUTE, 'Jira is paused');
    await putOff('3', NOW + MINUTE, 'held back');
    await putOff('4', NOW, 'due already');
    await store().markDirty([marked(deal('5')), marked({ ...deal('6'), profile: 'leads' })], NOW);
    expect(await store().whatWaits(PROFILE, NOW, 5)).toEqual([
      { reason: 'Jira is paused', count: 2, due: NOW + MINUTE },
      { reason: 'held back', count: 1, due: NOW + MINUTE },
    ]);
    expect(await store().whatWaits(PROFILE, NOW, 1)).toHaveLength(1);
    expect(await store().whatWaits('leads', NOW, 5)).toEqual([]);
  });

  it('counts the creates that are not done, by how far they are', async () => {
    expect((await store().figures()).intents).toEqual({ planned: 0, sent: 0, doubtful: 0 });
    for (const id of ['1', '2', '3']) {
      await store().planIntent({ key: `issue-${id}`, profile: PROFILE, side: 'crm', sourceId: id }, NOW);
    }
    await store().moveIntent('issue-2', 'sent', NOW, { before: null, values: {} });
    await store().moveIntent('issue-3', 'sent', NOW, { before: null, values: {} });
    await store().moveIntent('issue-3', 'doubtful', NOW);
    expect((await store().figures()).intents).toEqual({ planned: 1, sent: 1, doubtful: 1 });
  });

  it('knows its size', async () => {
    const before = (await store().figures()).bytes;
    expect(before).toBeGreaterThan(0);
    const seen = Array.from({ length: 2000 }, (_, at) => sighting(String(at), { matchKeys: ['Уралнасос'.repeat(20)] }));
    await store().observe(page('jira', seen), NOW);
    expect((await store().figures()).bytes).toBeGreaterThan(before);
  });

  it('keeps the age of the oldest row of each lane, and active pairs that are not settled', async () => {
    await store().markDirty([marked(issue('1'), { lane: 'bulk' })], NOW - HOUR);
    await store().markDirty([marked(issue('2'))], NOW - MINUTE);
    await storePair(store(), '10', '20', { reason: 'parked: budget' });
    await storePair(store(), '11', '21');
    await storePair(store(), '12', '22', { state: 'gone', reason: 'BUY-12 is gone' });
    const { oldest, oldestDirty, unsettled } = await store().counts(PROFILE);
    expect({ oldest, oldestDirty, unsettled }).toEqual({
      oldest: { live: NOW - MINUTE, bulk: NOW - HOUR },
      oldestDirty: NOW - HOUR,
      unsettled: 1,
    });
  });
}
