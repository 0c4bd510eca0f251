// What the daemon does about its profile files, on a world without files: it looks again when the text changed, when a
// connection may answer again and, every ten minutes, whether fields and options are still what they were.

import type { LoadResult } from '../../src/daemon/live-profiles.ts';
import { noteProfiles } from '../../src/daemon/notes.ts';
import { createProfileWatch } from '../../src/daemon/profile-files.ts';
import { readStatus, type Status } from '../../src/work/status.ts';
import { PROCUREMENT, type World } from './world.ts';

export type ProfileKeeper = {
  /** Saves the file; loaded at the next look. */
  save(text: string): void;
  /** One look; loads if it is time to. */
  look(): Promise<LoadResult | null>;
  /** Lets time pass with a look every minute. */
  run(ms: number): Promise<void>;
  /** Notes the loaded profiles again, where a new state does not know them. */
  note(): Promise<void>;
  status(): Promise<Status>;
};

const LOOK_MS = 60_000;

export function keepProfiles(world: World, first: string = PROCUREMENT): ProfileKeeper {
  const { clock } = world;
  const watch = createProfileWatch(clock);
  let text = first;
  const sources = () => [{ file: 'profiles/procurement.yaml', text }];

  async function load(): Promise<LoadResult> {
    const result = await world.load(text);
    watch.loaded(sources(), result);
    const { store, profiles, log, metrics } = world;
    await noteProfiles(result, { store, profiles, clock, log, metrics });
    for (const name of result.changed) await store.ringProfile(name, clock.now());
    world.engine.ring();
    return result;
  }

  const look = async () => (watch.isDue(sources(), false) ? load() : null);
  return {
    save(changed) {
      text = changed;
    },
    look,
    async run(ms) {
      for (const end = clock.now() + ms; clock.now() < end; ) {
        await look();
        await world.run(Math.min(LOOK_MS, end - clock.now()));
      }
    },
    async note() {
      const result = await world.load(text);
      const { store, profiles, log, metrics } = world;
      await noteProfiles(result, { store, profiles, clock, log, metrics });
    },
    status: () => readStatus(world.store),
  };
}
