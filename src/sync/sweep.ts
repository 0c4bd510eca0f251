// A pass over one side of a profile. It only marks dirty: every page is durable, with the cursor, before the next is
// asked for, and a record that shows what that side last showed costs nothing more than its place in the page.
import type { Connector } from '../connectors/connector.ts';
import type { Cause, Lane, Side } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store } from '../state/store.ts';
import { sightingOf } from './sighting.ts';

export type SweepRequest = {
  readonly profile: Profile;
  readonly side: Side;
  readonly connector: Connector;
  readonly store: Store;
  readonly clock: Clock;
  /** `all`: the whole scope. `changes`: since the stored cursor, or the whole scope where there is none. */
  readonly pass: 'all' | 'changes';
  readonly cause: Cause;
  readonly lane: Lane;
  /** Mark everything, also what has not changed since it was last seen. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
  readonly onPage?: (seen: number) => void;
};

export type SweepResult = { readonly seen: number; readonly marked: number; readonly pages: number };

export function cursorName(profile: string, side: Side): string {
  return `${profile}/${side}`;
}

export async function sweep(request: SweepRequest): Promise<SweepResult> {
  const { profile, side, connector, store, clock } = request;
  const name = cursorName(profile.name, side);
  const from = request.pass === 'all' ? null : await store.cursor(name);
  const { scope, reads } = profile.sides[side];
  const ask = request.signal ? { lane: request.lane, signal: request.signal } : { lane: request.lane };
  let seen = 0;
  let marked = 0;
  let pages = 0;
  for await (const page of connector.changes(scope, from, reads, ask)) {
    pages += 1;
    seen += page.records.length;
    const result = await store.observe(
      {
        profile: profile.name,
        side,
        sightings: page.records.map((record) => sightingOf(profile, record)),
        lane: request.lane,
        cause: request.cause,
        force: request.force,
        // A pass over everything says nothing about "since when" until it has ended.
        cursor: from !== null || page.end ? { name, value: page.cursor } : null,
      },
      clock.now(),
    );
    marked += result.marked;
    request.onPage?.(seen);
  }
  return { seen, marked, pages };
}

/**
 * Sees what the lists of a lagging side do not show yet. Only a first start needs it: a record that an earlier life of
 * ours created a moment ago would otherwise be created again.
 */
export async function seeUnlisted(request: SweepRequest): Promise<void> {
  const { profile, side, connector, store, clock } = request;
  const { scope, reads } = profile.sides[side];
  const ask = request.signal ? { lane: request.lane, signal: request.signal } : { lane: request.lane };
  const records = (await connector.unlisted?.(scope, reads, ask)) ?? [];
  const sightings = records.map((record) => sightingOf(profile, record));
  const { lane, cause } = request;
  await store.observe({ profile: profile.name, side, sightings, lane, cause, force: false, cursor: null }, clock.now());
}
