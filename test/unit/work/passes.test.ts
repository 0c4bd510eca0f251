// Looks at the other side are shared, in turns, and counted here.
import { beforeEach, expect, it } from 'vitest';
import type { Connector } from '../../../src/connectors/connector.ts';
import type { Side } from '../../../src/model.ts';
import type { Profile } from '../../../src/profiles/profile.ts';
import { openSqliteStore } from '../../../src/state/sqlite-store.ts';
import { createPasses, type Passes } from '../../../src/work/passes.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;

let clock: VirtualClock;
let begun: { readonly side: Side; readonly at: number }[];
let unlisted: number;
let loaded: Map<string, Profile>;
let passes: Passes;
let profile: Profile;

beforeEach(() => {
  clock = createVirtualClock();
  begun = [];
  unlisted = 0;
  const scope = { connection: 'one', entity: 'issue', query: {} };
  const sides = { jira: { scope, reads: [] }, crm: { scope, reads: [] } };
  const parts: Partial<Profile> = {
    name: 'procurement',
    version: 'v1',
    sides,
    match: [],
    stamp: { jira: null, crm: null },
  };
  profile = parts as Profile;
  loaded = new Map([['procurement', profile]]);
  const connectorOf = (_profile: Profile, side: Side) =>
    ({
      async *changes() {
        begun.push({ side, at: clock.now() });
        await clock.sleep(300);
        yield { records: [], cursor: `c${begun.length}`, end: true };
      },
      async unlisted() {
        unlisted += 1;
        return [];
      },
    }) as Partial<Connector> as Connector;
  const store = openSqliteStore(':memory:');
  const signal = new AbortController().signal;
  passes = createPasses({
    store,
    clock,
    profiles: () => loaded,
    connectorOf,
    ring() {},
    found() {},
    signalOf: () => signal,
  });
});

const movedAt = (moved: number) => ({ moved, marked: 0 });

it('makes one pass for all that ask at the same moment', async () => {
  const asked = Array.from({ length: 50 }, () => passes.seeAllSince(profile, 'jira', movedAt(clock.now())));
  expect(await clock.until(Promise.all(asked))).toEqual(asked.map(() => true));
  expect(begun).toHaveLength(1);
  expect(unlisted).toBe(1);
});

it('makes another for those that ask while one runs: theirs might have come in behind it', async () => {
  const first = passes.seeAllSince(profile, 'jira', movedAt(clock.now()));
  await clock.advance(100);
  const later = [1, 2, 3].map(() => passes.seeAllSince(profile, 'jira', movedAt(clock.now())));
  await clock.until(Promise.all([first, ...later]));
  expect(begun).toHaveLength(2);
  // Not at once: whatever comes within a second shares it.
  expect((begun[1]?.at ?? 0) - (begun[0]?.at ?? 0)).toBe(1_000);
});

it('makes none for a record that was there long before the last one', async () => {
  await clock.until(passes.seeAllSince(profile, 'jira', movedAt(clock.now())));
  expect(await passes.seeAllSince(profile, 'jira', movedAt(clock.now() - 11 * MINUTE))).toBe(false);
  expect(begun).toHaveLength(1);
  expect(await clock.until(passes.seeAllSince(profile, 'crm', movedAt(clock.now() - 11 * MINUTE)))).toBe(true);
});

it('makes one for a record that has not moved for long and was marked since the last one', async () => {
  await clock.until(passes.seeAllSince(profile, 'jira', movedAt(clock.now())));
  await clock.advance(MINUTE);
  const when = { moved: clock.now() - 24 * 60 * MINUTE, marked: clock.now() };
  expect(await clock.until(passes.seeAllSince(profile, 'jira', when))).toBe(true);
  expect(await passes.seeAllSince(profile, 'jira', when)).toBe(false);
  expect(begun).toHaveLength(2);
});

it('stores nothing under the name of a profile that was taken away meanwhile', async () => {
  const asked = passes.seeAllSince(profile, 'jira', movedAt(clock.now()));
  const ended = asked.then(
    () => null,
    (error: unknown) => error,
  );
  await clock.advance(100);
  expect(passes.running('procurement')).toBe(true);
  loaded.clear();
  expect(await clock.until(ended)).toMatchObject({ name: 'StaleError' });
  expect(passes.running('procurement')).toBe(false);
});
