import { expect, it } from 'vitest';
import type { DueRow } from '../../../src/state/store.ts';
import { deal, HOUR, issue, MINUTE, marked, NOW, paired, settlement, storePair } from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function bellCases(open: OpenStore): void {
  const store = freshStore(open);
  const ids = (rows: readonly DueRow[]) => rows.map(({ id }) => id);

  it('tells what is due by lane, live rows newest first, bulk rows by due time, and what falls due soon', async () => {
    await store().markDirty([marked(issue('bulk-2'), { lane: 'bulk' })], NOW - 1);
    await store().markDirty([marked(issue('bulk-1'), { lane: 'bulk' })], NOW - 2);
    await store().markDirty([marked(issue('older'))], NOW - 10);
    await store().markDirty([marked(issue('newer'))], NOW - 5);
    await store().markDirty([marked(issue('soon'), { due: NOW + MINUTE })], NOW);
    await store().markDirty([marked(issue('soon-bulk'), { due: NOW + MINUTE, lane: 'bulk' })], NOW);
    await store().markDirty([marked(issue('later'), { due: NOW + HOUR })], NOW);
    const rows = await store().dueRows(10, NOW, NOW + MINUTE);
    expect(ids(rows)).toEqual(['newer', 'older', 'bulk-1', 'bulk-2', 'soon', 'soon-bulk']);
    expect(rows[0]).toEqual({ ...issue('newer'), generation: 1, lane: 'live', due: NOW - 5 });
    await store().markDirty([marked(issue('bulk-1'))], NOW);
    expect((await store().dueRows(1, NOW, NOW))[0]).toEqual({
      ...issue('bulk-1'),
      generation: 2,
      lane: 'live',
      due: NOW - 2,
    });
  });

  it('tells some of the oldest live rows where there are more than it may tell', async () => {
    for (let age = 20; age >= 1; age -= 1) await store().markDirty([marked(issue(`age-${age}`))], NOW - age);
    expect(ids(await store().dueRows(4, NOW, NOW))).toEqual(['age-1', 'age-2', 'age-3', 'age-4', 'age-20']);
  });

  it('tells only of the profiles that are ours', async () => {
    await store().markDirty([marked(issue('1')), marked({ ...issue('2'), profile: 'leads' })], NOW);
    await store().confine({ profiles: () => ['leads', 'others'], leaseOf: () => null });
    expect(ids(await store().dueRows(10, NOW, NOW))).toEqual(['2']);
    expect(await store().claimRung([issue('1')], NOW)).toEqual([]);
    await store().confine({ profiles: () => [], leaseOf: () => null });
    expect(await store().dueRows(10, NOW, NOW)).toEqual([]);
  });

  it('does not tell what is being worked on, and tells it again when it stays', async () => {
    await storePair(store(), '1', '7');
    await store().markDirty([marked(issue('1')), marked(deal('7')), marked(issue('2'))], NOW - 1);
    const claim = await store().claimRecord(issue('1'), NOW);
    expect(ids(await store().dueRows(10, NOW, NOW))).toEqual(['2']);
    await store().markDirty([marked(deal('7'))], NOW);
    await store().settle(claim, settlement({ next: 'clean' }), NOW);
    expect(ids(await store().dueRows(10, NOW, NOW)).toSorted()).toEqual(['2', '7']);
  });

  it('does not tell of a record whose partner is worked on, paired with it while it was looked at itself', async () => {
    await store().markDirty([marked(issue('1')), marked(deal('7'))], NOW);
    const claim = await store().claimRecord(deal('7'), NOW);
    const other = await store().claimRecord(issue('1'), NOW);
    await store().settle(claim, settlement({ link: paired('1', '7'), next: 'keep' }), NOW);
    await store().release(other, { due: NOW, counted: false, reason: 'paired meanwhile' }, NOW);
    expect(await store().claimRung([issue('1')], NOW)).toEqual([]);
    expect(await store().dueRows(10, NOW, NOW)).toEqual([]);
    await store().release(claim, { due: NOW, counted: false, reason: 'again' }, NOW);
    expect(ids(await store().dueRows(10, NOW, NOW)).toSorted()).toEqual(['1', '7']);
  });

  it('claims the records that rang, both sides of a pair at once, and passes over what has nothing to do', async () => {
    await storePair(store(), '1', '7');
    const rows = [marked(issue('1')), marked(deal('7')), marked(issue('2')), marked(issue('3'), { due: NOW + 1 })];
    await store().markDirty(rows, NOW - 1);
    const busy = await store().claimRecord(issue('2'), NOW);
    const claims = await store().claimRung([issue('1'), deal('7'), issue('2'), issue('3'), issue('gone')], NOW);
    expect(claims.map((claim) => claim.rows.map(({ id }) => id).toSorted())).toEqual([['1', '7']]);
    await store().release(busy, { due: NOW, counted: false, reason: 'again' }, NOW);
    const again = await store().claimRung([issue('1'), issue('2'), issue('3')], NOW + 1);
    expect(again.map((claim) => claim.rows[0]?.id)).toEqual(['2', '3']);
  });
}
