// The engine with the profiles that it works for: each needs the other, and both need the same ports.

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
  const onSwitch = createProfileSwitch({ store, clock, log, engine: () => running });
  const profiles = createLiveProfiles({ connectors, people, log, onSwitch });
  const metrics = createMetrics();
  const engine = createEngine({
    ...options,
    profiles: profiles.current,
    meters: {
      synced: metrics.syncRun,
      coercion: metrics.coercion,
      overwritten: metrics.overwrite,
    },
    nextRun: nextFullRun,
  });
  running = engine;
  return { engine, profiles, metrics };
}
