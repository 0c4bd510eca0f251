// Whether a profile may work now: the brake or a person holds it, or our account has lost sight of its records. The last
// heals by itself: some of them are read every few minutes, until they can be read again.
import type { Connector } from '../connectors/connector.ts';
import type { AuthError } from '../errors.ts';
import type { Side } from '../model.ts';
import type { Clock, Log, Random } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store } from '../state/store.ts';
import { AUTH_PROBE_MS } from './disposition.ts';

/** `notes` name `sight/<profile>`: what is told while it lasts, null afterwards. */
export type LostSight = { readonly side: Side; readonly reason: string; readonly cure: string; readonly since: number };

export type Hold = { readonly reason: string; readonly cure: string; readonly ms: number };

export type Holds = {
  /** Null when it may work. */
  holding(profile: Profile): Promise<Hold | null>;
  loseSight(profile: Profile, side: Side, what: 'all' | 'hidden', why: AuthError): void;
  forget(profile: string): void;
};

/** Nobody but a person ends it, and that rings. */
const HELD_MS = 3_600_000;
const PROBED = 3;

type Blind = LostSight & { readonly what: 'all' | 'hidden'; nextProbe: number; probing: Promise<boolean> | null };

export function createHolds(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly connectorOf: (profile: Profile, side: Side) => Connector;
  readonly ring: () => void;
  readonly onFatal: (error: unknown) => void;
  /** False where nothing is really written: what is held is to be shown then. */
  readonly brakes: boolean;
  readonly signal: AbortSignal;
}): Holds {
  const { store, clock, random, log, signal } = options;
  const blind = new Map<string, Blind>();

  function note(profile: string, lost: LostSight | null): void {
    store.note(`sight/${profile}`, lost).catch(options.onFatal);
  }

  async function seesAgain(profile: Profile, { side, what }: Blind): Promise<boolean> {
    const { scope, reads } = profile.sides[side];
    const picks = Array.from({ length: PROBED }, () => random.next());
    const ids =
      what === 'hidden'
        ? await store.hiddenRecords(profile.name, side, PROBED)
        : await store.controls(profile.name, side, '', picks);
    const connector = options.connectorOf(profile, side);
    const found = await Promise.all(ids.map((id) => connector.read(scope, id, reads, { lane: 'live', signal })));
    const readable = found.filter((record) => record !== null).length;
    return what === 'hidden' ? readable === ids.length : readable > 0 || ids.length === 0;
  }

  async function probe(profile: Profile, lost: Blind): Promise<boolean> {
    lost.nextProbe = clock.now() + AUTH_PROBE_MS;
    if (!(await seesAgain(profile, lost))) return false;
    blind.delete(profile.name);
    note(profile.name, null);
    log.info('records can be read again', { profile: profile.name });
    await store.ringProfile(profile.name, clock.now());
    options.ring();
    return true;
  }

  return {
    async holding(profile) {
      const state = options.brakes ? await store.profileState(profile.name) : null;
      const accept = `jira-crm-sync resume ${profile.name}`;
      if (state !== null && state.halted !== null) {
        const cure = `Look at what happened, and if it is right: ${accept} --accept`;
        return { reason: `the profile is halted: ${state.halted}`, cure, ms: HELD_MS };
      }
      if (state !== null && state.paused !== null) {
        return { reason: `the profile is paused: ${state.paused}`, cure: accept, ms: HELD_MS };
      }
      const lost = blind.get(profile.name);
      if (lost === undefined) return null;
      if (clock.now() >= lost.nextProbe || lost.probing !== null) {
        lost.probing ??= probe(profile, lost).finally(() => {
          lost.probing = null;
        });
        if (await lost.probing) return null;
      }
      return { reason: lost.reason, cure: lost.cure, ms: Math.max(1_000, lost.nextProbe - clock.now()) };
    },

    loseSight(profile, side, what, { message, cure }) {
      if (blind.has(profile.name)) return;
      const lost: LostSight = { side, reason: message, cure, since: clock.now() };
      blind.set(profile.name, { ...lost, what, nextProbe: clock.now() + AUTH_PROBE_MS, probing: null });
      log.error('records cannot be read any more', { profile: profile.name, side, reason: message, cure });
      note(profile.name, lost);
    },

    forget: (profile) => void blind.delete(profile),
  };
}
