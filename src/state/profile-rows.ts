// What becomes of the rows of a profile that is renamed, removed, brought back or split.
import { BusyError, StaleError } from '../errors.ts';
import { SIDES } from '../model.ts';
import type { Confinement } from './bounds.ts';
import { type Claims, recordText } from './claims.ts';
import { type Database, ROWS_PER_STATEMENT } from './database.ts';
import { findLink, flagSeen, moved } from './link-rows.ts';
import { type LinkRecord, toLink } from './rows.ts';
import { all, get, run, runEach, type Sql } from './sql.ts';
import type { Link, RecordKey, Store } from './store.ts';

type ProfileVerbs = Pick<Store, 'renameProfile' | 'keepProfiles' | 'purgeProfiles' | 'linksElsewhere' | 'takeOver'>;

/** Every table with a profile in it; `conflict` before `link`, which it refers to. */
export const PROFILE_TABLES = [
  'dirty',
  'timer',
  'seen',
  'match_key',
  'apart',
  'absence',
  'intent',
  'conflict',
  'link',
  'parked',
  'journal',
  'profile_state',
  'known_profile',
  'command',
] as const;

const PROFILE_NOTES = ['sweep/', 'audit/'] as const;

export function profileVerbs(db: Database, claims: Claims, bounds: Confinement): ProfileVerbs {
  return {
    renameProfile(from, to) {
      return db.write(function* () {
        if ((yield* get('SELECT 1 FROM link WHERE profile = ? LIMIT 1', to)) !== undefined) return false;
        if ((yield* get('SELECT 1 FROM known_profile WHERE profile = ?', from)) === undefined) return false;
        // What the new name saw without its links is of no use, and would stand in the way.
        yield* drop(to);
        for (const table of PROFILE_TABLES) yield* run(`UPDATE ${table} SET profile = ? WHERE profile = ?`, to, from);
        for (const name of yield* cursorsOf(from)) {
          yield* run('UPDATE cursor SET name = ? WHERE name = ?', to + name.slice(from.length), name);
        }
        for (const note of PROFILE_NOTES) yield* run('UPDATE note SET name = ? WHERE name = ?', note + to, note + from);
        return true;
      });
    },

    async keepProfiles(loaded, now) {
      await db.write(function* () {
        const names = new Set(loaded.map(({ profile }) => profile));
        for (const { profile } of yield* all<{ profile: string }>('SELECT profile FROM known_profile')) {
          if (names.has(profile)) continue;
          yield* run('UPDATE known_profile SET removed_at = coalesce(removed_at, ?) WHERE profile = ?', now, profile);
        }
        const sql = `INSERT INTO known_profile (profile, about, removed_at) VALUES (?, ?, NULL)
          ON CONFLICT (profile) DO UPDATE SET about = excluded.about, removed_at = NULL`;
        yield* runEach(
          sql,
          loaded.map(({ profile, about }) => [profile, about]),
        );
      });
    },

    purgeProfiles(removedBefore) {
      return db.write(function* () {
        const sql = 'SELECT profile FROM known_profile WHERE removed_at < ? ORDER BY profile LIMIT ?';
        const rows = yield* all<{ profile: string }>(sql, removedBefore, ROWS_PER_STATEMENT);
        for (const { profile } of rows) yield* drop(profile);
        return rows.map(({ profile }) => profile);
      });
    },

    async linksElsewhere({ profile, side, id }) {
      const column = side === 'jira' ? 'jira_id' : 'crm_id';
      const sql = `SELECT link.*, theirs.removed_at FROM link JOIN known_profile AS theirs ON theirs.profile = link.profile
        JOIN known_profile AS ours ON ours.profile = ? AND ours.about = theirs.about
        WHERE link.${column} = ? AND link.profile <> ? AND link.ended_at IS NULL ORDER BY link.id`;
      type Row = LinkRecord & { removed_at: number | null };
      const rows = await db.look(() => all<Row>(sql, profile, id, profile));
      return rows.map((row) => ({ link: toLink(row), removed: row.removed_at !== null }));
    },

    async takeOver(claim, link) {
      const held = claims.held(claim);
      if (held === null) throw new StaleError(`The claim ${claim.key} was given back before`, 'Claim it again.');
      const { profile } = claim;
      for (const record of recordsOf(link, link.profile)) if (claims.isHeld(record)) throw busy(record);
      const missing = recordsOf(link, profile).filter(
        (record) => !held.records.some((one) => recordText(one) === recordText(record)),
      );
      for (const record of missing) if ((claims.holder(record) ?? held) !== held) throw busy(record);
      for (const record of missing) claims.extend(held, record, []);
      try {
        return await db.write(function* () {
          yield* bounds.refuse(profile);
          return yield* takeLink(link, profile);
        });
      } catch (error) {
        for (const record of missing) claims.drop(held, record);
        throw error;
      }
    },
  };
}

function* takeLink(link: Link, profile: string): Sql<Link> {
  for (const record of recordsOf(link, profile)) {
    const own = yield* findLink(record);
    if (own !== null) throw moved(own);
  }
  const sql = 'UPDATE link SET profile = ?, revision = revision + 1 WHERE id = ? AND revision = ? AND ended_at IS NULL';
  if ((yield* run(sql, profile, link.id, link.revision)) === 0) throw moved(link);
  yield* run('UPDATE conflict SET profile = ? WHERE link_id = ?', profile, link.id);
  yield* run('UPDATE journal SET profile = ? WHERE link_id = ?', profile, link.id);
  for (const { side, id } of recordsOf(link, link.profile)) {
    const where = 'WHERE profile = ? AND side = ? AND id = ?';
    const replaced = `DELETE FROM parked ${where} AND field IN (SELECT field FROM parked ${where} AND field <> '')`;
    yield* run(replaced, profile, side, id, link.profile, side, id);
    yield* run(`UPDATE parked SET profile = ? ${where} AND field <> ''`, profile, link.profile, side, id);
    yield* run(`DELETE FROM timer ${where}`, link.profile, side, id);
    yield* run(`DELETE FROM absence ${where}`, link.profile, side, id);
  }
  yield* flagSeen(link.profile, link.ids, 0);
  yield* flagSeen(profile, link.ids, 1);
  return { ...link, profile, revision: link.revision + 1 };
}

/** Cursors are named `profile/side`, with more behind for passes that were cut off. */
function* cursorsOf(profile: string): Sql<readonly string[]> {
  const names = (yield* all<{ name: string }>('SELECT name FROM cursor')).map(({ name }) => name);
  return names.filter((name) => SIDES.some((side) => `${name}/`.startsWith(`${profile}/${side}/`)));
}

function* drop(profile: string): Sql<void> {
  for (const table of PROFILE_TABLES) yield* run(`DELETE FROM ${table} WHERE profile = ?`, profile);
  for (const name of yield* cursorsOf(profile)) yield* run('DELETE FROM cursor WHERE name = ?', name);
  for (const note of PROFILE_NOTES) yield* run('DELETE FROM note WHERE name = ?', note + profile);
}

function recordsOf(link: Link, profile: string): RecordKey[] {
  return SIDES.map((side) => ({ profile, side, id: link.ids[side] }));
}

function busy(key: RecordKey): BusyError {
  return new BusyError(`${recordText(key)} is being worked on`, 'It is tried again by itself; nothing to do.');
}
