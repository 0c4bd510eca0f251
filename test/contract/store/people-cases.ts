import { expect, it } from 'vitest';
import type { Link, ParkedWrite } from '../../../src/state/store.ts';
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

const PARKED: ParkedWrite = {
  side: 'crm',
  id: '7405',
  field: 'distributor',
  reason: 'Bitrix24 has no option "Уралнасос"',
  cure: 'Add the option in Bitrix24, then run `parked retry 7405`.',
  kind: 'mapping',
  values: { distributor: 'Уралнасос', labels: ['a', 'b'] },
};

export function peopleCases(open: OpenStore): void {
  const store = freshStore(open);

  it('filters conflicts by profile, link and status', async () => {
    const first = await conflicted('10021', '7405');
    const second = await conflicted('10022', '7406');
    await settleOn('10022', settlement({ closeConflicts: ['budget'] }));
    expect(await store().conflicts({})).toHaveLength(2);
    expect(await store().conflicts({ linkId: second.id })).toMatchObject([{ status: 'settled' }]);
    expect(await store().conflicts({ profile: PROFILE, status: 'open' })).toMatchObject([{ linkId: first.id }]);
    expect(await store().conflicts({ profile: 'leads' })).toEqual([]);
  });

  it('stores a decision and marks the pair dirty in the live lane', async () => {
    await conflicted('10021', '7405');
    const id = await onlyConflict();
    const take = { value: { amount: '125', currency: 'EUR' } };
    expect(await store().decideConflict(id, take, NOW + 1)).toMatchObject({ id, take, status: 'open' });
    expect(await store().conflict(id)).toMatchObject({ take });
    const claim = await claimOne(store(), NOW + 1);
    expect(claim.link?.ids).toEqual({ jira: '10021', crm: '7405' });
    expect(claim.rows[0]).toMatchObject({ lane: 'live', cause: 'command', version: null });
  });

  it('decides nothing about a conflict that is closed or not there', async () => {
    await conflicted('10021', '7405');
    const id = await onlyConflict();
    await settleOn('10021', settlement({ closeConflicts: ['budget'] }));
    expect(await store().decideConflict(id, { side: 'crm' }, NOW)).toMatchObject({ status: 'settled', take: null });
    expect(await store().decideConflict(id + 1, { side: 'crm' }, NOW)).toBeNull();
    expect(await store().conflict(id + 1)).toBeNull();
    expect(await store().nextDue()).toBeNull();
  });

  it('parks a field with its values and replaces what was parked of it before', async () => {
    await settleOn('10021', settlement({ park: [PARKED] }));
    expect(await store().parked({})).toEqual([{ ...PARKED, profile: PROFILE, at: NOW }]);
    const other = { ...PARKED, reason: 'Refused', kind: 'rejected', values: {} };
    await settleOn('10021', settlement({ park: [other, { ...PARKED, field: '' }] }), NOW + 5);
    expect(await store().parked({ profile: PROFILE, side: 'crm', id: '7405' })).toEqual([
      { ...PARKED, field: '', profile: PROFILE, at: NOW + 5 },
      { ...other, profile: PROFILE, at: NOW + 5 },
    ]);
    expect(await store().parked({ side: 'jira' })).toEqual([]);
  });

  it('unparks one field, or all of a record', async () => {
    const park = ['', 'distributor', 'budget'].map((field) => ({ ...PARKED, field }));
    await settleOn('10021', settlement({ park: [...park, { ...PARKED, id: '7406' }] }));
    await settleOn('10021', settlement({ unpark: [{ side: 'crm', id: '7405', field: 'budget' }] }));
    expect(await store().parked({ id: '7405' })).toHaveLength(2);
    await settleOn('10021', settlement({ unpark: [{ side: 'crm', id: '7405', field: '' }] }));
    expect((await store().parked({ id: '7405' })).map((parked) => parked.field)).toEqual(['distributor']);
    await settleOn('10021', settlement({ unpark: [{ side: 'crm', id: '7405', field: null }] }));
    expect((await store().parked({})).map((parked) => parked.id)).toEqual(['7406']);
  });

  it('parks anew what the same settlement unparks', async () => {
    await settleOn('10021', settlement({ park: [PARKED, { ...PARKED, field: 'budget' }] }));
    const unpark = [{ side: 'crm', id: '7405', field: null }] as const;
    await settleOn('10021', settlement({ unpark, park: [PARKED] }));
    expect((await store().parked({})).map((parked) => parked.field)).toEqual(['distributor']);
  });

  it('retries what is parked: removes the rows and marks their records', async () => {
    const park = [PARKED, { ...PARKED, field: 'budget' }, { ...PARKED, side: 'jira', id: '10022' } as const];
    await settleOn('10021', settlement({ park }));
    expect(await store().retryParked({ profile: 'leads' }, NOW)).toBe(0);
    expect(await store().retryParked({ side: 'crm' }, NOW)).toBe(2);
    expect(await store().dirtyRow(deal('7405'))).toMatchObject({ lane: 'live', cause: 'command', generation: 1 });
    expect(await store().dirtyRow(issue('10022'))).toBeNull();
    expect(await store().retryParked({}, NOW)).toBe(1);
    expect(await store().parked({})).toEqual([]);
  });

  it('answers the newest of the journal first', async () => {
    const link = await storePair(store(), '10021', '7405');
    const journal = ['a', 'b', 'c'].map((run) => written({ run, linkId: link.id }));
    await settleOn('10021', settlement({ journal: [...journal, written({ run: 'd', profile: 'leads', linkId: 99 })] }));
    expect((await store().journal({ limit: 2 })).map((entry) => entry.run)).toEqual(['d', 'c']);
    expect((await store().journal({ linkId: link.id, limit: 2 })).map((entry) => entry.run)).toEqual(['c', 'b']);
    expect(await store().journal({ profile: 'leads', limit: 5 })).toHaveLength(1);
  });

  it('finds a record by the key people use before it looks at ids', async () => {
    await storePair(store(), '7405', '7406');
    await store().observe(page('crm', [sighting('7405')]), NOW);
    await store().observe(page('jira', [sighting('10500', { key: 'BUY-500' })]), NOW);
    await store().markDirty([marked(issue('10600'))], NOW);
    expect(await store().findRecord(PROFILE, 'BUY-7405')).toEqual(issue('7405'));
    expect(await store().findRecord(PROFILE, '7406')).toEqual(deal('7406'));
    expect(await store().findRecord(PROFILE, '7405')).toEqual(deal('7405'));
    expect(await store().findRecord(PROFILE, 'BUY-500')).toEqual(issue('10500'));
    expect(await store().findRecord(PROFILE, '10500')).toEqual(issue('10500'));
    expect(await store().findRecord(PROFILE, '10600')).toEqual(issue('10600'));
    expect(await store().findRecord(PROFILE, 'BUY-1')).toBeNull();
    expect(await store().findRecord('leads', 'BUY-500')).toBeNull();
  });

  it('counts nothing in an empty profile', async () => {
    expect(await store().counts(PROFILE)).toEqual({
      links: { active: 0, waiting: 0, 'out-of-scope': 0, gone: 0, 'merged-away': 0 },
      unsettled: 0,
      dirty: { live: 0, bulk: 0 },
      oldestDirty: null,
      oldest: { live: null, bulk: null },
      retrying: 0,
      openConflicts: 0,
      conflictedLinks: 0,
      parkedByKind: {},
      seenUnlinked: { jira: 0, crm: 0 },
    });
  });

  it('counts links, work, conflicts, parked and unlinked records of one profile', async () => {
    await storePair(store(), '1', '2', { state: 'waiting', reason: 'stage' });
    await conflicted('10021', '7405', ['budget', 'summary']);
    await settleOn(
      '10021',
      settlement({ park: [PARKED, { ...PARKED, field: 'x' }, { ...PARKED, id: '9', kind: 'poison' }] }),
    );
    const seen = [sighting('7405'), sighting('7406'), sighting('7407')];
    await store().observe(page('crm', seen), NOW);
    await store().markDirty([marked(issue('5'))], NOW - HOUR);
    await store().release(await claimOne(store()), { due: NOW + HOUR, counted: true, reason: 'r' }, NOW);
    await store().markDirty([marked({ ...issue('5'), profile: 'leads' })], NOW - 2 * HOUR);
    expect(await store().counts(PROFILE)).toEqual({
      links: { active: 1, waiting: 1, 'out-of-scope': 0, gone: 0, 'merged-away': 0 },
      unsettled: 0,
      dirty: { live: 1, bulk: 3 },
      oldestDirty: NOW - HOUR,
      oldest: { live: NOW - HOUR, bulk: NOW },
      retrying: 1,
      openConflicts: 2,
      conflictedLinks: 1,
      parkedByKind: { mapping: 2, poison: 1 },
      seenUnlinked: { jira: 0, crm: 2 },
    });
  });

  it('counts a record as unlinked before its link, not after, and again when the link leaves it', async () => {
    await store().observe(page('crm', [sighting('7405'), sighting('7406')]), NOW);
    await store().observe(page('jira', [sighting('10021')]), NOW);
    const unlinked = async () => (await store().counts(PROFILE)).seenUnlinked;
    expect(await unlinked()).toEqual({ jira: 1, crm: 2 });
    await storePair(store(), '10021', '7405');
    await store().observe(page('crm', [sighting('7405', { fingerprint: 'new' })]), NOW);
    expect(await unlinked()).toEqual({ jira: 0, crm: 1 });
    await settleOn('10021', settlement({ link: paired('10021', '7406') }));
    expect(await unlinked()).toEqual({ jira: 0, crm: 1 });
    expect(await store().linkOf(deal('7405'))).toBeNull();
    expect((await store().linkOf(deal('7406')))?.revision).toBe(2);
  });

  async function conflicted(jira: string, crm: string, fields = ['budget']): Promise<Link> {
    const claim = await store().claimRecord(issue(jira), NOW);
    const conflicts = fields.map((field) => heldConflict({ field }));
    const link = await store().settle(claim, settlement({ link: paired(jira, crm), conflicts }), NOW);
    if (link === null) throw new Error('no link');
    return link;
  }

  async function onlyConflict(): Promise<number> {
    const all = await store().conflicts({});
    expect(all).toHaveLength(1);
    return all[0]?.id ?? 0;
  }

  async function settleOn(id: string, what: ReturnType<typeof settlement>, now = NOW): Promise<void> {
    await store().settle(await store().claimRecord(issue(id), now), what, now);
  }
}
