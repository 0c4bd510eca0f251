// A pass over one side of a profile. It only marks dirty: every page is durable, with the cursor, before the next is
// asked for, and a record that shows what that side last showed costs nothing more than its place in the page.
import type { Connector } from '../connectors/connector.ts';
import { StaleError } from '../errors.ts';
import type { Cause, Lane, Side } from '../model.ts';
import type { Clock } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store } from '../state/store.ts';
import { createIdSet } from './id-set.ts';
import { isStamped, sightingOf } from './sighting.ts';

export type SweepRequest = {
  readonly profile: Profile;
  readonly side: Side;
  readonly connector: Connector;
  readonly store: Store;
  readonly clock: Clock;
  /** `all`: the whole scope. `changes`: since the stored cursor, or the whole scope where there is none. */
  readonly pass: 'all' | 'changes';
  /** Instead of the whole scope: what was changed since then, by the vendor's clock. */
  readonly since?: number;
  /** A pass over everything that was cut off a while ago goes on where it was. */
  readonly resume?: boolean;
  readonly cause: Cause;
  readonly lane: Lane;
  /** When somebody waits for the answers, though what is found may wait its turn. */
  readonly askLane?: Lane;
  /** Also what the lists of a lagging side do not show yet. */
  readonly unlisted?: boolean;
  /** Mark everything, also what has not changed since it was last seen. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
  /** False when the profile is not loaded any more: nothing may be stored under its name then. */
  readonly isLoaded: () => boolean;
  readonly onPage?: (seen: number) => void;
};

/** `at`: when the pass began, by our clock. `marks`: how many of the records were paired before, as they show. */
export type SweepResult = {
  readonly seen: number;
  readonly marked: number;
  readonly pages: number;
  readonly marks: number;
  readonly at: number;
};

export function cursorName(profile: string, side: Side): string {
  return `${profile}/${side}`;
}

/** After that long so much has changed that the beginning of a pass says nothing any more. */
const RESUMED_WITHIN_MS = 24 * 3_600_000;
const ENDED = 'ended';

/** Where a pass over everything is noted while it is under way; another version of the profile begins another pass. */
export function resumeName(request: Pick<SweepRequest, 'profile' | 'side' | 'force'>): string {
  const { profile, side, force } = request;
  return `${cursorName(profile.name, side)}/all/${profile.version}${force ? '/force' : ''}`;
}

type Start = {
  /** When the pass began, in this life or an earlier one. */
  readonly at: number;
  readonly cursor: string | null;
  /** It was cut off when this side had been read to its end. */
  readonly ended: boolean;
};

async function startOf(request: SweepRequest): Promise<Start> {
  const { profile, side, connector, store, clock } = request;
  const at = clock.now();
  if (request.pass === 'changes') {
    return { at, cursor: await store.cursor(cursorName(profile.name, side)), ended: false };
  }
  if (request.since !== undefined) return { at, cursor: connector.cursorAt(request.since), ended: false };
  const left = request.resume ? await store.cursor(resumeName(request)) : null;
  const [, then, cursor] = /^(\d+) (.+)$/s.exec(left ?? '') ?? [];
  if (then === undefined || cursor === undefined || at - Number(then) > RESUMED_WITHIN_MS) {
    return { at, cursor: null, ended: false };
  }
  return { at: Number(then), cursor: cursor === ENDED ? null : cursor, ended: cursor === ENDED };
}

export async function sweep(request: SweepRequest): Promise<SweepResult> {
  const { profile, side, connector, store, clock } = request;
  const name = cursorName(profile.name, side);
  const before = await store.cursor(name);
  const start = await startOf(request);
  const { at } = start;
  const whole = request.pass === 'all' && request.since === undefined;
  const { scope, reads } = profile.sides[side];
  let seen = 0;
  let marked = 0;
  let pages = 0;
  // Of pages that an earlier life read this is not known any more: there may have been some.
  let marks = whole && (start.cursor !== null || start.ended) ? 1 : 0;
  // Of a pass that goes on where it was cut off, the first part is not known any more.
  const listed = whole && start.cursor === null && !start.ended ? createIdSet() : null;
  let complete = false;
  const left = start.ended ? [] : connector.changes(scope, start.cursor, reads, askOf(request));
  for await (const page of left) {
    refuseUnloaded(request);
    pages += 1;
    seen += page.records.length;
    for (const record of page.records) {
      listed?.add(record.ref.id);
      if (isStamped(profile, record)) marks += 1;
    }
    complete = page.end;
    // A pass over everything says nothing about "since when" until it has ended, and passes over changes may have
    // got further meanwhile.
    const ended = whole && page.end && (await store.cursor(name)) === before;
    const moves = whole ? ended : request.since === undefined && (start.cursor !== null || page.end);
    const result = await store.observe(
      {
        profile: profile.name,
        side,
        sightings: page.records.map((record) => sightingOf(profile, record)),
        lane: request.lane,
        cause: request.cause,
        force: request.force,
        cursor: moves ? { name, value: page.cursor } : null,
        resume: whole ? { name: resumeName(request), value: `${at} ${page.end ? ENDED : page.cursor}` } : null,
      },
      clock.now(),
    );
    marked += result.marked;
    request.onPage?.(seen);
  }
  // Not being listed is no proof of anything: what was not is read.
  if (listed !== null && complete) marked += await store.census(profile.name, side, listed, at, clock.now());
  if (request.unlisted) await seeUnlisted(request);
  return { seen, marked, pages, marks, at };
}

function askOf(request: SweepRequest) {
  const lane = request.askLane ?? request.lane;
  return request.signal ? { lane, signal: request.signal } : { lane };
}

function refuseUnloaded(request: SweepRequest): void {
  if (request.isLoaded()) return;
  const message = `The profile "${request.profile.name}" was taken away while its records were read`;
  throw new StaleError(message, 'Nothing to do: when it comes back, reading begins again.');
}

/**
 * Sees what the lists of a lagging side do not show yet: on a first start a record that an earlier life of ours created a
 * moment ago, before a create a partner that somebody made by hand just now.
 */
export async function seeUnlisted(request: SweepRequest): Promise<void> {
  const { profile, side, connector, store, clock } = request;
  const { scope, reads } = profile.sides[side];
  const records = (await connector.unlisted?.(scope, reads, askOf(request))) ?? [];
  refuseUnloaded(request);
  const sightings = records.map((record) => sightingOf(profile, record));
  const { lane, cause } = request;
  await store.observe({ profile: profile.name, side, sightings, lane, cause, force: false, cursor: null }, clock.now());
}
