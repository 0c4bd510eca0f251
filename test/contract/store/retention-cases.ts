import { expect, it } from 'vitest';
import type { SweepPage } from '../../../src/state/store.ts';
import {
  claimOne,
  deal,
  HOUR,
  heldConflict,
  issue,
  marked,
  NOW,
  PROFILE,
  page,
  settlement,
  sighting,
  storePair,
  written,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

const PARKED = {
  field: 'title',
  reason: 'too long',
  cure: 'Shorten it.',
  kind: 'rejected',
  values: { title: 'Насос' },
};

export function retentionCases(open: OpenStore): void {
  const store = freshStore(open);

  /** A pair with everything that may be stored about one, its conflict settled. */
  async function storyOf(jira: string, crm: string, at: number): Promise<number> {
    const { id } = await storePair(store(), jira, crm);
    const first = await store().claimRecord(issue(jira), at);
    const entries = [written({ at, recordId: crm, linkId: id }), written({ at, side: 'jira', recordId: jira })];
    const seen = [
      { ...sighting(jira, { matchKeys: ['anna@nordhafen.example'] }), side: 'jira' as const },
      { ...sighting(crm, { matchKeys: ['anna@nordhafen.example'] }), side: 'crm' as const },
    ];
    const left = settlement({ journal: entries, conflicts: [heldConflict({ at })], seen });
    await store().settle(first, { ...left, park: [{ ...PARKED, side: 'crm', id: crm }] }, at);
    const second = await store().claimRecord(issue(jira), at);
    await store().settle(second, settlement({ closeConflicts: ['budget'] }), at);
    return id;
  }

  const none = { journal: 0, conflicts: 0, parked: 0, commands: 0 };
  const before = (time: number) => ({ journal: time, conflicts: time, parked: time, commands: time });

  it('removes journal entries and closed conflicts that are older than asked, and nothing younger', async () => {
    await storyOf('10021', '7405', NOW);
    await storyOf('10022', '7406', NOW + HOUR);
    expect(await store().trim(before(NOW))).toEqual(none);
    expect(await store().trim(before(NOW + HOUR))).toMatchObject({ journal: 2, conflicts: 1 });
    expect(await store().journal({ limit: 10 })).toHaveLength(2);
    expect(await store().conflicts({})).toMatchObject([{ at: NOW + HOUR }]);
    expect(await store().trim(before(NOW + HOUR))).toEqual(none);
  });

  it('keeps an open conflict however old it is: it waits for a person', async () => {
    await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(issue('10021'), NOW);
    await store().settle(claim, settlement({ conflicts: [heldConflict()] }), NOW);
    expect(await store().trim(before(NOW + 1000 * HOUR))).toEqual(none);
    expect(await store().conflicts({ status: 'open' })).toHaveLength(1);
  });

  it('removes parked rows only of records that nothing else knows any more', async () => {
    await storyOf('10021', '7405', NOW);
    await store().markDirty([marked(deal('9999'))], NOW);
    const alone = await claimOne(store(), NOW);
    await store().settle(alone, settlement({ park: [{ ...PARKED, side: 'crm', id: '9999' }] }), NOW);
    expect(await store().trim(before(NOW + 1))).toMatchObject({ parked: 1 });
    expect(await store().parked({})).toMatchObject([{ id: '7405' }]);
  });

  it('removes commands that have ended, not those that wait or run', async () => {
    const ended = await store().addCommand('sync', {}, NOW);
    const running = await store().addCommand('resync', {}, NOW);
    await store().updateCommand(ended, 'done', { outcome: 'written' });
    await store().updateCommand(running, 'running', null);
    await store().addCommand('sync', {}, NOW);
    expect(await store().trim(before(NOW + 1))).toMatchObject({ commands: 1 });
    expect(await store().command(ended)).toBeNull();
    expect(await store().command(running)).toMatchObject({ state: 'running' });
  });

  it('forgets everything that a pair ever showed, and keeps its records apart', async () => {
    await storyOf('10021', '7405', NOW);
    await storyOf('10022', '7406', NOW);
    const claim = await store().claimRecord(deal('7405'), NOW);
    expect(await store().forget(claim, NOW)).toEqual({ journal: 2, conflicts: 1 });
    expect(await store().linkOf(issue('10021'))).toBeNull();
    expect(await store().isApart(issue('10021'))).toBe(true);
    expect(await store().isApart(deal('7405'))).toBe(true);
    expect(await store().findRecord(PROFILE, 'BUY-10021')).toBeNull();
    expect(await store().matches(PROFILE, 'crm', 0, 'anna@nordhafen.example')).toEqual(['7406']);
    expect(await store().parked({})).toMatchObject([{ id: '7406' }]);
    expect(await store().journal({ limit: 10 })).toHaveLength(2);
    expect(await store().conflicts({})).toHaveLength(1);
  });

  it('stores nothing of what a sweep sees of a forgotten record, until a person links it', async () => {
    await storyOf('10021', '7405', NOW);
    await store().forget(await store().claimRecord(deal('7405'), NOW), NOW);
    const anna = sighting('7405', { key: '7405', fingerprint: 'new', matchKeys: ['anna@nordhafen.example'] });
    const swept: SweepPage = page('crm', [anna]);
    expect(await store().observe(swept, NOW)).toEqual({ marked: 0 });
    expect(await store().matches(PROFILE, 'crm', 0, 'anna@nordhafen.example')).toEqual([]);
    await storePair(store(), '10021', '7405');
    await store().observe(swept, NOW);
    expect(await store().matches(PROFILE, 'crm', 0, 'anna@nordhafen.example')).toEqual(['7405']);
  });

  it('forgets a record that has no partner', async () => {
    await store().observe(page('crm', [sighting('7405', { matchKeys: ['anna@nordhafen.example'] })]), NOW);
    const claim = await claimOne(store(), NOW);
    expect(await store().forget(claim, NOW)).toEqual({ journal: 0, conflicts: 0 });
    expect(await store().matches(PROFILE, 'crm', 0, 'anna@nordhafen.example')).toEqual([]);
    expect(await store().claim(10, NOW)).toEqual([]);
  });
}
