import { expect, it } from 'vitest';
import type { AbsenceWrite } from '../../../src/state/store.ts';
import {
  deal,
  HOUR,
  issue,
  MINUTE,
  marked,
  NOW,
  PROFILE,
  paired,
  settlement,
  sighting,
  storePair,
  written,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function absenceCases(open: OpenStore): void {
  const store = freshStore(open);

  async function missed(id: string, more: Partial<AbsenceWrite> = {}, now = NOW): Promise<void> {
    const claim = await store().claimRecord(deal(id), now);
    const absent = { side: 'crm' as const, id, missedAt: now, hidden: false, done: null, ...more };
    await store().settle(claim, settlement({ absent: [absent] }), now);
  }

  it('keeps a delete event as evidence, of linked records only', async () => {
    await storePair(store(), '10021', '7405');
    const marks = [marked(deal('7405'), { deleted: true }), marked(deal('7500'), { deleted: true })];
    await store().acceptDelivery('d1', marks, NOW + MINUTE);
    const told = { toldAt: NOW + MINUTE, missedAt: null, hidden: false, done: null };
    expect(await store().absence(deal('7405'))).toEqual(told);
    expect(await store().absence(deal('7500'))).toBeNull();
    await missed('7405', {}, NOW + HOUR);
    expect(await store().absence(deal('7405'))).toEqual({ ...told, missedAt: NOW + HOUR });
  });

  it('forgets it when the record is seen, but not what was told meanwhile', async () => {
    await storePair(store(), '10021', '7405');
    await missed('7405');
    const see = async (now: number) => {
      const claim = await store().claimRecord(issue('10021'), now);
      return async () => {
        await store().settle(claim, settlement({ seen: [{ ...sighting('7405'), side: 'crm' }] }), now);
      };
    };
    await (await see(NOW))();
    expect(await store().absence(deal('7405'))).toBeNull();
    const settle = await see(NOW + 1);
    await store().acceptDelivery('d1', [marked(deal('7405'), { deleted: true })], NOW + 2);
    await settle();
    expect(await store().absence(deal('7405'))).toMatchObject({ toldAt: NOW + 2 });
    const claim = await store().claimRecord(issue('10021'), NOW + 3);
    await store().settle(claim, settlement({ present: [{ side: 'crm', id: '7405' }] }), NOW + 3);
    expect(await store().absence(deal('7405'))).toBeNull();
  });

  it('counts what is to be decided whatever its age, what is done for an hour, and nothing that was accepted', async () => {
    for (const id of ['1', '2', '3', '4']) await storePair(store(), `1000${id}`, id);
    await missed('1');
    await missed('2', { done: 'unlink' });
    await missed('3', { hidden: true, missedAt: null });
    expect(await store().goneTally(PROFILE, NOW)).toEqual({ links: 4, candidates: 2, hidden: 1 });
    expect(await store().goneTally(PROFILE, NOW + 1)).toMatchObject({ candidates: 1 });
    await store().resumeProfile(PROFILE, true, NOW);
    await missed('4');
    expect(await store().goneTally(PROFILE, NOW)).toMatchObject({ candidates: 1 });
    expect(await store().hiddenRecords(PROFILE, 'crm', 5)).toEqual(['3']);
    expect(await store().hiddenRecords(PROFILE, 'jira', 5)).toEqual([]);
  });

  it('names linked records to compare with, and none that is missed itself', async () => {
    for (let n = 1; n <= 9; n += 1) await storePair(store(), `100${n}`, String(n));
    await missed('4');
    expect(await store().controls(PROFILE, 'crm', '1', [0, 0.2, 0.999])).toEqual(['2', '9']);
    expect(await store().controls(PROFILE, 'jira', '1009', [0.999])).toHaveLength(1);
    expect(await store().controls('leads', 'crm', '1', [0, 0.5])).toEqual([]);
  });

  it('names the one after a gap no more often than any other', async () => {
    for (let n = 1; n <= 100; n += 1) await storePair(store(), String(1000 + n), String(n));
    for (let n = 1; n <= 60; n += 1) await missed(String(n));
    const picks = Array.from({ length: 400 }, (_, at) => (at + 0.5) / 400);
    const drawn: string[] = [];
    for (const pick of picks) drawn.push(...(await store().controls(PROFILE, 'crm', '', [pick])));
    expect(drawn).toHaveLength(400);
    const times = new Map<string, number>();
    for (const id of drawn) times.set(id, (times.get(id) ?? 0) + 1);
    expect(times.size).toBe(40);
    expect(Math.max(...times.values())).toBeLessThan(40);
  });

  it('marks what a whole pass did not list, if it was linked before', async () => {
    for (const id of ['1', '2', '3']) await storePair(store(), `1000${id}`, id);
    await storePair(store(), '10004', '4', { state: 'out-of-scope' });
    expect(await store().census(PROFILE, 'crm', new Set(['1']), NOW, NOW)).toBe(0);
    expect(await store().census(PROFILE, 'crm', new Set(['1', '3']), NOW + 1, NOW + 1)).toBe(1);
    expect(await store().dirtyRow(deal('2'))).toMatchObject({ lane: 'bulk', cause: 'sweep', version: null });
  });

  it('counts the pairs of which a field was given another value', async () => {
    const link = await storePair(store(), '10021', '7405', { origin: 'match' });
    const claim = await store().claimRecord(deal('7405'), NOW);
    const rows = [
      written({ at: NOW }),
      written({ at: NOW + 1 }),
      written({ at: NOW, before: null, field: 'budget' }),
      written({ at: NOW, action: 'create', field: 'stage' }),
    ];
    await store().settle(claim, settlement({ journal: rows.map((row) => ({ ...row, linkId: link.id })) }), NOW);
    expect(await store().overwrites(PROFILE, 'title', NOW)).toBe(1);
    expect(await store().overwrites(PROFILE, 'title', NOW + 2)).toBe(0);
    for (const field of ['budget', 'stage']) expect(await store().overwrites(PROFILE, field, NOW)).toBe(0);

    const created = await storePair(store(), '10022', '7406', { origin: 'created' });
    const theirs = await store().claimRecord(deal('7406'), NOW);
    const journal = [written({ at: NOW + 1, linkId: created.id })];
    await store().settle(theirs, settlement({ journal }), NOW);
    expect(await store().overwrites(PROFILE, 'title', NOW)).toBe(1);
    expect(await store().overwrites(PROFILE, 'title', NOW + 1)).toBe(2);
  });

  it('holds a profile until it is resumed; only accepting lifts a brake', async () => {
    await store().saveProfileState({ profile: PROFILE, version: 'v1', matchedAt: { jira: NOW, crm: NOW } });
    expect(await store().holdProfile(PROFILE, 'halted', 'too many are gone')).toBe(true);
    expect(await store().holdProfile(PROFILE, 'halted', 'one more is gone')).toBe(false);
    expect(await store().holdProfile(PROFILE, 'paused', 'the accountants count')).toBe(true);
    expect(await store().holdProfile(PROFILE, 'paused', 'a person said so')).toBe(true);
    await store().saveProfileState({ profile: PROFILE, version: 'v2', matchedAt: { jira: NOW, crm: NOW } });
    const held = { halted: 'too many are gone', paused: 'a person said so', acceptedAt: null };
    expect(await store().profileState(PROFILE)).toMatchObject({ version: 'v2', ...held });
    await store().markDirty([{ ...marked(deal('1')), due: NOW + HOUR }], NOW);
    await store().resumeProfile(PROFILE, false, NOW + 1);
    expect(await store().profileState(PROFILE)).toMatchObject({ ...held, paused: null });
    expect(await store().dirtyRow(deal('1'))).toMatchObject({ due: NOW + 1 });
    await store().resumeProfile(PROFILE, true, NOW + 2);
    expect(await store().profileState(PROFILE)).toMatchObject({ halted: null, acceptedAt: NOW + 2 });
  });

  it('lets a pair be given up and come back', async () => {
    const before = await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    await store().settle(claim, settlement({ link: paired('10021', '7405', { state: 'merged-away' }) }), NOW);
    expect(await store().linkOf(issue('10021'))).toMatchObject({ id: before.id, state: 'merged-away' });
    expect((await store().counts(PROFILE)).links['merged-away']).toBe(1);
  });
}
