import { expect, it } from 'vitest';
import {
  claimOne,
  deal,
  issue,
  marked,
  NOW,
  PROFILE,
  page,
  settlement,
  sighting,
  storePair,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

export function auditCases(open: OpenStore): void {
  const store = freshStore(open);

  const carrying = (id: string, mark: string | null, more = {}) =>
    sighting(id, { key: `BUY-${id}`, matchKeys: [mark, 'Rotor Trade'], ...more });

  async function cleanUp(): Promise<void> {
    for (;;) {
      const [claim] = await store().claim(1, NOW);
      if (claim === undefined) return;
      await store().settle(claim, settlement(), NOW);
    }
  }

  it('tells marks that more than one record of a side carries, linked or not', async () => {
    await storePair(store(), '1', '7405');
    const issues = [carrying('1', 'crm-deal-7405'), carrying('2', 'crm-deal-7405'), carrying('3', 'crm-deal-7407')];
    await store().observe(page('jira', issues), NOW);
    await store().observe(page('crm', [carrying('7405', 'crm-deal-7407')]), NOW);
    const { twice } = await store().auditMarks(PROFILE, NOW);
    expect(twice).toEqual([{ side: 'jira', key: 'crm-deal-7405', records: ['BUY-1', 'BUY-2'] }]);
    expect(await store().auditMarks('leads', NOW)).toEqual({ twice: [], marked: 0 });
  });

  it('tells at most a hundred marks', async () => {
    const issues = Array.from({ length: 240 }, (_, at) => carrying(String(at), `crm-deal-${at % 120}`));
    await store().observe(page('jira', issues), NOW);
    expect((await store().auditMarks(PROFILE, NOW)).twice).toHaveLength(100);
  });

  it('does not count a record whose pair was given up', async () => {
    await storePair(store(), '1', '7405', { state: 'gone' });
    await store().observe(page('crm', [carrying('7405', 'issue-1'), carrying('7499', 'issue-1')]), NOW);
    expect((await store().auditMarks(PROFILE, NOW)).twice).toEqual([]);
  });

  it('marks unlinked records with a mark dirty, each once for what it shows', async () => {
    await store().observe(page('jira', [carrying('1', 'crm-deal-7405'), carrying('2', null)]), NOW);
    await cleanUp();
    expect(await store().auditMarks(PROFILE, NOW)).toEqual({ twice: [], marked: 1 });
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ lane: 'bulk', cause: 'sweep', due: NOW });
    expect(await store().dirtyRow(issue('2'))).toBeNull();
    await cleanUp();
    expect((await store().auditMarks(PROFILE, NOW)).marked).toBe(0);
    await store().observe(page('jira', [carrying('1', 'crm-deal-7405', { fingerprint: 'edited' })]), NOW);
    await cleanUp();
    expect((await store().auditMarks(PROFILE, NOW)).marked).toBe(1);
  });

  it('leaves alone what is linked, kept apart, parked or dirty already', async () => {
    const ids = ['1', '2', '3', '4'];
    await store().observe(
      page(
        'jira',
        ids.map((id) => carrying(id, `crm-deal-${id}`)),
      ),
      NOW,
    );
    await cleanUp();
    await storePair(store(), '1', '7401');
    await store().unlink(await store().claimRecord(issue('2'), NOW), NOW);
    const park = [{ side: 'jira', id: '3', field: '', reason: 'r', cure: 'c', kind: 'waiting', values: {} }] as const;
    await store().settle(await store().claimRecord(issue('3'), NOW), settlement({ park }), NOW);
    await store().markDirty([marked(issue('4'))], NOW);
    expect((await store().auditMarks(PROFILE, NOW)).marked).toBe(0);
  });

  it('knows nothing more of a record that is forgotten as gone', async () => {
    await store().observe(page('crm', [carrying('7405', 'issue-1')]), NOW);
    const forget = [{ side: 'crm', id: '7405' }] as const;
    await store().settle(await claimOne(store()), settlement({ forget }), NOW);
    expect(await store().matches(PROFILE, 'crm', 0, 'issue-1')).toEqual([]);
    expect(await store().findRecord(PROFILE, '7405')).toBeNull();
    expect((await store().auditMarks(PROFILE, NOW)).marked).toBe(0);
    await store().observe(page('crm', [carrying('7405', 'issue-1')]), NOW);
    expect(await store().dirtyRow(deal('7405'))).not.toBeNull();
  });
}
