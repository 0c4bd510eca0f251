import { expect, it } from 'vitest';
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
  paired,
  settlement,
  sighting,
  storePair,
  written,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

const ABOUT = 'jira:issue|bitrix24:deal';

export function profileCases(open: OpenStore): void {
  const store = freshStore(open);
  const keep = (...profiles: string[]) =>
    store().keepProfiles(
      profiles.map((profile) => ({ profile, about: ABOUT })),
      NOW,
    );

  it('gives a renamed profile everything the old name had', async () => {
    await keep(PROFILE);
    await storePair(store(), '10023', '7405');
    const claim = await store().claimRecord(issue('10023'), NOW);
    await store().settle(
      claim,
      settlement({
        link: paired('10023', '7405'),
        conflicts: [heldConflict()],
        park: [{ side: 'crm', id: '7405', field: 'title', reason: 'r', cure: 'c', kind: 'coercion', values: {} }],
        journal: [written()],
      }),
      NOW,
    );
    const cursor = { name: `${PROFILE}/jira`, value: 'c1' };
    const resume = { name: `${PROFILE}/jira/all/v1`, value: 'r1' };
    const seen = sighting('10024', { matchKeys: [null, 'pump'] });
    await store().observe(page('jira', [seen], { cursor, resume }), NOW);
    const state = { profile: PROFILE, version: 'v1', matchedAt: { jira: NOW, crm: NOW } };
    await store().saveProfileState(state);
    await store().note(`sweep/${PROFILE}`, { changesAt: NOW });

    expect(await store().renameProfile(PROFILE, 'buying')).toBe(true);
    const renamed = { ...issue('10023'), profile: 'buying' };
    expect(await store().linkOf(renamed)).toMatchObject({ profile: 'buying', ids: { crm: '7405' } });
    expect(await store().conflicts({ profile: 'buying' })).toHaveLength(1);
    expect(await store().parked({ profile: 'buying' })).toHaveLength(1);
    expect(await store().journal({ profile: 'buying', limit: 9 })).toHaveLength(1);
    expect(await store().cursor('buying/jira')).toBe('c1');
    expect(await store().cursor('buying/jira/all/v1')).toBe('r1');
    expect(await store().matches('buying', 'jira', 1, 'pump')).toEqual(['10024']);
    expect(await store().dirtyRow({ ...issue('10024'), profile: 'buying' })).toMatchObject({ generation: 1 });
    expect(await store().profileState('buying')).toMatchObject({ ...state, profile: 'buying' });
    expect(await store().notes()).toEqual({ 'sweep/buying': { changesAt: NOW } });
    expect(await store().linkOf(issue('10023'))).toBeNull();
    expect(await store().cursor(`${PROFILE}/jira`)).toBeNull();
    expect(await store().profileState(PROFILE)).toBeNull();
    expect(await store().renameProfile(PROFILE, 'buying')).toBe(false);
  });

  it('does not mix a renamed profile with one that has links of its own', async () => {
    await keep(PROFILE, 'buying');
    const link = await storePair(store(), '10023', '7405');
    const claim = await store().claimRecord({ ...issue('10030'), profile: 'buying' }, NOW);
    await store().settle(claim, settlement({ link: paired('10030', '7500') }), NOW);
    expect(await store().renameProfile(PROFILE, 'buying')).toBe(false);
    expect(await store().linkOf(issue('10023'))).toEqual(link);
  });

  it('keeps what a removed profile left, and forgets it when it stayed away for long', async () => {
    await keep(PROFILE, 'leads');
    const link = await storePair(store(), '10023', '7405');
    await store().keepProfiles([{ profile: 'leads', about: ABOUT }], NOW);
    await store().keepProfiles([{ profile: 'leads', about: ABOUT }], NOW + HOUR);
    expect(await store().purgeProfiles(NOW)).toEqual([]);
    expect(await store().linkOf(issue('10023'))).toEqual(link);
    // Back again: it starts to count anew.
    await keep(PROFILE, 'leads');
    expect(await store().purgeProfiles(NOW + 9 * HOUR)).toEqual([]);

    await store().keepProfiles([{ profile: 'leads', about: ABOUT }], NOW);
    expect(await store().purgeProfiles(NOW + 1)).toEqual([PROFILE]);
    expect(await store().linkOf(issue('10023'))).toBeNull();
    expect(await store().purgeProfiles(NOW + 1)).toEqual([]);
  });

  it('finds the link of a record in another profile about the same kinds of records', async () => {
    await keep(PROFILE, 'urgent');
    await store().keepProfiles(
      [
        { profile: PROFILE, about: ABOUT },
        { profile: 'urgent', about: ABOUT },
        { profile: 'leads', about: 'jira:issue|bitrix24:lead' },
      ],
      NOW,
    );
    const link = await storePair(store(), '10023', '7405');
    expect(await store().linksElsewhere({ ...issue('10023'), profile: 'urgent' })).toEqual([{ link, removed: false }]);
    expect(await store().linksElsewhere({ ...deal('7405'), profile: 'urgent' })).toEqual([{ link, removed: false }]);
    expect(await store().linksElsewhere({ ...deal('7405'), profile: 'leads' })).toEqual([]);
    expect(await store().linksElsewhere(issue('10023'))).toEqual([]);
    await keep('urgent');
    expect(await store().linksElsewhere({ ...issue('10023'), profile: 'urgent' })).toEqual([{ link, removed: true }]);
  });

  it('moves a link to another profile, unless somebody works on it there', async () => {
    await keep(PROFILE, 'urgent');
    const link = await storePair(store(), '10023', '7405');
    const busy = await store().claimRecord(deal('7405'), NOW);
    const claim = await store().claimRecord({ ...issue('10023'), profile: 'urgent' }, NOW);
    await expect(store().takeOver(claim, link, NOW)).rejects.toMatchObject({ name: 'BusyError' });
    const changed = await store().settle(busy, settlement({ link: paired('10023', '7405') }), NOW);
    await expect(store().takeOver(claim, link, NOW)).rejects.toMatchObject({ name: 'StaleError' });
    const moved = await store().takeOver(claim, changed ?? link, NOW);
    expect(moved).toMatchObject({ id: link.id, profile: 'urgent', base: link.base });
    expect(await store().linkOf(issue('10023'))).toBeNull();
    expect(await store().linkOf({ ...deal('7405'), profile: 'urgent' })).toEqual(moved);
    await expect(store().claimRecord({ ...deal('7405'), profile: 'urgent' }, NOW)).rejects.toMatchObject({
      name: 'BusyError',
    });
    const settled = await store().settle({ ...claim, link: moved }, settlement(), NOW);
    expect(settled).toEqual(moved);
  });

  it('keeps the records of a pair apart that a person took apart, until a person pairs them again', async () => {
    const link = await storePair(store(), '10023', '7405');
    await store().observe(page('crm', [sighting('7405', { matchKeys: [null, 'pump'] })]), NOW);
    await store().markDirty([marked(deal('7405'))], NOW);
    const claim = await claimOne(store());
    await store().unlink(claim, NOW);
    expect(await store().linkOf(issue('10023'))).toBeNull();
    expect(await store().links(PROFILE, 0, 9)).toEqual([]);
    expect((await store().counts(PROFILE)).links.active).toBe(0);
    expect(await store().dirtyRow(deal('7405'))).toBeNull();
    expect(await store().isApart(issue('10023'))).toBe(true);
    expect(await store().isApart(deal('7405'))).toBe(true);
    expect(await store().isApart(deal('7406'))).toBe(false);

    const again = await storePair(store(), '10023', '7405', { origin: 'command' });
    expect(again.id).not.toBe(link.id);
    expect(await store().isApart(issue('10023'))).toBe(false);
    expect(await store().isApart(deal('7405'))).toBe(false);
  });

  it('keeps one record apart that has no partner', async () => {
    await store().unlink(await store().claimRecord(deal('7405'), NOW), NOW);
    expect(await store().isApart(deal('7405'))).toBe(true);
    await store().claimRecord(deal('7405'), NOW);
  });

  it('refuses to take a pair apart that moved meanwhile', async () => {
    await storePair(store(), '10023', '7405');
    const claim = await store().claimRecord(issue('10023'), NOW);
    await store().settle(claim, settlement({ link: paired('10023', '7405'), next: 'keep' }), NOW);
    await expect(store().unlink(claim, NOW)).rejects.toMatchObject({ name: 'StaleError' });
    expect(await store().linkOf(issue('10023'))).not.toBeNull();
  });

  it('forgets cursors by name', async () => {
    await store().observe(page('crm', [], { resume: { name: 'a/crm/all/v1', value: 'x' } }), NOW);
    await store().forgetCursors(['a/crm/all/v1', 'b/crm']);
    expect(await store().cursor('a/crm/all/v1')).toBeNull();
  });
}
