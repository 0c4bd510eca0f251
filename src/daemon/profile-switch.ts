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
  /** Another process may be at work under the old name: then whoever takes the connection over renames. */
  readonly shared: boolean;
};

export type ProfileSwitch = {
  onSwitch(loaded: readonly LoadedProfile[]): Promise<void>;
  onTaken(connection: string): Promise<void>;
};

export function createProfileSwitch({ store, clock, log, engine, shared }: SwitchParts): ProfileSwitch {
  let last: ReadonlySet<string> = new Set();
  let renamed: readonly LoadedProfile[] = [];

  async function rename(isOurs: (connection: string) => boolean): Promise<void> {
    for (const { name, was, crm } of renamed) {
      if (was === null || !isOurs(crm) || !(await store.renameProfile(was, name))) continue;
      log.info('profile renamed, its links go on under the new name', { profile: name, was });
    }
  }

  async function onSwitch(loaded: readonly LoadedProfile[]): Promise<void> {
    const names = new Set(loaded.map(({ name }) => name));
    for (const name of last) if (!names.has(name)) await engine()?.leave(name);
    renamed = loaded.filter(({ was }) => was !== null);
    await rename((connection) => !shared || (engine()?.attends(connection) ?? false));
    await store.keepProfiles(
      loaded.map(({ name, about }) => ({ profile: name, about })),
      clock.now(),
    );
    for (const profile of await store.purgeProfiles(clock.now() - KEPT_MS)) {
      log.info('profile removed long ago is forgotten, with its links', { profile });
    }
    last = names;
  }

  return { onSwitch, onTaken: (connection) => rename((crm) => crm === connection) };
}
