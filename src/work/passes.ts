// Passes over one side. Those over changes take turns and are shared: whoever asks while one waits its turn joins it, so
// that a hundred new records cost one pass and not a hundred.
import type { Connector } from '../connectors/connector.ts';
import { SIDES, type Side } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store } from '../state/store.ts';
import type { Since } from '../sync/context.ts';
import { cursorName, resumeName, type SweepRequest, type SweepResult, sweep } from '../sync/sweep.ts';

export type Pass = Pick<SweepRequest, 'pass' | 'cause' | 'lane' | 'force' | 'since' | 'resume' | 'unlisted'>;

export type Passes = {
  /** Over both sides; throws what a connection throws. */
  both(
    profile: Profile,
    pass: Pass,
    onPage?: (side: Side, seen: number) => void,
  ): Promise<Readonly<Record<Side, SweepResult>>>;
  /**
   * Whether a pass over that side was needed, and made, to see everything that was there when a record of the other one moved,
   * and when it was marked: what lets it go is not always a move of its own.
   */
  seeAllSince(profile: Profile, side: Side, when: Since): Promise<boolean>;
  running(profile: string): boolean;
  forget(profile: string): void;
};

/** By how much vendors' clocks and ours may differ, and what lists may lag: what moved later gets a pass of its own. */
const YOUNG_MS = 10 * 60_000;
/** Between the beginnings of two passes that new records ask for; the first comes at once. */
const BREATH_MS = 1_000;

type Turn = { profile: Profile; pass: Pass & Pick<SweepRequest, 'askLane'>; readonly done: Promise<SweepResult> };

export function createPasses(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly connectorOf: (profile: Profile, side: Side) => Connector;
  readonly ring: () => void;
  /** Changes were found that nobody had told of. */
  readonly found: (profile: string, side: Side, count: number) => void;
  /** Aborted when this process may not work for the profile any more. */
  readonly signalOf: (profile: Profile) => AbortSignal;
}): Passes {
  const { store, clock, signalOf } = options;
  const waiting = new Map<string, Turn>();
  const running = new Map<string, Promise<unknown>>();
  /** When the last pass that ended well began, per side. */
  const seenAt = new Map<string, number>();

  const counts = new Map<string, number>();

  function count(profile: string, more: 1 | -1): void {
    counts.set(profile, (counts.get(profile) ?? 0) + more);
  }

  async function one(
    profile: Profile,
    side: Side,
    pass: Turn['pass'],
    onPage?: (seen: number) => void,
  ): Promise<SweepResult> {
    count(profile.name, 1);
    const swept = sweep({
      profile,
      side,
      store,
      clock,
      signal: signalOf(profile),
      connector: options.connectorOf(profile, side),
      isLoaded: () => options.profiles().has(profile.name),
      ...pass,
      ...(onPage === undefined ? {} : { onPage }),
    });
    const result = await swept.finally(() => count(profile.name, -1));
    const name = cursorName(profile.name, side);
    if (pass.since === undefined) seenAt.set(name, Math.max(seenAt.get(name) ?? 0, result.at));
    if (pass.cause === 'sweep' && !pass.force && result.marked > 0) options.found(profile.name, side, result.marked);
    options.ring();
    return result;
  }

  function overChanges(profile: Profile, side: Side, pass: Turn['pass']): Promise<SweepResult> {
    const name = cursorName(profile.name, side);
    const joined = waiting.get(name);
    if (joined !== undefined) {
      joined.profile = profile;
      const { unlisted = false, askLane = pass.askLane } = joined.pass;
      joined.pass = { ...joined.pass, unlisted: unlisted || pass.unlisted === true, ...(askLane && { askLane }) };
      return joined.done;
    }
    const turn: Turn = { profile, pass, done: takeTurn() };
    waiting.set(name, turn);
    return turn.done;

    async function takeTurn(): Promise<SweepResult> {
      try {
        await running.get(name)?.catch(() => {});
        // Whoever asks in this very moment joins too.
        await Promise.resolve();
        const pause = (seenAt.get(name) ?? 0) + BREATH_MS - clock.now();
        if (pause > 0) await clock.sleep(pause, signalOf(turn.profile));
      } finally {
        waiting.delete(name);
      }
      const begun = one(turn.profile, side, turn.pass);
      running.set(name, begun);
      return begun;
    }
  }

  return {
    async both(profile, pass, onPage) {
      const sides = SIDES.map((side) =>
        pass.pass === 'changes'
          ? overChanges(profile, side, pass)
          : one(profile, side, pass, onPage && ((seen) => onPage(side, seen))),
      );
      const [jira, crm] = (await Promise.all(sides)) as [SweepResult, SweepResult];
      if (pass.pass === 'all' && pass.since === undefined) {
        await store.forgetCursors(SIDES.map((side) => resumeName({ profile, side, force: pass.force })));
      }
      return { jira, crm };
    },

    async seeAllSince(profile, side, { moved, marked }) {
      const name = cursorName(profile.name, side);
      const known = seenAt.get(name) ?? (await store.profileState(profile.name))?.matchedAt[side] ?? 0;
      if (known >= Math.max(moved + YOUNG_MS, marked)) return false;
      await overChanges(profile, side, {
        pass: 'changes',
        cause: 'sweep',
        lane: 'bulk',
        askLane: 'live',
        force: false,
        unlisted: true,
      });
      return true;
    },

    running: (profile) => (counts.get(profile) ?? 0) > 0,
    forget(profile) {
      for (const side of SIDES) seenAt.delete(cursorName(profile, side));
    },
  };
}
