// A settled company of so many pairs, and what people do to its records besides editing them.
import type { Side } from '../../src/model.ts';
import { pairedCompany } from './linked-pairs.ts';
import { type Office, office } from './office.ts';
import { createWorld, PROCUREMENT, type World, type WorldOptions } from './world.ts';

export type Pairs = Office & {
  readonly world: World;
  /** Ids of the pairs, in the order of the issues as they were at first. */
  readonly pairs: readonly Readonly<Record<Side, string>>[];
  /** The n-th pair. */
  at(index: number): Readonly<Record<Side, string>>;
  remove(side: Side, id: string): void;
  exists(side: Side, id: string): boolean;
  stateOf(side: Side, id: string): Promise<string | null>;
  reasonOf(side: Side, id: string): Promise<string>;
  /** How many pairs are in each state that occurs. */
  counts(): Promise<Readonly<Record<string, number>>>;
  halted(): Promise<string | null>;
  resume(accept: boolean): Promise<void>;
  /** A pass over everything, as every night. */
  census(): Promise<void>;
};

export const PROFILE = 'procurement';

/** The example profile with more lines before its fields. */
export function withPolicy(...lines: readonly string[]): string {
  return PROCUREMENT.replace('\nfields:', `\n${lines.join('\n')}\nfields:`);
}

export async function createPairs(count: number, options: WorldOptions = {}): Promise<Pairs> {
  const world = await createWorld({ company: pairedCompany(count), ...options });
  const desk = office(world);
  await world.settle();
  const pairs: Record<Side, string>[] = [];
  for (const { id } of desk.issues()) pairs.push(await partnersOf(world, id));
  // As the daemon does when it has loaded its profiles: the status is read from there.
  const loaded = [...world.profiles.current().values()].map(({ name, version, file }) => ({ name, version, file }));
  await world.store.note('profiles', { at: 0, loaded, problems: [], waitsFor: null });
  world.writes();
  world.requests();
  const { jira, bitrix24 } = world.sandbox;
  const linkOf = (side: Side, id: string) => world.store.linkOf({ profile: PROFILE, side, id });
  return {
    ...desk,
    world,
    pairs,
    at(index) {
      const pair = pairs[index];
      if (pair === undefined) throw new Error(`there is no pair ${index}`);
      return pair;
    },
    remove(side, id) {
      if (side === 'jira') jira.product.edit({ op: 'delete', in: 'BUY', id });
      else bitrix24.product.edit({ op: 'delete', in: 'deal', id });
    },
    exists: (side, id) => (side === 'jira' ? desk.issues() : desk.deals()).some((record) => record.id === id),
    stateOf: async (side, id) => (await linkOf(side, id))?.state ?? null,
    reasonOf: async (side, id) => (await linkOf(side, id))?.reason ?? '',
    async counts() {
      const { links } = await world.store.counts(PROFILE);
      return Object.fromEntries(Object.entries(links).filter(([, number]) => number > 0));
    },
    halted: async () => (await world.store.profileState(PROFILE))?.halted ?? null,
    async resume(accept) {
      await world.store.resumeProfile(PROFILE, accept, world.clock.now());
      world.engine.ring();
    },
    async census() {
      const profile = world.profiles.current().get(PROFILE);
      if (profile === undefined) throw new Error('the profile is not loaded');
      const pass = { pass: 'all', cause: 'sweep', lane: 'bulk', force: false } as const;
      await world.clock.until(world.engine.sweeper.run(profile, pass));
      await world.run(3_000);
    },
  };
}

/** Where servers are slow, both of a pair are worked on at once: the one that has to wait comes back after some seconds. */
async function partnersOf(world: World, id: string): Promise<Record<Side, string>> {
  const key = { profile: PROFILE, side: 'jira', id } as const;
  for (let waits = 0; waits < 6; waits += 1) {
    const link = await world.store.linkOf(key);
    if (link !== null) return link.ids;
    await world.run(5_000);
  }
  throw new Error(`issue ${id} has no partner: ${JSON.stringify(await world.store.dirtyRow(key))}`);
}
