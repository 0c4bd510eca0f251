import { expect, it } from 'vitest';
import { BusyError, StaleError } from '../../../src/errors.ts';
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

export function settleCases(open: OpenStore): void {
  const store = freshStore(open);

  it('stores a new link and answers it', async () => {
    const base = {
      budget: { jira: '100.5', crm: { amount: '100.5', currency: 'EUR' } },
      labels: { jira: ['a', 'б'], crm: null },
      urgent: { jira: true, crm: false },
    };
    const write = paired('10021', '7405', {
      base,
      state: 'waiting',
      reason: 'stage is below Закупка',
      origin: 'match',
    });
    const claim = await store().claimRecord(issue('10021'), NOW);
    const link = await store().settle(claim, settlement({ link: write }), NOW + 7);
    expect(link).toEqual({ ...write, id: expect.any(Number), profile: PROFILE, revision: 1, createdAt: NOW + 7 });
    expect(await store().linkOf(issue('10021'))).toEqual(link);
    expect(await store().linkOf(deal('7405'))).toEqual(link);
    expect(await store().linkOf(deal('10021'))).toBeNull();
  });

  it('changes the claimed link and raises its revision', async () => {
    const before = await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    const write = paired('10021', '7405', { versions: { jira: 'j2', crm: 'c2' }, settledAt: NOW + HOUR });
    const after = await store().settle(claim, settlement({ link: write }), NOW + HOUR);
    expect(after).toEqual({ ...write, id: before.id, profile: PROFILE, revision: 2, createdAt: before.createdAt });
    expect(await store().linkOf(issue('10021'))).toEqual(after);
  });

  it('refuses to change a link that has moved since the claim saw it', async () => {
    await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    const first = paired('10021', '7405', { versions: { jira: 'j2', crm: 'c2' } });
    await store().settle(claim, settlement({ link: first, next: 'keep' }), NOW);
    const late = store().settle(claim, settlement({ link: paired('10021', '7405') }), NOW);
    await expect(late).rejects.toThrow(StaleError);
    expect(await store().linkOf(issue('10021'))).toMatchObject({ versions: first.versions, revision: 2 });
  });

  it('leaves the link untouched when the settlement has none', async () => {
    const before = await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    expect(await store().settle(claim, settlement(), NOW)).toEqual(before);
  });

  it('keeps what was announced of a pair, whoever dies, until it is settled', async () => {
    const { revision } = await storePair(store(), '10021', '7405');
    const announced = {
      budget: {
        before: { jira: null, crm: { amount: '1', currency: 'EUR' } },
        after: { jira: '2', crm: { amount: '1', currency: 'EUR' } },
      },
    };
    const claim = await store().claimRecord(deal('7405'), NOW);
    await store().announce(claim, announced);
    expect(await store().linkOf(issue('10021'))).toMatchObject({ announced, revision });
    const after = await store().settle(claim, settlement({ link: paired('10021', '7405') }), NOW);
    expect(after).toMatchObject({ announced: null });
    expect(await store().linkOf(issue('10021'))).toEqual(after);
  });

  it('keeps what is still announced where a settlement says so, and where it leaves the link alone', async () => {
    await storePair(store(), '10021', '7405');
    const announced = { labels: { before: { jira: ['a'], crm: ['a'] }, after: { jira: null, crm: ['a'] } } };
    const claim = await store().claimRecord(deal('7405'), NOW);
    const link = await store().settle(claim, settlement({ link: paired('10021', '7405', { announced }) }), NOW);
    expect(link).toMatchObject({ announced });
    await store().settle(await store().claimRecord(deal('7405'), NOW), settlement(), NOW);
    expect(await store().linkOf(issue('10021'))).toEqual(link);
  });

  it('announces nothing of a link that has moved since the claim saw it, and nothing of a claim that was given back', async () => {
    await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    await store().settle(claim, settlement({ link: paired('10021', '7405'), next: 'keep' }), NOW);
    await expect(store().announce(claim, {})).rejects.toThrow(StaleError);
    await store().release(claim, { due: NOW, counted: false, reason: 'a test' }, NOW);
    await expect(store().announce(claim, {})).rejects.toThrow(StaleError);
    expect(await store().linkOf(issue('10021'))).toMatchObject({ announced: null });
  });

  it('refuses a second link of either record, commits nothing and keeps the claim', async () => {
    await storePair(store(), '10021', '7405');
    await store().markDirty([marked(issue('10022')), marked(deal('7406'), { due: NOW - 1 })], NOW);
    const [first, second] = await store().claim(2, NOW);
    if (first === undefined || second === undefined) throw new Error('two claims expected');
    const parked = { side: 'jira', id: '10022', field: '', reason: 'r', cure: 'c', kind: 'k', values: {} } as const;
    const more = { park: [parked], journal: [written()], seen: [{ ...sighting('10022'), side: 'jira' as const }] };
    const takesDeal = settlement({ ...more, link: paired('10022', '7405') });
    const takesIssue = settlement({ ...more, link: paired('10021', '7406') });
    await expect(store().settle(first, takesDeal, NOW)).rejects.toBeInstanceOf(StaleError);
    await expect(store().settle(second, takesIssue, NOW)).rejects.toBeInstanceOf(StaleError);

    expect(await store().links(PROFILE, 0, 10)).toHaveLength(1);
    expect(await store().parked({})).toEqual([]);
    expect(await store().journal({ limit: 10 })).toEqual([]);
    expect((await store().counts(PROFILE)).seenUnlinked.jira).toBe(0);
    expect(await store().dirtyRow(issue('10022'))).not.toBeNull();
    expect(await store().claim(10, NOW)).toEqual([]);
    await store().release(first, { due: NOW, counted: true, reason: 'moved' }, NOW);
    expect((await store().dirtyRow(issue('10022')))?.attempts).toBe(1);
  });

  it('lets two profiles pair the same records', async () => {
    await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord({ ...issue('10021'), profile: 'leads' }, NOW);
    const link = await store().settle(claim, settlement({ link: paired('10021', '7405') }), NOW);
    expect(link?.profile).toBe('leads');
  });

  it('refuses notes on a record that was paired while it was taken for unlinked', async () => {
    await store().markDirty([marked(deal('7405'))], NOW);
    const echo = await claimOne(store());
    await storePair(store(), '10021', '7405');
    await expect(store().settle(echo, settlement(), NOW)).rejects.toBeInstanceOf(StaleError);
    await store().release(echo, { due: NOW, counted: false, reason: 'moved' }, NOW);
    expect((await claimOne(store())).link?.ids.jira).toBe('10021');
  });

  it('gives the row of a record to its new link when it was marked before the pairing', async () => {
    await store().markDirty([marked(issue('10021'))], NOW);
    const claim = await claimOne(store());
    await store().markDirty([marked(deal('7405'))], NOW + 1);
    await store().settle(claim, settlement({ link: paired('10021', '7405') }), NOW + 2);
    expect(await claimOne(store(), NOW + 2)).toMatchObject({
      link: { ids: { jira: '10021' } },
      rows: [{ id: '7405' }],
    });
  });

  it('deletes clean rows and frees the claim', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    await store().settle(await claimOne(store()), settlement(), NOW);
    expect(await store().dirtyRow(issue('1'))).toBeNull();
    expect((await store().claimRecord(issue('1'), NOW)).rows).toEqual([]);
  });

  it('keeps a row that was marked during the work, due now and as if it had never failed', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    await store().release(await claimOne(store()), { due: NOW + 5, counted: true, reason: 'no answer' }, NOW);
    const claim = await claimOne(store(), NOW + 5);
    await store().markDirty([marked(issue('1'))], NOW + 6);
    await store().settle(claim, settlement(), NOW + 7);
    const row = await store().dirtyRow(issue('1'));
    expect(row).toMatchObject({ generation: 2, attempts: 0, reason: null, since: NOW + 5 });
    expect(row?.due).toBeLessThanOrEqual(NOW + 7);
    expect(await store().claim(1, NOW + 7)).toHaveLength(1);
  });

  it('makes rows due again with what it settled committed', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    const next = { due: NOW + HOUR, counted: true, reason: 'one more step of the status' };
    const done = settlement({ link: paired('1', '2'), next });
    expect(await store().settle(await claimOne(store()), done, NOW)).not.toBeNull();
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ due: next.due, attempts: 1, reason: next.reason });
    expect(await store().claim(10, NOW)).toEqual([]);
    expect(await store().claim(10, next.due)).toHaveLength(1);
  });

  it('refuses a claim that was settled before', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    const claim = await claimOne(store());
    await store().settle(claim, settlement(), NOW);
    await expect(store().settle(claim, settlement(), NOW)).rejects.toBeInstanceOf(StaleError);
    await expect(store().claimPartner(claim, deal('2'))).rejects.toBeInstanceOf(StaleError);
  });

  it('stores the sightings of what was written, so that the next sweep finds nothing new', async () => {
    await store().observe(page('jira', [sighting('1', { matchKeys: ['old'] })]), NOW);
    const seen = [
      { ...sighting('1', { fingerprint: 'written', matchKeys: ['new'] }), side: 'jira' as const },
      { ...sighting('2', { matchKeys: ['deal'] }), side: 'crm' as const },
    ];
    await store().settle(await claimOne(store()), settlement({ seen }), NOW);
    const again = page('jira', [sighting('1', { fingerprint: 'written', matchKeys: ['new'] })]);
    expect(await store().observe(again, NOW)).toEqual({ marked: 0 });
    expect(await store().observe(page('crm', [sighting('2', { matchKeys: ['deal'] })]), NOW)).toEqual({ marked: 0 });
    expect(await store().matches(PROFILE, 'jira', 0, 'old')).toEqual([]);
    expect(await store().matches(PROFILE, 'jira', 0, 'new')).toEqual(['1']);
  });

  it('stores a conflict with both bases, both values, times and people', async () => {
    const link = await settleConflicts([heldConflict()]);
    expect(await store().conflicts({ linkId: link.id })).toEqual([
      { ...heldConflict(), id: expect.any(Number), linkId: link.id, profile: PROFILE, take: null, closedAt: null },
    ]);
  });

  it('stores the conflict of a field without base', async () => {
    await settleConflicts([heldConflict({ base: null, values: { jira: 'a', crm: null } })]);
    expect(await store().conflicts({})).toMatchObject([{ base: null, values: { jira: 'a', crm: null } }]);
  });

  it('stores the same conflict once and keeps the decision on it', async () => {
    await settleConflicts([heldConflict()]);
    const [stored] = await store().conflicts({});
    await store().decideConflict(stored?.id ?? 0, { side: 'jira' }, NOW);
    await settleConflicts([heldConflict({ at: NOW + HOUR })]);
    expect(await store().conflicts({})).toMatchObject([{ id: stored?.id, at: NOW, take: { side: 'jira' } }]);
  });

  it('supersedes what is open of the field when the values have moved on', async () => {
    await settleConflicts([heldConflict(), heldConflict({ field: 'summary', values: { jira: 'a', crm: 'b' } })]);
    await settleConflicts(
      [heldConflict({ values: { jira: '150', crm: { amount: '130', currency: 'EUR' } } })],
      NOW + 9,
    );
    expect(await store().conflicts({})).toMatchObject([
      { field: 'budget', status: 'superseded', closedAt: NOW + 9 },
      { field: 'summary', status: 'open', closedAt: null },
      { field: 'budget', status: 'open', values: { jira: '150' } },
    ]);
  });

  it('opens a superseded conflict again when its values come back', async () => {
    await settleConflicts([heldConflict()]);
    await settleConflicts([heldConflict({ values: { jira: '150', crm: null } })]);
    await settleConflicts([heldConflict()]);
    const statuses = (await store().conflicts({})).map(({ status, closedAt }) => [status, closedAt]);
    expect(statuses).toEqual([
      ['open', null],
      ['superseded', NOW],
    ]);
  });

  it('takes the same values on another base for another conflict', async () => {
    await settleConflicts([heldConflict({ status: 'settled', outcome: 'jira' })]);
    await settleConflicts([heldConflict({ status: 'settled', outcome: 'jira', at: NOW + 1 })]);
    await settleConflicts([heldConflict({ status: 'settled', outcome: 'jira', base: null })]);
    expect(await store().conflicts({ status: 'settled' })).toHaveLength(2);
  });

  it('closes the open conflicts of the fields named', async () => {
    const link = await settleConflicts([heldConflict(), heldConflict({ field: 'summary' })]);
    const claim = await store().claimRecord(issue('10021'), NOW);
    await store().settle(claim, settlement({ closeConflicts: ['budget'] }), NOW + 5);
    expect(await store().conflicts({ linkId: link.id })).toMatchObject([
      { field: 'budget', status: 'settled', closedAt: NOW + 5 },
      { field: 'summary', status: 'open' },
    ]);
  });

  it('writes the journal, under the new link where the entry names none', async () => {
    const claim = await store().claimRecord(issue('10021'), NOW);
    const entries = [
      written({ action: 'create', before: null, after: { amount: '1', currency: 'RUB' } }),
      written({ field: 'labels', before: ['a'], after: null, linkId: 77, at: NOW + 1 }),
    ];
    const link = await store().settle(claim, settlement({ link: paired('10021', '7405'), journal: entries }), NOW);
    expect(await store().journal({ profile: PROFILE, limit: 10 })).toEqual([
      entries[1],
      { ...entries[0], linkId: link?.id },
    ]);
  });

  it('finishes the intent with the link', async () => {
    const intent = { key: 'jira:issue-10021', profile: PROFILE, side: 'crm', sourceId: '10021' } as const;
    await store().planIntent(intent, NOW);
    await store().moveIntent(intent.key, 'sent', NOW);
    const claim = await store().claimRecord(issue('10021'), NOW);
    const done = settlement({ link: paired('10021', '7405'), intentDone: intent.key });
    await store().settle(claim, done, NOW);
    expect((await store().planIntent(intent, NOW)).state).toBe('done');
  });

  it('settles a pair whose intent was lost with an older state', async () => {
    const claim = await store().claimRecord(issue('10021'), NOW);
    const done = settlement({ link: paired('10021', '7405'), intentDone: 'unknown' });
    expect(await store().settle(claim, done, NOW)).not.toBeNull();
  });

  it('commits half-way and keeps the claim, rows and all, of both records of the pair', async () => {
    await store().markDirty([marked(issue('10021'))], NOW);
    const claim = await claimOne(store());
    const half = settlement({ link: paired('10021', '7405'), conflicts: [heldConflict()], next: 'keep' });
    const link = await store().settle(claim, half, NOW);
    expect(await store().conflicts({})).toHaveLength(1);
    await store().markDirty([marked(deal('7405'))], NOW);
    expect(await store().claim(10, NOW)).toEqual([]);
    await expect(store().claimRecord(deal('7405'), NOW)).rejects.toBeInstanceOf(BusyError);
    expect(await store().dirtyRow(issue('10021'))).toMatchObject({ generation: 1, attempts: 0 });

    const whole = settlement({ link: paired('10021', '7405'), closeConflicts: ['budget'] });
    const after = await store().settle({ ...claim, link }, whole, NOW);
    expect(after?.revision).toBe(2);
    expect(await store().dirtyRow(issue('10021'))).toBeNull();
    expect((await claimOne(store())).rows).toMatchObject([{ id: '7405' }]);
  });

  async function settleConflicts(conflicts: readonly ReturnType<typeof heldConflict>[], now = NOW) {
    const claim = await store().claimRecord(issue('10021'), now);
    const link = await store().settle(claim, settlement({ link: paired('10021', '7405'), conflicts }), now);
    if (link === null) throw new Error('no link');
    return link;
  }
}
