import { expect, it } from 'vitest';
import { BusyError, StaleError } from '../../../src/errors.ts';
import type { Claim } from '../../../src/state/store.ts';
import {
  claimOne,
  deal,
  HOUR,
  issue,
  MINUTE,
  marked,
  NOW,
  PROFILE,
  page,
  paired,
  settlement,
  sighting,
  storePair,
} from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

const LATER = { due: NOW + HOUR, counted: true, reason: 'Bitrix24 does not answer' };

export function claimCases(open: OpenStore): void {
  const store = freshStore(open);

  it('gives out live rows first, of these the newest, so that an edit made now does not wait for what piled up', async () => {
    await store().markDirty([marked(issue('bulk'), { lane: 'bulk', due: NOW - HOUR })], NOW - HOUR);
    await store().markDirty([marked(issue('waits-less'), { due: NOW - 5 })], NOW - 10);
    await store().markDirty([marked(issue('waits-long'), { due: NOW - 5 })], NOW - 20);
    await store().markDirty([marked(issue('due-first'), { due: NOW - 6 })], NOW - 6);
    const claims = await store().claim(10, NOW);
    expect(claims.map((claim) => claim.rows[0]?.id)).toEqual(['waits-less', 'waits-long', 'due-first', 'bulk']);
  });

  it('gives out the oldest live row every fourth time, so that nothing waits for ever', async () => {
    for (let age = 9; age >= 1; age -= 1) await store().markDirty([marked(issue(`age-${age}`))], NOW - age);
    const order: (string | undefined)[] = [];
    for (let claims = 0; claims < 5; claims += 1) order.push((await store().claim(1, NOW))[0]?.rows[0]?.id);
    expect(order).toEqual(['age-1', 'age-2', 'age-3', 'age-9', 'age-4']);
  });

  it('gives out bulk rows by due time, then those waiting longest', async () => {
    const bulk = { lane: 'bulk' } as const;
    await store().markDirty([marked(issue('waits-less'), { ...bulk, due: NOW - 5 })], NOW - 10);
    await store().markDirty([marked(issue('waits-long'), { ...bulk, due: NOW - 5 })], NOW - 20);
    await store().markDirty([marked(issue('due-first'), { ...bulk, due: NOW - 6 })], NOW - 6);
    const claims = await store().claim(10, NOW);
    expect(claims.map((claim) => claim.rows[0]?.id)).toEqual(['due-first', 'waits-long', 'waits-less']);
  });

  it('gives out no more than asked for and nothing that is not due', async () => {
    await store().markDirty([marked(issue('1')), marked(issue('2')), marked(issue('3'))], NOW);
    await store().markDirty([marked(issue('4'), { due: NOW + 1 })], NOW);
    expect(await store().claim(2, NOW)).toHaveLength(2);
    expect(await store().claim(10, NOW)).toHaveLength(1);
    expect(await store().claim(10, NOW)).toHaveLength(0);
    expect(await store().claim(10, NOW + 1)).toHaveLength(1);
  });

  it('puts both sides of a pair into one claim, whichever of them is due', async () => {
    const link = await storePair(store(), '10021', '7405');
    await store().markDirty([marked(deal('7405')), marked(issue('10021'), { due: NOW + HOUR })], NOW);
    const claims = await store().claim(10, NOW);
    expect(claims).toHaveLength(1);
    expect(claims[0]?.link).toEqual(link);
    expect(claims[0]?.profile).toBe(PROFILE);
    expect(claims[0]?.rows.map((row) => row.side).sort()).toEqual(['crm', 'jira']);
  });

  it('does not give out a claimed pair again when its other side is marked', async () => {
    await storePair(store(), '10021', '7405');
    await store().markDirty([marked(deal('7405'))], NOW);
    const claim = await claimOne(store());
    await store().markDirty([marked(issue('10021'))], NOW);
    expect(await store().claim(10, NOW)).toEqual([]);
    expect(await store().nextDue()).toBeNull();
    await store().settle(claim, settlement(), NOW);
    expect(await store().dirtyRow(deal('7405'))).toBeNull();
    expect((await claimOne(store())).rows).toMatchObject([{ id: '10021' }]);
  });

  it('keeps the profiles of one record apart', async () => {
    await store().markDirty([marked(issue('1')), marked({ ...issue('1'), profile: 'leads' })], NOW);
    expect((await store().claim(10, NOW)).map((claim) => claim.profile).sort()).toEqual(['leads', PROFILE]);
  });

  it('claims a record that is clean or not due when it is asked for by name', async () => {
    await store().markDirty([marked(issue('1'), { due: NOW + HOUR })], NOW);
    expect((await store().claimRecord(issue('1'), NOW)).rows).toHaveLength(1);
    const clean = await store().claimRecord(issue('2'), NOW);
    expect(clean).toMatchObject({ profile: PROFILE, rows: [], link: null });
    expect(await store().settle(clean, settlement(), NOW)).toBeNull();
    expect(await store().dirtyRow(issue('2'))).toBeNull();
  });

  it('answers BusyError for a record, or the partner of a record, that is claimed', async () => {
    await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(deal('7405'), NOW);
    await expect(store().claimRecord(deal('7405'), NOW)).rejects.toBeInstanceOf(BusyError);
    await expect(store().claimRecord(issue('10021'), NOW)).rejects.toBeInstanceOf(BusyError);
    await store().release(claim, LATER, NOW);
    expect((await store().claimRecord(issue('10021'), NOW)).link?.ids.crm).toBe('7405');
  });

  it('gives every claim a key of its own', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    const first = await claimOne(store());
    await store().release(first, { due: NOW, counted: false, reason: 'busy' }, NOW);
    const second = await claimOne(store());
    expect(second.key).not.toBe(first.key);
    await expect(store().settle(first, settlement(), NOW)).rejects.toBeInstanceOf(StaleError);
    await expect(store().release(first, LATER, NOW)).rejects.toBeInstanceOf(StaleError);
    expect((await store().dirtyRow(issue('1')))?.due).toBe(NOW);
  });

  it('takes the partner into the claim, with its row', async () => {
    await store().markDirty([marked(issue('10021')), marked(deal('7405'), { due: NOW + 1 })], NOW);
    const claim = await claimOne(store());
    expect(await store().claimPartner(claim, deal('7405'))).toEqual({ linkedTo: null });
    expect(await store().claimPartner(claim, deal('7405'))).toEqual({ linkedTo: null });
    expect(await store().claim(10, NOW + 1)).toEqual([]);
    await expect(store().claimRecord(deal('7405'), NOW)).rejects.toBeInstanceOf(BusyError);
    await store().settle(claim, settlement({ link: paired('10021', '7405') }), NOW);
    expect(await store().dirtyRow(issue('10021'))).toBeNull();
    expect(await store().dirtyRow(deal('7405'))).toBeNull();
    expect((await store().claimRecord(deal('7405'), NOW)).link?.ids.jira).toBe('10021');
  });

  it('frees the partner with the claim, its row due again', async () => {
    await store().markDirty([marked(issue('10021')), marked(deal('7405'), { due: NOW + 1 })], NOW);
    const claim = await claimOne(store());
    await store().claimPartner(claim, deal('7405'));
    await store().release(claim, LATER, NOW);
    expect(await store().dirtyRow(deal('7405'))).toMatchObject({ due: LATER.due, attempts: 1 });
    expect((await store().claimRecord(deal('7405'), NOW)).rows).toHaveLength(1);
  });

  it('lets the first of two go that ask for each other, and the second takes both records without waiting', async () => {
    await store().markDirty([marked(issue('10021')), marked(deal('7405'))], NOW);
    const [first, second] = [
      await store().claimRecord(issue('10021'), NOW),
      await store().claimRecord(deal('7405'), NOW),
    ];
    await expect(store().claimPartner(first, deal('7405'))).rejects.toBeInstanceOf(BusyError);
    // Nobody else gets between the two, whoever asks and however.
    expect(await store().claim(10, NOW)).toEqual([]);
    expect(await store().dueRows(10, NOW, NOW)).toEqual([]);
    await expect(store().claimRecord(issue('10021'), NOW)).rejects.toBeInstanceOf(BusyError);
    await expect(store().settle(first, settlement(), NOW)).rejects.toBeInstanceOf(StaleError);
    expect(await store().claimPartner(second, issue('10021'))).toEqual({ linkedTo: null });
    await store().release(first, LATER, NOW);
    expect(await store().dirtyRow(issue('10021'))).toMatchObject({ due: NOW, attempts: 0, reason: null });
    await store().settle(second, settlement({ link: paired('10021', '7405') }), NOW);
    expect(await store().dirtyRow(issue('10021'))).toBeNull();
    expect(await store().dirtyRow(deal('7405'))).toBeNull();
  });

  it('gives a record that was left to other work out again as soon as that has ended, however it ends', async () => {
    const ends = [
      (claim: Claim) => store().settle(claim, settlement(), NOW),
      (claim: Claim) => store().release(claim, LATER, NOW),
    ];
    for (const [at, end] of ends.entries()) {
      await store().markDirty([marked(issue(`1${at}`)), marked(deal(`7${at}`))], NOW);
      const first = await store().claimRecord(issue(`1${at}`), NOW);
      const second = await store().claimRecord(deal(`7${at}`), NOW);
      await expect(store().claimPartner(first, deal(`7${at}`))).rejects.toBeInstanceOf(BusyError);
      await store().release(first, LATER, NOW);
      expect(await store().claim(10, NOW)).toEqual([]);
      await end(second);
      expect((await claimOne(store())).rows).toMatchObject([{ id: `1${at}`, attempts: 0 }]);
    }
  });

  it('passes on what was left to work that leaves its own record to other work', async () => {
    await store().markDirty([marked(issue('1')), marked(deal('7')), marked(issue('2'))], NOW);
    const [one, seven, two] = [
      await store().claimRecord(issue('1'), NOW),
      await store().claimRecord(deal('7'), NOW),
      await store().claimRecord(issue('2'), NOW),
    ];
    await expect(store().claimPartner(one, deal('7'))).rejects.toBeInstanceOf(BusyError);
    await expect(store().claimPartner(seven, issue('2'))).rejects.toBeInstanceOf(BusyError);
    await store().release(one, LATER, NOW);
    await store().release(seven, LATER, NOW);
    expect(await store().claimPartner(two, deal('7'))).toEqual({ linkedTo: null });
    expect(await store().claim(10, NOW)).toEqual([]);
    await store().settle(two, settlement({ link: paired('2', '7') }), NOW);
    expect((await store().claim(10, NOW)).map(({ rows }) => rows.map(({ id }) => id))).toEqual([['1']]);
  });

  it('keeps what came meanwhile for a record that was left to other work', async () => {
    await store().markDirty([marked(issue('1')), marked(deal('7'))], NOW);
    const [one, seven] = [await store().claimRecord(issue('1'), NOW), await store().claimRecord(deal('7'), NOW)];
    await expect(store().claimPartner(one, deal('7'))).rejects.toBeInstanceOf(BusyError);
    expect(await store().claimPartner(seven, issue('1'))).toEqual({ linkedTo: null });
    await store().markDirty([marked(issue('1'))], NOW + 1);
    await store().release(one, LATER, NOW + 1);
    await store().settle(seven, settlement({ link: paired('1', '7') }), NOW + 1);
    const again = await claimOne(store(), NOW + 1);
    expect(again).toMatchObject({ rows: [{ id: '1', generation: 2 }], link: { ids: { jira: '1', crm: '7' } } });
  });

  it('takes no record that was left to it and is paired by now', async () => {
    const link = await storePair(store(), '1', '7');
    const one = await store().claimRecord(issue('1'), NOW);
    const eight = await store().claimRecord(deal('8'), NOW);
    await expect(store().claimPartner(one, deal('8'))).rejects.toBeInstanceOf(BusyError);
    expect(await store().claimPartner(eight, issue('1'))).toEqual({ linkedTo: link });
    await store().release(eight, LATER, NOW);
    await store().release(one, LATER, NOW);
    expect((await store().claimRecord(deal('7'), NOW)).link).toEqual(link);
  });

  it("answers the partner's link when it has one, and takes nothing", async () => {
    const link = await storePair(store(), '10021', '7405');
    const claim = await store().claimRecord(issue('10022'), NOW);
    expect(await store().claimPartner(claim, deal('7405'))).toEqual({ linkedTo: link });
    expect((await store().claimRecord(deal('7405'), NOW)).link).toEqual(link);
  });

  it('makes released rows due again with the reason, counted or not', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    await store().release(await claimOne(store()), LATER, NOW);
    const row = { attempts: 1, due: LATER.due, reason: LATER.reason, lane: 'live', generation: 1, since: NOW };
    expect(await store().dirtyRow(issue('1'))).toMatchObject(row);
    expect(await store().claim(10, NOW)).toEqual([]);
    const again = await claimOne(store(), LATER.due);
    await store().release(again, { due: NOW + 2 * HOUR, counted: false, reason: 'too many requests' }, LATER.due);
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ attempts: 1, reason: 'too many requests' });
  });

  it('keeps a released row due now when it was marked during the work', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    const claim = await claimOne(store());
    await store().markDirty([marked(issue('1'))], NOW + 1);
    await store().release(claim, LATER, NOW + 2);
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ due: NOW, attempts: 1, generation: 2 });
  });

  it('takes a due time with a fraction, as jitter makes them', async () => {
    await store().markDirty([marked(issue('1'), { due: NOW - 0.5 })], NOW);
    await store().release(await claimOne(store()), { due: NOW + 0.25, counted: true, reason: 'r' }, NOW);
    expect(await store().claim(1, NOW)).toEqual([]);
    expect(await store().claim(1, NOW + 1)).toHaveLength(1);
  });

  it('remembers to try again for a clean record that was claimed by name', async () => {
    const claim = await store().claimRecord(issue('1'), NOW);
    await store().release(claim, LATER, NOW);
    const row = { due: LATER.due, attempts: 1, reason: LATER.reason, version: null };
    expect(await store().dirtyRow(issue('1'))).toMatchObject(row);
  });

  it('brings a row forward when it is marked while it waits for its retry', async () => {
    await store().markDirty([marked(issue('1'))], NOW);
    await store().release(await claimOne(store()), LATER, NOW);
    await store().markDirty([marked(issue('1'))], NOW + MINUTE);
    expect(await store().dirtyRow(issue('1'))).toMatchObject({ due: NOW + MINUTE, attempts: 1 });
  });

  it('tells when the next unclaimed row is due', async () => {
    expect(await store().nextDue()).toBeNull();
    await store().markDirty([marked(issue('1'), { due: NOW + 20 })], NOW);
    await store().markDirty([marked(issue('2'), { due: NOW + 10, lane: 'bulk' })], NOW);
    expect(await store().nextDue()).toBe(NOW + 10);
    await store().claimRecord(issue('2'), NOW);
    expect(await store().nextDue()).toBe(NOW + 20);
    expect(await store().nextDue(NOW + 19)).toBe(NOW + 20);
    expect(await store().nextDue(NOW + 20)).toBeNull();
  });

  it('makes the waiting rows of one profile due', async () => {
    const marks = Array.from({ length: 5003 }, (_, i) => marked(issue(String(i)), { due: NOW + HOUR }));
    await store().markDirty([...marks, marked({ ...issue('1'), profile: 'leads' }, { due: NOW + HOUR })], NOW);
    await store().markDirty([marked(deal('early'), { due: NOW - 5 })], NOW - 5);
    await store().ringProfile(PROFILE, NOW);
    expect(await store().claim(6000, NOW)).toHaveLength(5004);
    expect((await store().dirtyRow(deal('early')))?.due).toBe(NOW - 5);
    expect((await store().dirtyRow({ ...issue('1'), profile: 'leads' }))?.due).toBe(NOW + HOUR);
  });

  it('makes only those due that would be by then, where a time is named', async () => {
    await store().markDirty(
      [marked(issue('soon'), { due: NOW + MINUTE }), marked(issue('late'), { due: NOW + HOUR })],
      NOW,
    );
    await store().ringProfile(PROFILE, NOW, NOW + MINUTE);
    expect((await store().dirtyRow(issue('soon')))?.due).toBe(NOW);
    expect((await store().dirtyRow(issue('late')))?.due).toBe(NOW + HOUR);
  });

  it('passes over claimed rows to the next ones', async () => {
    await store().observe(
      page(
        'jira',
        Array.from({ length: 50 }, (_, i) => sighting(String(i))),
      ),
      NOW,
    );
    const ids = new Set<string>();
    for (let round = 0; round < 10; round += 1) {
      for (const claim of await store().claim(5, NOW)) ids.add(claim.rows[0]?.id ?? '');
    }
    expect(ids.size).toBe(50);
  });
}
