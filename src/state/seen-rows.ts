// What each record showed when it was last seen, linked or not: fingerprints for sweeps, match keys for pairing.
import type { Side } from '../model.ts';
import type { Database } from './database.ts';
import { findLink } from './link-rows.ts';
import type { RecordKey, Sighting } from './store.ts';

/** Inside the caller's transaction. Answers whether the fingerprint is new. */
export function storeSighting(db: Database, profile: string, side: Side, sighting: Sighting): boolean {
  const { id, key, fingerprint } = sighting;
  const matchKeys = JSON.stringify(sighting.matchKeys);
  const stored = db.get<{ key: string; fingerprint: string; match_keys: string }>(
    'SELECT key, fingerprint, match_keys FROM seen WHERE profile = ? AND side = ? AND id = ?',
    profile,
    side,
    id,
  );
  const isNew = stored?.fingerprint !== fingerprint;
  if (!isNew && stored.key === key && stored.match_keys === matchKeys) return false;

  db.run(
    `INSERT INTO seen (profile, side, id, key, fingerprint, match_keys, linked) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (profile, side, id) DO UPDATE SET
       key = excluded.key, fingerprint = excluded.fingerprint, match_keys = excluded.match_keys`,
    profile,
    side,
    id,
    key,
    fingerprint,
    matchKeys,
    stored === undefined && findLink(db, { profile, side, id }) !== null ? 1 : 0,
  );
  if (stored?.match_keys !== matchKeys) {
    const old = stored === undefined ? [] : (JSON.parse(stored.match_keys) as (string | null)[]);
    replaceMatchKeys(db, { profile, side, id }, old, sighting.matchKeys);
  }
  return isNew;
}

/** Inside the caller's transaction. */
export function forgetSighting(db: Database, { profile, side, id }: RecordKey): void {
  const where = 'WHERE profile = ? AND side = ? AND id = ?';
  const stored = db.get<{ match_keys: string }>(`SELECT match_keys FROM seen ${where}`, profile, side, id);
  if (stored === undefined) return;
  replaceMatchKeys(db, { profile, side, id }, JSON.parse(stored.match_keys) as (string | null)[], []);
  db.run(`DELETE FROM seen ${where}`, profile, side, id);
}

function replaceMatchKeys(
  db: Database,
  { profile, side, id }: RecordKey,
  old: readonly (string | null)[],
  now: readonly (string | null)[],
): void {
  const remove = 'DELETE FROM match_key WHERE profile = ? AND side = ? AND rule = ? AND value = ? AND id = ?';
  const add = 'INSERT OR IGNORE INTO match_key (profile, side, rule, value, id) VALUES (?, ?, ?, ?, ?)';
  for (const [rule, value] of old.entries()) if (value !== null) db.run(remove, profile, side, rule, value, id);
  for (const [rule, value] of now.entries()) if (value !== null) db.run(add, profile, side, rule, value, id);
}
