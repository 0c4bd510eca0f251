// Leases and what they bind; every store.
import { describe, expect, it } from 'vitest';
import type { Member } from '../../../src/state/lease-table.ts';
import type { Store } from '../../../src/state/store.ts';
import { issue, marked, NOW, page, paired, settlement, sighting } from '../../support/store-samples.ts';
import type { OpenStore } from '../store-suite.ts';
import { freshStore } from './each-store.ts';

const P: Member = { id: 'p', serves: ['north', 'south'], about: { pid: 12 } };
const Q: Member = { id: 'q', serves: ['north'], about: {} };

export function leaseCases(open: OpenStore): void {
  const fresh = freshStore(open);

  describe('the table', () => {
    it('gives a lease to the first, under its first epoch', async () => {
      const store = fresh();
      expect(await store.takeLease('north', 'p', null)).toBe(1);
      expect(await store.takeLease('north', 'q', null)).toBeNull();
      expect(await store.leaseTable()).toEqual({
        leases: [{ name: 'north', holder: 'p', epoch: 1, beat: 1 }],
        members: [],
      });
    });

    it('shows who lives, and raises the beats of what is held', async () => {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.takeLease('south', 'q', null);
      const first = await store.renewLeases(P, [{ name: 'north', epoch: 1 }], NOW, []);
      expect(first.leases).toEqual([
        { name: 'north', holder: 'p', epoch: 1, beat: 2 },
        { name: 'south', holder: 'q', epoch: 1, beat: 1 },
      ]);
      expect(first.members).toEqual([{ ...P, beat: 1, at: NOW }]);
      const again = await store.renewLeases({ ...P, serves: [] }, [], NOW + 1, []);
      expect(again.members).toEqual([{ ...P, serves: [], beat: 2, at: NOW + 1 }]);
      expect(again.leases[0]?.beat).toBe(2);
    });

    it('renews nothing under an older epoch, or of another holder', async () => {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.takeLease('north', 'q', { epoch: 1, beat: 1 });
      const { leases } = await store.renewLeases(P, [{ name: 'north', epoch: 1 }], NOW, []);
      expect(leases).toEqual([{ name: 'north', holder: 'q', epoch: 2, beat: 2 }]);
      const old = await store.renewLeases(Q, [{ name: 'north', epoch: 1 }], NOW, []);
      expect(old.leases[0]?.beat).toBe(2);
    });

    it('hands a lease on only as it was seen', async () => {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.renewLeases(P, [{ name: 'north', epoch: 1 }], NOW, []);
      expect(await store.takeLease('north', 'q', { epoch: 1, beat: 1 })).toBeNull();
      expect(await store.takeLease('north', 'q', { epoch: 1, beat: 2 })).toBe(2);
      expect(await store.takeLease('north', 'r', { epoch: 1, beat: 2 })).toBeNull();
    });

    it('takes a lease back only from its holder, and keeps its epoch', async () => {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.releaseLease('north', 'q', 1);
      await store.releaseLease('north', 'p', 2);
      expect((await store.leaseTable()).leases[0]?.holder).toBe('p');
      await store.releaseLease('north', 'p', 1);
      const [row] = (await store.leaseTable()).leases;
      expect(row).toEqual({ name: 'north', holder: null, epoch: 1, beat: 2 });
      expect(await store.takeLease('north', 'q', row ?? null)).toBe(2);
    });

    it('forgets a process that ends, and silent ones unless they moved', async () => {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.takeLease('south', 'p', null);
      await store.renewLeases(P, [], NOW, []);
      await store.leaveLeases('p');
      const { leases, members } = await store.leaseTable();
      expect(leases.map(({ holder }) => holder)).toEqual([null, null]);
      expect(members).toEqual([]);
      await store.renewLeases(P, [], NOW, []);
      await store.renewLeases(P, [], NOW, []);
      const kept = await store.renewLeases(Q, [], NOW, [{ id: 'p', beat: 1 }]);
      expect(kept.members.map(({ id }) => id)).toEqual(['p', 'q']);
      const gone = await store.renewLeases(Q, [], NOW, [{ id: 'p', beat: 2 }]);
      expect(gone.members.map(({ id }) => id)).toEqual(['q']);
    });
  });

  describe('a store within bounds', () => {
    const OTHERS = { profile: 'other', side: 'jira', id: '7' } as const;

    async function within(profiles: readonly string[] | null, epoch = 1): Promise<Store> {
      const store = fresh();
      await store.takeLease('north', 'p', null);
      await store.confine({ profiles: () => profiles, leaseOf: () => ({ name: 'north', holder: 'p', epoch }) });
      return store;
    }

    /** As another process does it. */
    async function takenAway(store: Store): Promise<void> {
      const [seen] = (await store.leaseTable()).leases;
      await store.takeLease('north', 'q', seen ?? null);
    }

    it('hands out only the rows of its profiles', async () => {
      const store = await within([issue('1').profile]);
      await store.markDirty([marked(issue('1')), marked(OTHERS, { due: NOW - 5 })], NOW);
      expect(await store.nextDue()).toBe(NOW);
      expect((await store.claim(10, NOW)).map(({ profile }) => profile)).toEqual([issue('1').profile]);
      expect(await store.claimRung([OTHERS], NOW)).toEqual([]);
    });

    it('hands out nothing at all without a profile, and everything with all of them', async () => {
      const none = await within([]);
      await none.markDirty([marked(OTHERS)], NOW);
      await none.addCommand('sync', { profile: 'other' }, NOW);
      expect(await none.claim(10, NOW)).toEqual([]);
      expect(await none.nextDue()).toBeNull();
      expect(await none.takeCommand()).toBeNull();
      await none.confine({ profiles: () => null, leaseOf: () => null });
      expect(await none.claim(10, NOW)).toHaveLength(1);
      expect(await none.takeCommand()).not.toBeNull();
    });

    it('rings only the timers of its profiles', async () => {
      const store = await within(['other']);
      const claim = await store.claimRecord(issue('1'), NOW);
      await store.settle(claim, settlement({ timers: [{ ...issue('1'), purpose: 'gate', due: NOW + 1 }] }), NOW);
      expect(await store.ringTimers(NOW + 2)).toBe(0);
      expect(await store.nextDue()).toBeNull();
      await store.confine({ profiles: () => [issue('1').profile], leaseOf: () => null });
      expect(await store.ringTimers(NOW + 2)).toBe(1);
    });

    it('takes only the commands about its profiles, by argument or by record', async () => {
      const store = await within(['other']);
      await store.addCommand('resync', { profile: issue('1').profile }, NOW);
      await store.addCommand('unlink', { key: OTHERS }, NOW);
      expect((await store.takeCommand())?.kind).toBe('unlink');
      expect(await store.takeCommand()).toBeNull();
    });

    it('settles nothing, plans nothing and moves nothing once the lease is held by somebody else', async () => {
      const store = await within(null);
      const { profile } = issue('1');
      const intent = { key: 'issue-1', profile, side: 'crm', sourceId: '1' } as const;
      await store.planIntent(intent, NOW);
      const claim = await store.claimRecord(issue('1'), NOW);
      await takenAway(store);
      await expect(store.settle(claim, settlement({ link: paired('1', '7') }), NOW)).rejects.toMatchObject({
        name: 'StaleError',
      });
      await expect(store.moveIntent('issue-1', 'sent', NOW)).rejects.toMatchObject({ name: 'StaleError' });
      await expect(store.planIntent({ ...intent, key: 'issue-2' }, NOW)).rejects.toMatchObject({ name: 'StaleError' });
      await expect(store.unlink(claim, NOW)).rejects.toMatchObject({ name: 'StaleError' });
      const state = { profile, version: 'v9', matchedAt: { jira: NOW, crm: NOW } };
      await expect(store.saveProfileState(state)).rejects.toMatchObject({ name: 'StaleError' });
      const seen = page('jira', [sighting('1')], { cursor: { name: 'c', value: '1' } });
      await expect(store.observe(seen, NOW)).rejects.toMatchObject({ name: 'StaleError' });
      const census = store.census(profile, 'jira', new Set(), NOW + 1, NOW);
      await expect(census).rejects.toMatchObject({ name: 'StaleError' });
      expect(await store.linkOf(issue('1'))).toBeNull();
      expect((await store.intent('issue-1'))?.state).toBe('planned');
      expect(await store.intent('issue-2')).toBeNull();
      expect(await store.profileState(profile)).toBeNull();
      expect(await store.cursor('c')).toBeNull();
    });

    it('gives a claim back without touching its rows once the lease is held by somebody else', async () => {
      const store = await within(null);
      await store.markDirty([marked(issue('1'))], NOW);
      const [claim] = await store.claim(1, NOW);
      if (claim === undefined) throw new Error('nothing was claimed');
      await takenAway(store);
      await store.release(claim, { due: NOW + 60_000, counted: true, reason: 'late' }, NOW);
      expect(await store.dirtyRow(issue('1'))).toMatchObject({ due: NOW, attempts: 0, reason: null });
      expect(await store.claimRecord(issue('1'), NOW)).toMatchObject({ profile: issue('1').profile });
    });

    it('binds nothing that people and products tell', async () => {
      const store = await within([]);
      await takenAway(store);
      const told = await store.acceptDelivery('d-1', [marked(issue('1'))], NOW);
      expect(told).toEqual({ duplicate: false });
      await store.holdProfile(issue('1').profile, 'paused', 'somebody said so');
      expect((await store.profileState(issue('1').profile))?.paused).toBe('somebody said so');
    });
  });

  describe('what a dead process left', () => {
    it('is doubted and failed for these profiles alone, and counts as given up now', async () => {
      const store = fresh();
      for (const profile of ['one', 'two']) {
        await store.planIntent({ key: profile, profile, side: 'crm', sourceId: '1' }, NOW);
        await store.moveIntent(profile, 'sent', NOW);
        await store.addCommand('resync', { profile }, NOW);
        await store.takeCommand();
      }
      expect(await store.doubtSentIntents(NOW + 500, ['one', 'three'])).toBe(1);
      expect(await store.intent('one')).toMatchObject({ state: 'doubtful', sentAt: NOW + 500, movedAt: NOW + 500 });
      expect(await store.intent('two')).toMatchObject({ state: 'sent', sentAt: NOW });
      // Its clock may be behind the one that put it in doubt.
      expect(await store.doubtSentIntents(NOW + 700, ['one'])).toBe(0);
      expect(await store.intent('one')).toMatchObject({ state: 'doubtful', movedAt: NOW + 700 });
      expect(await store.failRunningCommands('cut', ['two'])).toBe(1);
      expect([(await store.command(1))?.state, (await store.command(2))?.state]).toEqual(['running', 'failed']);
    });

    it('stays answered: a command that failed does not run on', async () => {
      const store = fresh();
      const id = await store.addCommand('resync', { profile: 'one' }, NOW);
      await store.takeCommand();
      await store.failRunningCommands('cut', ['one']);
      await store.updateCommand(id, 'running', { left: 3 });
      expect(await store.command(id)).toMatchObject({ state: 'failed', result: 'cut' });
    });
  });
}
