// What each record showed when it was last seen, linked or not: fingerprints for sweeps, match keys for pairing.
import type { Side } from '../model.ts';
import { matchValue } from './match-value.ts';
import { get, getEach, type Param, type Sql, send, sendEach, together } from './sql.ts';
import type { RecordKey, Sighting } from './store.ts';

type Shown = { readonly key: string; readonly fingerprint: string; readonly match_keys: string };
type Change = { readonly sighting: Sighting; readonly stored: Shown | undefined; readonly now: Shown };

/** Inside the caller's transaction. Answers for each whether the fingerprint is new. */
export function* storeSightings(profile: string, side: Side, sightings: readonly Sighting[]): Sql<readonly boolean[]> {
  const recordsOf = (all: readonly Sighting[]): Param[][] => all.map(({ id }) => [profile, side, id]);
  const stored = yield* getEach<Shown>(STORED, recordsOf(sightings));
  // The last that is known of each: a page may show a record twice.
  const known = new Map<string, Shown>();
  const changes = new Map<number, Change>();
  for (const [i, sighting] of sightings.entries()) {
    const before = known.get(sighting.id) ?? stored[i];
    const { key, fingerprint } = sighting;
    const now = { key, fingerprint, match_keys: JSON.stringify(sighting.matchKeys) };
    known.set(sighting.id, now);
    if (before === undefined || !isSame(before, now)) changes.set(i, { sighting, stored: before, now });
  }
  if (changes.size === 0) return sightings.map(() => false);

  // A row that is there is of no forgotten record, and tells by itself whether it is linked.
  const unseen = [...changes].filter(([i]) => stored[i] === undefined);
  const records = unseen.map(([, { sighting }]) => sighting);
  const [forgotten, linked] = yield* together([
    getEach(FORGOTTEN, recordsOf(records)),
    getEach(
      LINKED[side],
      records.map(({ id }) => [profile, id]),
    ),
  ]);
  const isLinked = new Set<number>();
  for (const [n, [i]] of unseen.entries()) {
    if (forgotten[n] !== undefined) changes.delete(i);
    if (linked[n] !== undefined) isLinked.add(i);
  }
  yield* storeChanges(
    profile,
    side,
    [...changes].map(([i, change]) => ({ ...change, linked: isLinked.has(i) })),
  );
  return sightings.map((_, i) => {
    const change = changes.get(i);
    return change !== undefined && change.stored?.fingerprint !== change.now.fingerprint;
  });
}

function* storeChanges(
  profile: string,
  side: Side,
  changes: readonly (Change & { readonly linked: boolean })[],
): Sql<void> {
  yield* sendEach(
    `INSERT INTO seen (profile, side, id, key, fingerprint, match_keys, linked) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (profile, side, id) DO UPDATE SET
       key = excluded.key, fingerprint = excluded.fingerprint, match_keys = excluded.match_keys`,
    changes.map(({ sighting: { id }, now, linked }) => [
      profile,
      side,
      id,
      now.key,
      now.fingerprint,
      now.match_keys,
      linked ? 1 : 0,
    ]),
  );
  for (const { sighting, stored, now } of changes) {
    if (stored?.match_keys === now.match_keys) continue;
    yield* replaceMatchKeys({ profile, side, id: sighting.id }, matchKeysIn(stored), sighting.matchKeys);
  }
}

function isSame(a: Shown, b: Shown): boolean {
  return a.key === b.key && a.fingerprint === b.fingerprint && a.match_keys === b.match_keys;
}

function matchKeysIn(stored: Pick<Shown, 'match_keys'> | undefined): readonly (string | null)[] {
  return stored === undefined ? [] : (JSON.parse(stored.match_keys) as (string | null)[]);
}

const STORED = 'SELECT key, fingerprint, match_keys FROM seen WHERE profile = ? AND side = ? AND id = ?';
/** Only the id stays of a record that a person had forgotten: what sweeps see of it later is not stored. */
const FORGOTTEN = 'SELECT 1 AS yes FROM apart WHERE profile = ? AND side = ? AND id = ? AND forgotten = 1';
const LINKED = {
  jira: 'SELECT 1 AS yes FROM link WHERE profile = ? AND jira_id = ? AND ended_at IS NULL',
  crm: 'SELECT 1 AS yes FROM link WHERE profile = ? AND crm_id = ? AND ended_at IS NULL',
} as const;

/** Inside the caller's transaction. */
export function* forgetSighting({ profile, side, id }: RecordKey): Sql<void> {
  const where = 'WHERE profile = ? AND side = ? AND id = ?';
  const stored = yield* get<{ match_keys: string }>(`SELECT match_keys FROM seen ${where}`, profile, side, id);
  if (stored === undefined) return;
  yield* replaceMatchKeys({ profile, side, id }, matchKeysIn(stored), []);
  yield* send(`DELETE FROM seen ${where}`, profile, side, id);
}

function* replaceMatchKeys(
  { profile, side, id }: RecordKey,
  old: readonly (string | null)[],
  now: readonly (string | null)[],
): Sql<void> {
  const remove = 'DELETE FROM match_key WHERE profile = ? AND side = ? AND rule = ? AND value = ? AND id = ?';
  const add = 'INSERT INTO match_key (profile, side, rule, value, id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
  const rowsOf = (values: readonly (string | null)[], others: readonly (string | null)[]): Param[][] =>
    values.flatMap((value, rule) =>
      value === null || value === others[rule] ? [] : [[profile, side, rule, matchValue(value), id]],
    );
  yield* sendEach(remove, rowsOf(old, now));
  yield* sendEach(add, rowsOf(now, old));
}
