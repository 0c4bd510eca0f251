import { beforeEach, expect, it } from 'vitest';
import type { DueRow } from '../../../../src/state/store.ts';
import { type Bells, bellOf, createBells } from '../../../../src/work/bullmq/bells.ts';

const NOW = 1_000_000;
let bells: Bells;
beforeEach(() => {
  bells = createBells();
});

function row(id: string, more: Partial<DueRow> = {}): DueRow {
  return { profile: 'purchases', side: 'jira', id, generation: 1, lane: 'live', due: NOW, ...more };
}

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

it('rings once for a row, until its bell was heard and taken', () => {
  expect(ids(bells.ringFor([row('1'), row('2')], NOW).fresh)).toEqual(['1', '2']);
  expect(bells.ringFor([row('1'), row('2')], NOW + 100)).toEqual({ fresh: [], lost: [] });
  expect(bells.underWay()).toBe(2);
  bells.heard(bellOf(row('1')), 'live', NOW + 1);
  expect(bells.underWay()).toBe(1);
  expect(bells.ringFor([row('1')], NOW + 10_000)).toEqual({ fresh: [], lost: [] });
  expect(ids(bells.take('live', 9, NOW))).toEqual(['1']);
  expect(ids(bells.ringFor([row('1')], NOW + 10_000).fresh)).toEqual(['1']);
});

it('rings anew for another generation of the row', () => {
  bells.ringFor([row('1')], NOW);
  expect(bells.ringFor([row('1', { generation: 2 })], NOW).fresh).toHaveLength(1);
});

it('counts a bell as lost after five seconds, and a delayed one a quarter of a second after its time', () => {
  const later = row('later', { due: NOW + 30_000 });
  bells.ringFor([row('now'), later], NOW);
  bells.rung(bellOf(row('now')), '17');
  expect(bells.underWay()).toBe(1);
  expect(bells.nextCheck()).toBe(NOW + 5_000);
  expect(bells.ringFor([row('now'), later], NOW + 5_000).lost).toEqual([
    { row: row('now'), left: { lane: 'live', job: '17' } },
  ]);
  expect(bells.isMissing(later, NOW + 30_249)).toBe(false);
  expect(bells.isMissing(later, NOW + 30_250)).toBe(true);
});

it('rings at once for a row that falls due earlier than its bell would ring', () => {
  bells.ringFor([row('1', { due: NOW + 30_000 })], NOW);
  const { lost } = bells.ringFor([row('1', { due: NOW + 10 })], NOW + 10);
  expect(lost).toHaveLength(1);
});

it('finds out also when the clock was set back', () => {
  bells.ringFor([row('1')], NOW);
  expect(bells.isMissing(row('1', { due: NOW - 3_600_000 }), NOW - 3_600_000)).toBe(true);
});

it('forgets late bells of rows that are gone', () => {
  bells.ringFor([row('1')], NOW);
  bells.forgetLate(NOW + 4_999);
  expect(bells.nextCheck()).toBe(NOW + 5_000);
  bells.forgetLate(NOW + 5_000);
  expect([bells.nextCheck(), bells.underWay()]).toEqual([null, 0]);
});

it('takes the job of a forgotten bell away before it rings again', () => {
  bells.ringFor([row('1', { due: NOW + 1_000 })], NOW);
  bells.rung(bellOf(row('1')), '17');
  bells.forgetLate(NOW + 2_000);
  // Each queue counts its own jobs: the number alone would take away another row's bell.
  const bulk = row('1', { lane: 'bulk' });
  const lost = [{ row: bulk, left: { lane: 'live', job: '17' } }];
  expect(bells.ringFor([bulk], NOW + 3_000)).toEqual({ fresh: [], lost });
});

it('takes live bells newest first and every fourth time the oldest, bulk ones by due time', () => {
  for (const lane of ['live', 'bulk'] as const) {
    for (let age = 0; age < 8; age += 1) {
      const one = row(`${lane}-${age}`, { lane, due: NOW - age });
      bells.ringFor([one], NOW);
      bells.heard(bellOf(one), lane, NOW);
    }
  }
  expect(ids(bells.take('live', 5, NOW))).toEqual(['live-0', 'live-1', 'live-2', 'live-7', 'live-3']);
  expect(ids(bells.take('bulk', 3, NOW))).toEqual(['bulk-7', 'bulk-6', 'bulk-5']);
  expect([bells.waiting('live', NOW), bells.waiting('bulk', NOW)]).toEqual([3, 5]);
});

it('hears bells that it does not remember', () => {
  bells.heard(bellOf(row('unknown')), 'bulk', NOW);
  expect(bells.bulkSince(NOW)).toBe(NOW);
  expect(ids(bells.take('bulk', 1, NOW))).toEqual(['unknown']);
});

it('keeps a bell that rang before its row is due until it is, and rings no second one', () => {
  for (const lane of ['live', 'bulk'] as const) {
    const early = row('early', { lane, due: NOW + 50 });
    bells.ringFor([early], NOW);
    bells.heard(bellOf(early), lane, NOW + 1);
    expect(bells.take(lane, 9, NOW + 49)).toEqual([]);
    expect([bells.waiting(lane, NOW + 49), bells.bulkSince(NOW + 49)]).toEqual([0, null]);
    expect(bells.ringFor([early], NOW + 49)).toEqual({ fresh: [], lost: [] });
    if (lane === 'bulk') expect(bells.bulkSince(NOW + 60)).toBe(NOW + 50);
    expect(ids(bells.take(lane, 9, NOW + 50))).toEqual(['early']);
  }
});

it('rings for a row that fell due while its bell, which rang too early, is kept', () => {
  const early = row('early', { due: NOW + 50 });
  bells.ringFor([early], NOW);
  bells.heard(bellOf(early), 'live', NOW + 1);
  expect(bells.ringFor([row('early', { due: NOW + 10 })], NOW + 10).lost).toHaveLength(1);
});
