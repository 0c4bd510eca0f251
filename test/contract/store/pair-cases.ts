import { expect, it } from 'vitest';
import { StaleError } from '../../../src/errors.ts';
import type { Side } from '../../../src/model.ts';
import {
  deal,
  HOUR,
  heldConflict,
  issue,
  MINUTE,
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

const INTENT = { key: 'bitrix24:nordhafen:issue-10021', profile: PROFILE, side: 'crm', sourceId: '10021' } as const;

export function pairCases(open: OpenStore): void {
  const store = freshStore(open);

  it('lists links in id order, page by page', async () => {
    for (const n of ['3', '1', '2']) await storePair(store(), `1000${n}`, `740${n}`);
    const first = await store().links(PROFILE, 0, 2);
    expect(first.map((link) => link.ids.jira)).toEqual(['10003', '10001']);
    const rest = await store().links(PROFILE, first[1]?.id ?? 0, 2);
    expect(rest.map((link) => link.ids.jira)).toEqual(['10002']);
    expect(await store().links('leads', 0, 10)).toEqual([]);
  });

  it('finds ids by match key, linked or not', async () => {
    await storePair(store(), '10021', '7405');
    const seen = [
      sighting('7405', { matchKeys: ['hydrotech', 'r-1'] }),
      sighting('7406', { matchKeys: ['hydrotech', null] }),
    ];
    await store().observe(page('crm', seen), NOW);
    expect(await store().matches(PROFILE, 'crm', 0, 'hydrotech')).toEqual(['7406', '7405']);
    expect(await store().matches(PROFILE, 'crm', 1, 'r-1')).toEqual(['7405']);
    expect(await store().matches(PROFILE, 'crm', 1, 'hydrotech')).toEqual([]);
    expect(await store().matches(PROFILE, 'jira', 0, 'hydrotech')).toEqual([]);
    expect(await store().matches('leads', 'crm', 0, 'hydrotech')).toEqual([]);
  });

  it('matches long values as a whole, and keeps text of any kind', async () => {
    // Nothing that an index could make shorter.
    const long = Array.from({ length: 3000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20000))).join('');
    const odd = 'a\u0000b\u0001';
    const seen = [
      sighting('1', { matchKeys: [long, odd], key: odd }),
      sighting('2', { matchKeys: [`${long}!`, 'ab'] }),
    ];
    await store().observe(page('crm', seen), NOW);
    expect(await store().matches(PROFILE, 'crm', 0, long)).toEqual(['1']);
    expect(await store().matches(PROFILE, 'crm', 0, `${long}!`)).toEqual(['2']);
    expect(await store().matches(PROFILE, 'crm', 1, odd)).toEqual(['1']);
    expect((await store().findRecord(PROFILE, odd))?.id).toBe('1');
    await store().observe(page('crm', [sighting('1', { matchKeys: ['short', null] })]), NOW);
    expect(await store().matches(PROFILE, 'crm', 0, long)).toEqual([]);
  });

  it('answers at most three of many', async () => {
    const seen = Array.from({ length: 5 }, (_, i) => sighting(String(i), { matchKeys: ['Уралнасос'] }));
    await store().observe(page('jira', seen), NOW);
    expect(await store().matches(PROFILE, 'jira', 0, 'Уралнасос')).toHaveLength(3);
  });

  it('does not let linked records hide one that may be paired', async () => {
    const seen = ['1', '2', '3', '4'].map((id) => sighting(id, { matchKeys: ['Rotor Trade'] }));
    await store().observe(page('jira', seen), NOW);
    for (const id of ['1', '2', '3']) await storePair(store(), id, `740${id}`);
    expect(await store().matches(PROFILE, 'jira', 0, 'Rotor Trade')).toEqual(['4', '1', '2']);
  });

  it('follows a match key that changes, also when the fingerprint does not', async () => {
    await store().observe(page('jira', [sighting('1', { matchKeys: ['a'] })]), NOW);
    expect(await store().observe(page('jira', [sighting('1', { matchKeys: [null, 'b'] })]), NOW)).toEqual({
      marked: 0,
    });
    expect(await store().matches(PROFILE, 'jira', 0, 'a')).toEqual([]);
    expect(await store().matches(PROFILE, 'jira', 1, 'b')).toEqual(['1']);
  });

  it('plans a create once', async () => {
    const planned = { ...INTENT, state: 'planned', attempt: 0, sentAt: null, movedAt: NOW, sent: null };
    expect(await store().planIntent(INTENT, NOW)).toEqual(planned);
    expect(await store().intent(INTENT.key)).toEqual(planned);
    await store().moveIntent(INTENT.key, 'sent', NOW + 5);
    const sent = { ...INTENT, state: 'sent', attempt: 1, sentAt: NOW + 5, movedAt: NOW + 5, sent: null };
    expect(await store().planIntent({ ...INTENT, sourceId: 'other' }, NOW)).toEqual(sent);
    expect(await store().intent('another')).toBeNull();
  });

  it('keeps what was sent, for whoever has to find out what became of it', async () => {
    const sent = {
      before: '41',
      values: { title: 'Pumps', opportunity: { amount: '5', currency: 'RUB' }, closedate: null },
    };
    await store().planIntent(INTENT, NOW);
    await store().moveIntent(INTENT.key, 'sent', NOW, sent);
    const doubtful = { state: 'doubtful', sentAt: NOW, movedAt: NOW + 1 };
    await store().moveIntent(INTENT.key, 'doubtful', NOW + 1);
    expect(await store().intent(INTENT.key)).toMatchObject({ ...doubtful, sent });
    await store().moveIntent(INTENT.key, 'doubtful', NOW + 1, { ...sent, arrived: true });
    expect(await store().intent(INTENT.key)).toMatchObject({ ...doubtful, sent: { ...sent, arrived: true } });
  });

  it('takes a create back that was refused before it was executed, and counts the next sending', async () => {
    await store().planIntent(INTENT, NOW);
    await store().moveIntent(INTENT.key, 'sent', NOW);
    await store().moveIntent(INTENT.key, 'planned', NOW);
    expect(await store().planIntent(INTENT, NOW)).toMatchObject({ state: 'planned', attempt: 1, sentAt: null });
    await store().moveIntent(INTENT.key, 'sent', NOW + 1);
    expect(await store().planIntent(INTENT, NOW)).toMatchObject({ state: 'sent', attempt: 2, sentAt: NOW + 1 });
  });

  it('never sends again what is in doubt', async () => {
    await store().planIntent(INTENT, NOW);
    await store().moveIntent(INTENT.key, 'sent', NOW);
    await store().moveIntent(INTENT.key, 'doubtful', NOW + 1);
    expect(await store().planIntent(INTENT, NOW)).toMatchObject({ state: 'doubtful', sentAt: NOW });
    await expect(store().moveIntent(INTENT.key, 'sent', NOW)).rejects.toBeInstanceOf(StaleError);
    await store().moveIntent(INTENT.key, 'planned', NOW);
    await store().moveIntent(INTENT.key, 'sent', NOW);
    expect((await store().planIntent(INTENT, NOW)).attempt).toBe(2);
  });

  it('moves nothing out of done, and no intent that is not there', async () => {
    await store().planIntent(INTENT, NOW);
    const claim = await store().claimRecord(issue('10021'), NOW);
    await store().settle(claim, settlement({ intentDone: INTENT.key }), NOW);
    for (const to of ['sent', 'planned', 'doubtful'] as const) {
      await expect(store().moveIntent(INTENT.key, to, NOW)).rejects.toBeInstanceOf(StaleError);
    }
    await expect(store().moveIntent('unknown', 'sent', NOW)).rejects.toBeInstanceOf(StaleError);
  });

  it('doubts what was left sent', async () => {
    const keys = ['a', 'b', 'c'];
    for (const key of keys) await store().planIntent({ ...INTENT, key }, NOW);
    await store().moveIntent('a', 'sent', NOW);
    await store().moveIntent('b', 'sent', NOW);
    expect(await store().doubtSentIntents(NOW)).toBe(2);
    expect(await store().doubtSentIntents(NOW)).toBe(0);
    const states = [];
    for (const key of keys) states.push((await store().planIntent({ ...INTENT, key }, NOW)).state);
    expect(states).toEqual(['doubtful', 'doubtful', 'planned']);
  });

  it('tells what there is of a pair: what of both records is parked, and its open conflicts', async () => {
    // The issue has the id of the deal, and another issue that of the pair's.
    const link = await storePair(store(), '7405', '10021');
    await storePair(store(), '10021', '7405');
    const why = { reason: 'Refused', kind: 'rejected', cure: 'Correct it', values: { budget: 'x' } };
    const parked = (side: Side, id: string, field: string) => ({ side, id, field, ...why });
    const both = [parked('crm', '10021', 'distributor'), parked('jira', '7405', 'budget')];
    const conflicts = [
      heldConflict({ field: 'budget' }),
      heldConflict({ field: 'summary', status: 'settled', outcome: 'jira' }),
    ];
    const claim = await store().claimRecord(issue('7405'), NOW);
    await store().settle(claim, settlement({ park: both, conflicts }), NOW);
    const other = await store().claimRecord(deal('7405'), NOW);
    const others = [parked('jira', '10021', 'budget'), parked('crm', '7405', '')];
    await store().settle(other, settlement({ park: others, conflicts: [heldConflict()] }), NOW);

    const known = await store().standing(PROFILE, link.ids, link.id, NOW);
    expect(known.parked.map(({ side, id, field }) => [side, id, field])).toEqual([
      ['jira', '7405', 'budget'],
      ['crm', '10021', 'distributor'],
    ]);
    expect(known.parked[0]).toEqual({ ...both[1], profile: PROFILE, at: NOW });
    expect(known.openConflicts).toMatchObject([{ linkId: link.id, field: 'budget', status: 'open' }]);
    expect(known.recentWrites).toEqual([]);
    const unlinked = { parked: known.parked, openConflicts: [], recentWrites: [] };
    expect(await store().standing(PROFILE, link.ids, null, NOW)).toEqual(unlinked);
    expect((await store().standing('leads', link.ids, link.id, NOW)).parked).toEqual([]);
  });

  it('takes a row of the other side that has the same id for none of the pair', async () => {
    await storePair(store(), '7405', '10021');
    await store().markDirty(
      [issue('7405'), deal('10021'), issue('10021'), deal('7405')].map((key) => marked(key)),
      NOW,
    );
    const claim = await store().claimRecord(issue('7405'), NOW);
    expect(claim.rows.map(({ side, id }) => [side, id])).toEqual([
      ['jira', '7405'],
      ['crm', '10021'],
    ]);
  });

  it('answers the link as it is when a settlement leaves it alone', async () => {
    const link = await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(issue('10021'), NOW);
    const announced = { budget: { before: { jira: '1', crm: '1' }, after: { jira: '2', crm: '2' } } };
    await store().announce(claim, announced);
    expect(await store().settle(claim, settlement(), NOW)).toEqual({ ...link, announced });
  });

  it('lists the recent writes of a link in order', async () => {
    const link = await storePair(store(), '10021', '7405');
    const other = await storePair(store(), '10022', '7406');
    const claim = await store().claimRecord(issue('10021'), NOW);
    const journal = [
      written({ linkId: link.id, at: NOW - HOUR }),
      written({ linkId: link.id, at: NOW, run: 'later' }),
      written({ linkId: link.id, at: NOW - MINUTE, run: 'earlier' }),
      written({ linkId: other.id, at: NOW }),
    ];
    await store().settle(claim, settlement({ journal }), NOW);
    const { recentWrites } = await store().standing(PROFILE, link.ids, link.id, NOW - MINUTE);
    expect(recentWrites.map((entry) => entry.run)).toEqual(['earlier', 'later']);
  });
}
