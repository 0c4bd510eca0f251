// A world of one request and one deal that tell the same, paired and settled; what most scenarios begin with.
import { type Office, ONE_PAIR, office } from './office.ts';
import { createWorld, PROCUREMENT, type World, type WorldOptions } from './world.ts';

export type Pair = Office & {
  readonly world: World;
  readonly issueId: string;
  readonly dealId: string;
  /** As they stand on both sides now. */
  now(): { readonly issue: ReturnType<Office['issue']>; readonly deal: ReturnType<Office['deal']> };
  /** A forced pass over everything, and what comes of it. */
  resync(): Promise<void>;
  stop(): Promise<void>;
};

export async function createPair(options: WorldOptions = {}): Promise<Pair> {
  const world = await createWorld({ company: ONE_PAIR, ...options });
  const desk = office(world);
  await world.settle();
  const [issue, deal] = [desk.issues()[0], desk.deals()[0]];
  if (issue === undefined || deal === undefined) throw new Error('there is no pair');
  world.writes();
  world.requests();
  world.reports.length = 0;
  return {
    ...desk,
    world,
    issueId: issue.id,
    dealId: deal.id,
    now: () => ({ issue: desk.issue(issue.id), deal: desk.deal(deal.id) }),
    async resync() {
      for (const profile of world.profiles.current().values()) {
        const pass = { pass: 'all', cause: 'resync', lane: 'bulk', force: true } as const;
        await world.clock.until(world.engine.sweeper.run(profile, pass));
      }
      await world.run(3_000);
    },
    stop: () => world.stop(),
  };
}

/** The example profile with lines of it put differently; a line that is not there is a mistake of the test. */
export function profileWith(changes: readonly (readonly [line: string, instead: string])[]): string {
  let text = PROCUREMENT;
  for (const [line, instead] of changes) {
    if (!text.includes(line)) throw new Error(`the example profile has no "${line}"`);
    text = text.replace(line, instead);
  }
  return text;
}
