// The engine with the profiles that it works for: each needs the other, and both need the same ports.

import { StaleError } from '../errors.ts';
import type { Store } from '../state/store.ts';
import { createMetrics, type Metrics } from '../triggers/metrics.ts';
import { nextFullRun } from '../triggers/schedule.ts';
import { createEngine, type Engine, type EngineOptions } from '../work/engine.ts';
import { createLiveProfiles, type LiveProfiles, type PeopleConfig } from './live-profiles.ts';
import { createProfileSwitch } from './profile-switch.ts';

export type EngineParts = { readonly engine: Engine; readonly profiles: LiveProfiles; readonly metrics: Metrics };

/** The engine is not started, and no profile is loaded yet. */
export function assembleEngine(
  options: Omit<EngineOptions, 'profiles' | 'meters' | 'nextRun'> & { readonly people: PeopleConfig },
): EngineParts {
  const { store, connectors, people, clock, log } = options;
  let running: Engine | null = null;
  const shared = options.leases?.alone === false;
  const { onSwitch, onTaken } = createProfileSwitch({ store, clock, log, engine: () => running, shared });
  const profiles = createLiveProfiles({ connectors, people, log, onSwitch });
  const metrics = createMetrics();
  const engine = createEngine({
    ...options,
    profiles: profiles.current,
    onTaken,
    store: countingRaces(store, metrics),
    meters: metrics,
    nextRun: nextFullRun,
  });
  running = engine;
  return { engine, profiles, metrics };
}

/** Two who work on one pair: the one that comes second settles nothing and looks again, and that is worth a figure. */
function countingRaces(store: Store, meters: Pick<Metrics, 'lostRace'>): Store {
  return {
    ...store,
    async settle(claim, settlement, now) {
      try {
        return await store.settle(claim, settlement, now);
      } catch (error) {
        if (error instanceof StaleError) meters.lostRace(claim.profile);
        throw error;
      }
    },
  };
}
