// What every dispatcher promises, whatever carries its bells: see src/work/dispatcher.ts. In virtual time; what happens
// outside of the process (Redis) is waited for in real time before the clock goes on.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/ports.ts';
import { openSqliteStore } from '../../src/state/sqlite-store.ts';
import type { Claim, DirtyMark, Store } from '../../src/state/store.ts';
import type { Dispatcher, MakeDispatcher } from '../../src/work/dispatcher.ts';
import { bellsIdle } from '../support/bells-idle.ts';
import { createOutsideWork } from '../support/outside-work.ts';
import { deal, HOUR, issue, MINUTE, marked, PROFILE, settlement, storePair } from '../support/store-samples.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

export type OpenDispatcher = (clock: VirtualClock) => Promise<{ make: MakeDispatcher; close(): Promise<void> }>;

const PLACES = 8;
const WORK_MS = 100;

export function dispatcherSuite(name: string, open: OpenDispatcher): void {
  describe(name, () => {
    let clock: VirtualClock;
    let store: Store;
    let dispatcher: Dispatcher;
    let close: () => Promise<void>;
    let fatal: unknown[];
    /** In order of beginning; `until` is set when it has ended. */
    let works: { id: string; from: number; until: number | null }[];
    let becomes: (claim: Claim) => Promise<unknown>;
    /** How often the dispatcher asked the store for something. */
    let looks: number;

    beforeEach(async () => {
      const outside = createOutsideWork();
      outside.alsoAwait(() => bellsIdle(dispatcher));
      clock = createVirtualClock(undefined, outside);
      store = openSqliteStore(':memory:');
      fatal = [];
      works = [];
      looks = 0;
      becomes = (claim) => store.settle(claim, settlement({ next: 'clean' }), clock.now());
      const opened = await open(clock);
      close = opened.close;
      dispatcher = opened.make({
        store: counted(store, () => {
          looks += 1;
        }),
        clock,
        log: silentLog,
        concurrency: PLACES,
        lookAgainMs: HOUR,
        connectionOf: () => 'bitrix24',
        onFatal: (error) => fatal.push(error),
        async work(claim) {
          const work = {
            id: claim.rows.map(({ id }) => id).join('+'),
            from: clock.now(),
            until: null as number | null,
          };
          works.push(work);
          await clock.sleep(WORK_MS);
          await becomes(claim);
          work.until = clock.now();
        },
      });
      dispatcher.start();
      await clock.settle();
    });

    afterEach(async () => {
      await clock.until(dispatcher.stop());
      await close();
      await store.close();
      expect(fatal).toEqual([]);
    });

    async function mark(...marks: DirtyMark[]): Promise<void> {
      await store.markDirty(marks, clock.now());
      dispatcher.ring();
    }

    const ids = () => works.map(({ id }) => id);
    const numbered = (count: number, more: Partial<DirtyMark> = {}) =>
      Array.from({ length: count }, (_, at) => marked(issue(`${at}`), more));
    const isClean = async () => (await store.counts(PROFILE)).dirty;

    it('works off everything that is marked, each once, and never more at a time than it has places', async () => {
      await mark(...numbered(50), marked(issue('bulk'), { lane: 'bulk' }));
      let most = 0;
      for (let ms = 0; ms < 20 * WORK_MS; ms += 10) {
        await clock.advance(10);
        most = Math.max(most, dispatcher.running());
      }
      expect(most).toBe(PLACES);
      expect(new Set(ids()).size).toBe(51);
      expect(works).toHaveLength(51);
      expect(await isClean()).toEqual({ live: 0, bulk: 0 });
    });

    it('lets an edit overtake bulk work that waits', async () => {
      await mark(...numbered(200, { lane: 'bulk' }));
      await clock.advance(WORK_MS / 2);
      await mark(marked(issue('edit')));
      await clock.advance(2 * WORK_MS);
      expect(ids().indexOf('edit')).toBeLessThan(3 * PLACES);
    });

    it('begins bulk work in groups of half its places, so that bulk calls fill', async () => {
      await mark(...numbered(40, { lane: 'bulk' }));
      await clock.advance(20 * WORK_MS);
      expect(works).toHaveLength(40);
      const together = Map.groupBy(works, ({ from }) => from);
      for (const group of [...together.values()].slice(0, -1)) expect(group.length).toBeGreaterThanOrEqual(PLACES / 2);
    });

    it('leaves the store alone while nothing happens, also when more waits than there are places', async () => {
      await mark(...numbered(40, { lane: 'bulk' }), ...numbered(40).map((one) => ({ ...one, id: `live ${one.id}` })));
      await clock.advance(WORK_MS / 2);
      expect(dispatcher.running()).toBe(PLACES);
      looks = 0;
      await clock.advance(WORK_MS / 2 - 1);
      expect(looks).toBe(0);
      await clock.advance(30 * WORK_MS);
      expect(works).toHaveLength(80);
    });

    it('asks the store for little when one record was edited', async () => {
      await clock.advance(MINUTE);
      looks = 0;
      await mark(marked(issue('1')));
      await clock.advance(3 * WORK_MS);
      expect(ids()).toEqual(['1']);
      expect(looks).toBeLessThanOrEqual(8);
    });

    it('takes the newest edits first when there are more than places, and some of the oldest', async () => {
      for (let age = 0; age < 40; age += 1) {
        await store.markDirty([marked(issue(`${age}`))], clock.now() - age * MINUTE);
      }
      dispatcher.ring();
      await clock.advance(WORK_MS / 2);
      const first = ids().map(Number);
      expect(first).toHaveLength(PLACES);
      expect(first.filter((age) => age < PLACES).length).toBeGreaterThanOrEqual(PLACES / 2);
    });

    it('works on both records of a pair at once, and on neither again meanwhile', async () => {
      await storePair(store, '1', '7');
      await mark(marked(issue('1')), marked(deal('7')));
      await clock.advance(WORK_MS / 2);
      await mark(marked(deal('7')));
      await clock.advance(WORK_MS / 4);
      expect(works).toHaveLength(1);
      await clock.advance(3 * WORK_MS);
      expect(ids()[0]?.split('+').toSorted()).toEqual(['1', '7']);
      expect(works.slice(1).map(({ id }) => id)).toEqual(['7']);
      expect(works[1]?.from).toBeGreaterThanOrEqual(works[0]?.until ?? Number.MAX_SAFE_INTEGER);
    });

    it('works again on what was marked while it was worked on', async () => {
      await mark(marked(issue('1')));
      await clock.advance(WORK_MS / 2);
      await mark(marked(issue('1')));
      await clock.advance(3 * WORK_MS);
      expect(ids()).toEqual(['1', '1']);
      expect(await isClean()).toEqual({ live: 0, bulk: 0 });
    });

    it('comes back to what is to be tried again when it is due, not before, and within a second', async () => {
      const begun = clock.now();
      becomes = async (claim) => {
        const retry = { due: begun + 30_000, counted: true, reason: 'Jira does not answer' };
        if (clock.now() < begun + 30_000) await store.release(claim, retry, clock.now());
        else await store.settle(claim, settlement({ next: 'clean' }), clock.now());
      };
      await mark(marked(issue('1')));
      await clock.advance(MINUTE);
      expect(works).toHaveLength(2);
      const again = (works[1]?.from ?? 0) - begun;
      expect(again).toBeGreaterThanOrEqual(30_000);
      expect(again).toBeLessThan(31_000);
    });

    it('comes back at once to what is given back due at once', async () => {
      becomes = (claim) =>
        works.length < 20
          ? store.release(claim, { due: clock.now(), counted: false, reason: 'once more' }, clock.now())
          : store.settle(claim, settlement({ next: 'clean' }), clock.now());
      await mark(marked(issue('1')));
      await clock.advance(22 * WORK_MS);
      expect(works).toHaveLength(20);
    });

    it('comes back at once to what is made due earlier', async () => {
      await mark(marked(issue('1'), { due: clock.now() + 40_000 }), marked(issue('2'), { due: clock.now() + HOUR }));
      await clock.advance(1_000);
      await store.ringProfile(PROFILE, clock.now());
      dispatcher.ring();
      await clock.advance(WORK_MS);
      expect(ids().toSorted()).toEqual(['1', '2']);
    });

    it('turns timers into work when they are due', async () => {
      const [claim] = await Promise.all([store.claimRecord(issue('1'), clock.now())]);
      const timer = { side: 'jira', id: '1', purpose: 'gate', due: clock.now() + 10 * MINUTE } as const;
      await store.settle(claim, settlement({ next: 'clean', timers: [timer] }), clock.now());
      dispatcher.ring();
      await clock.advance(9 * MINUTE);
      expect(works).toEqual([]);
      await clock.advance(2 * MINUTE);
      expect(ids()).toEqual(['1']);
    });

    it('finds what nobody rang for', async () => {
      await store.markDirty([marked(issue('1'))], clock.now());
      await clock.advance(HOUR + MINUTE);
      expect(ids()).toEqual(['1']);
    });

    it('lets what runs end when it stops, and begins nothing any more', async () => {
      await mark(...numbered(50));
      await clock.advance(WORK_MS / 2);
      await clock.until(dispatcher.stop());
      expect(works).toHaveLength(PLACES);
      expect(works.every(({ until }) => until !== null)).toBe(true);
      await mark(marked(issue('late')));
      await clock.advance(MINUTE);
      expect(works).toHaveLength(PLACES);
      expect(dispatcher.outstanding()).toBe(0);
    });
  });
}

function counted(store: Store, onVerb: () => void): Store {
  return new Proxy(store, {
    get(target, name) {
      onVerb();
      return target[name as keyof Store];
    },
  });
}
