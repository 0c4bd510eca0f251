import { expect, it } from 'vitest';
import { deal, HOUR, issue, MINUTE, marked, NOW, PROFILE, page, sighting } from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function hintCases(open: OpenStore): void {
  const store = freshStore(open);

  it('keeps a mark as a row that is due at once', async () => {
    await store().markDirty([marked(issue('10021'), { version: 'v7' })], NOW);
    expect(await store().dirtyRow(issue('10021'))).toEqual({
      ...issue('10021'),
      generation: 1,
      lane: 'live',
      cause: 'webhook',
      version: 'v7',
      attempts: 0,
      since: NOW,
      due: NOW,
      reason: null,
    });
    expect(await store().dirtyRow(deal('10021'))).toBeNull();
  });

  it('raises the generation with every mark and remembers the first time', async () => {
    await store().markDirty([marked(issue('10021')), marked(issue('10021'))], NOW);
    await store().markDirty([marked(issue('10021'))], NOW + MINUTE);
    expect(await store().dirtyRow(issue('10021'))).toMatchObject({ generation: 3, since: NOW });
  });

  it('takes no marks for an empty list', async () => {
    await store().markDirty([], NOW);
    expect(await store().nextDue()).toBeNull();
  });

  it('lets a lane only rise', async () => {
    await store().markDirty([marked(issue('1'), { lane: 'bulk' }), marked(issue('2'), { lane: 'live' })], NOW);
    await store().markDirty([marked(issue('1'), { lane: 'live' }), marked(issue('2'), { lane: 'bulk' })], NOW);
    expect((await store().dirtyRow(issue('1')))?.lane).toBe('live');
    expect((await store().dirtyRow(issue('2')))?.lane).toBe('live');
  });

  it('makes a row earlier, never later', async () => {
    await store().markDirty([marked(issue('1'), { due: NOW + HOUR })], NOW);
    expect((await store().dirtyRow(issue('1')))?.due).toBe(NOW + HOUR);
    await store().markDirty([marked(issue('1'))], NOW + 1);
    expect((await store().dirtyRow(issue('1')))?.due).toBe(NOW + 1);
    await store().markDirty([marked(issue('1'), { due: NOW + HOUR })], NOW + 2);
    expect((await store().dirtyRow(issue('1')))?.due).toBe(NOW + 1);
  });

  it('keeps the newest version in whatever order they come, and none once any mark told none', async () => {
    await store().markDirty([marked(issue('1'), { version: 'v1' })], NOW);
    await store().markDirty([marked(issue('1'), { version: 'v2' })], NOW);
    expect((await store().dirtyRow(issue('1')))?.version).toBe('v2');
    await store().markDirty([marked(issue('1'), { version: 'v1' })], NOW);
    expect((await store().dirtyRow(issue('1')))?.version).toBe('v2');
    await store().markDirty([marked(issue('1'))], NOW);
    await store().markDirty([marked(issue('1'), { version: 'v3' })], NOW);
    expect((await store().dirtyRow(issue('1')))?.version).toBeNull();
  });

  it('marks five thousand records in one call', async () => {
    const marks = Array.from({ length: 5001 }, (_, i) => marked(deal(String(i)), { lane: 'bulk' }));
    await store().markDirty(marks, NOW);
    expect((await store().counts(PROFILE)).dirty).toEqual({ live: 0, bulk: 5001 });
  });

  it('accepts a delivery once', async () => {
    expect(await store().acceptDelivery('d-1', [marked(issue('1'))], NOW)).toEqual({ duplicate: false });
    expect(await store().acceptDelivery('d-1', [marked(issue('1')), marked(issue('2'))], NOW)).toEqual({
      duplicate: true,
    });
    expect((await store().dirtyRow(issue('1')))?.generation).toBe(1);
    expect(await store().dirtyRow(issue('2'))).toBeNull();
  });

  it('accepts every delivery that has no id', async () => {
    await store().acceptDelivery(null, [marked(deal('7405'))], NOW);
    expect(await store().acceptDelivery(null, [marked(deal('7405'))], NOW)).toEqual({ duplicate: false });
    expect((await store().dirtyRow(deal('7405')))?.generation).toBe(2);
  });

  it('judges deliveries that come together one by one', async () => {
    const answers = await Promise.all([
      store().acceptDelivery('d-1', [marked(issue('1'))], NOW),
      store().acceptDelivery('d-2', [marked(issue('2'))], NOW),
      store().acceptDelivery('d-1', [marked(issue('3'))], NOW),
    ]);
    expect(answers.map((answer) => answer.duplicate)).toEqual([false, false, true]);
    expect(await store().dirtyRow(issue('2'))).not.toBeNull();
    expect(await store().dirtyRow(issue('3'))).toBeNull();
  });

  it('keeps the other deliveries of a group when one cannot be stored', async () => {
    const broken = { ...marked(issue('9')), id: null as unknown as string };
    const answers = await Promise.allSettled([
      store().acceptDelivery('d-1', [marked(issue('1'))], NOW),
      store().acceptDelivery('d-2', [broken], NOW),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected']);
    expect((await store().dirtyRow(issue('1')))?.generation).toBe(1);
    // The refused one left nothing behind: sent again it is no duplicate.
    expect(await store().acceptDelivery('d-2', [marked(issue('2'))], NOW)).toEqual({ duplicate: false });
  });

  it('forgets delivery ids after 48 hours', async () => {
    await store().acceptDelivery('d-1', [], NOW);
    expect((await store().acceptDelivery('d-1', [], NOW + 47 * HOUR)).duplicate).toBe(true);
    expect((await store().acceptDelivery('d-1', [], NOW + 49 * HOUR)).duplicate).toBe(false);
    expect((await store().acceptDelivery('d-1', [], NOW + 50 * HOUR)).duplicate).toBe(true);
  });

  it('marks what a sweep sees for the first time and stays silent when nothing changed', async () => {
    const sightings = [sighting('10021'), sighting('10022')];
    expect(await store().observe(page('jira', sightings), NOW)).toEqual({ marked: 2 });
    expect(await store().dirtyRow(issue('10021'))).toMatchObject({
      lane: 'bulk',
      cause: 'sweep',
      version: null,
      generation: 1,
    });
    expect(await store().observe(page('jira', sightings), NOW + MINUTE)).toEqual({ marked: 0 });
    expect((await store().dirtyRow(issue('10021')))?.generation).toBe(1);
  });

  it('marks only those whose fingerprint is new', async () => {
    await store().observe(page('crm', [sighting('1'), sighting('2')]), NOW);
    const changed = [sighting('1'), sighting('2', { fingerprint: 'other' })];
    expect(await store().observe(page('crm', changed), NOW)).toEqual({ marked: 1 });
    expect((await store().dirtyRow(deal('2')))?.generation).toBe(2);
    expect(await store().observe(page('crm', changed), NOW)).toEqual({ marked: 0 });
  });

  it('marks all when forced', async () => {
    await store().observe(page('jira', [sighting('1'), sighting('2')]), NOW);
    const forced = page('jira', [sighting('1'), sighting('2')], { force: true, cause: 'resync' });
    expect(await store().observe(forced, NOW)).toEqual({ marked: 2 });
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ generation: 2, cause: 'resync' });
  });

  it('tells the sides and profiles of a sighting apart', async () => {
    await store().observe(page('jira', [sighting('1')]), NOW);
    expect(await store().observe(page('crm', [sighting('1')]), NOW)).toEqual({ marked: 1 });
    expect(await store().observe(page('jira', [sighting('1')], { profile: 'leads' }), NOW)).toEqual({ marked: 1 });
  });

  it('raises the generation of a row that was dirty already and leaves its lane up', async () => {
    await store().markDirty([marked(issue('1'), { version: 'v1' })], NOW);
    await store().observe(page('jira', [sighting('1')]), NOW + 1);
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ generation: 2, lane: 'live', version: null });
  });

  it('moves the cursor with its page, and not without one', async () => {
    expect(await store().cursor('jira:incremental')).toBeNull();
    await store().observe(page('jira', [], { cursor: { name: 'jira:incremental', value: '1000' } }), NOW);
    await store().observe(page('jira', [sighting('1')]), NOW);
    expect(await store().cursor('jira:incremental')).toBe('1000');
    await store().observe(page('jira', [], { cursor: { name: 'jira:incremental', value: '2000' } }), NOW);
    expect(await store().cursor('jira:incremental')).toBe('2000');
  });

  it('leaves the cursor when the page cannot be stored', async () => {
    const broken = sighting('2', { key: null as unknown as string });
    const bad = page('jira', [sighting('1'), broken], { cursor: { name: 'c', value: '2000' } });
    await expect(store().observe(bad, NOW)).rejects.toThrow();
    expect(await store().cursor('c')).toBeNull();
    expect(await store().dirtyRow(issue('1'))).toBeNull();
    expect(await store().observe(page('jira', [sighting('1')]), NOW)).toEqual({ marked: 1 });
  });
}
