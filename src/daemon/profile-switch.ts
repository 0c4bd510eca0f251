// Before another set of profiles runs: links go to the new names, what was removed is kept for a while and then forgotten.

import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';
import type { Engine } from '../work/engine.ts';
import type { LoadedProfile } from './live-profiles.ts';

/** How long a removed profile may be brought back with all its links. */
export const KEPT_MS = 30 * 24 * 3_600_000;

export type SwitchParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Null before it is built. */
  readonly engine: () => Engine | null;
};

export function createProfileSwitch({ store, clock, log, engine }: SwitchParts) {
  let last: ReadonlySet<string> = new Set();

  return async function onSwitch(loaded: readonly LoadedProfile[]): Promise<void> {
    const names = new Set(loaded.map(({ name }) => name));
    for (const name of last) if (!names.has(name)) await engine()?.leave(name);
    for (const { name, was } of loaded) {
      if (was === null || !(await store.renameProfile(was, name))) continue;
      log.info('profile renamed, its links go on under the new name', { profile: name, was });
    }
    await store.keepProfiles(
      loaded.map(({ name, about }) => ({ profile: name, about })),
      clock.now(),
    );
    for (const profile of await store.purgeProfiles(clock.now() - KEPT_MS)) {
      log.info('profile removed long ago is forgotten, with its links', { profile });
    }
    last = names;
  };
}
