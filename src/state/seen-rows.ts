// What each record showed when it was last seen, linked or not: fingerprints for sweeps, match keys for pairing.
import type { Side } from '../model.ts';
import { findLink } from './link-rows.ts';
import { get, type Param, run, runEach, type Sql } from './sql.ts';
import type { RecordKey, Sighting } from './store.ts';

/** Inside the caller's transaction. Answers whether the fingerprint is new. */
export function* storeSighting(profile: string, side: Side, sighting: Sighting): Sql<boolean> {
  const { id, key, fingerprint } = sighting;
  const matchKeys = JSON.stringify(sighting.matchKeys);
  const stored = yield* get<{ key: string; fingerprint: string; match_keys: string }>(
    'SELECT key, fingerprint, match_keys FROM seen WHERE profile = ? AND side = ? AND id = ?',
    profile,
    side,
    id,
  );
  const isNew = stored?.fingerprint !== fingerprint;
  if (!isNew && stored.key === key && stored.match_keys === matchKeys) return false;
  if (yield* isForgotten({ profile, side, id })) return false;

  yield* run(
    `INSERT INTO seen (profile, side, id, key, fingerprint, match_keys, linked) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (profile, side, id) DO UPDATE SET
       key = excluded.key, fingerprint = excluded.fingerprint, match_keys = excluded.match_keys`,
    profile,
    side,
    id,
    key,
    fingerprint,
    matchKeys,
    stored === undefined && (yield* findLink({ profile, side, id })) !== null ? 1 : 0,
  );
  if (stored?.match_keys !== matchKeys) {
    const old = stored === undefined ? [] : (JSON.parse(stored.match_keys) as (string | null)[]);
    yield* replaceMatchKeys({ profile, side, id }, old, sighting.matchKeys);
  }
  return isNew;
}

/** Inside the caller's transaction. */
export function* forgetSighting({ profile, side, id }: RecordKey): Sql<void> {
  const where = 'WHERE profile = ? AND side = ? AND id = ?';
  const stored = yield* get<{ match_keys: string }>(`SELECT match_keys FROM seen ${where}`, profile, side, id);
  if (stored === undefined) return;
  yield* replaceMatchKeys({ profile, side, id }, JSON.parse(stored.match_keys) as (string | null)[], []);
  yield* run(`DELETE FROM seen ${where}`, profile, side, id);
}

/** Only the id stays of a record that a person had forgotten: what sweeps see of it later is not stored. */
function* isForgotten({ profile, side, id }: RecordKey): Sql<boolean> {
  const sql = 'SELECT 1 FROM apart WHERE profile = ? AND side = ? AND id = ? AND forgotten = 1';
  return (yield* get(sql, profile, side, id)) !== undefined;
}

function* replaceMatchKeys(
  { profile, side, id }: RecordKey,
  old: readonly (string | null)[],
  now: readonly (string | null)[],
): Sql<void> {
  const remove = 'DELETE FROM match_key WHERE profile = ? AND side = ? AND rule = ? AND value = ? AND id = ?';
  const add = 'INSERT INTO match_key (profile, side, rule, value, id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
  const rowsOf = (values: readonly (string | null)[]): Param[][] =>
    values.flatMap((value, rule) => (value === null ? [] : [[profile, side, rule, value, id]]));
  yield* runEach(remove, rowsOf(old));
  yield* runEach(add, rowsOf(now));
}
