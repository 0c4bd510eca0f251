import { StaleError } from '../errors.ts';
import { SIDES } from '../model.ts';
import { type Database, sqliteCode } from './database.ts';
import { type LinkRecord, toLink } from './rows.ts';
import type { Link, RecordKey, Settlement } from './store.ts';

/** The link of a record, inside whatever transaction the caller has. */
export function findLink(db: Database, { profile, side, id }: RecordKey): Link | null {
  const column = side === 'jira' ? 'jira_id' : 'crm_id';
  const row = db.get<LinkRecord>(
    `SELECT * FROM link WHERE profile = ? AND ${column} = ? AND ended_at IS NULL`,
    profile,
    id,
  );
  return row === undefined ? null : toLink(row);
}

export function linkById(db: Database, id: number): Link | null {
  const row = db.get<LinkRecord>('SELECT * FROM link WHERE id = ?', id);
  return row === undefined ? null : toLink(row);
}

type LinkWrite = NonNullable<Settlement['link']>;

export function insertLink(db: Database, profile: string, link: LinkWrite, now: number): Link {
  const sql = `INSERT INTO link (jira_id, crm_id, jira_key, crm_key, state, reason, base, jira_version, crm_version,
      jira_fingerprint, crm_fingerprint, profile_version, origin, settled_at, profile, revision, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`;
  const id = refusingTakenRefs(link, () => db.insert(sql, ...columns(link), profile, now));
  flagSeen(db, profile, link.ids, 1);
  for (const side of SIDES) {
    db.run('DELETE FROM apart WHERE profile = ? AND side = ? AND id = ?', profile, side, link.ids[side]);
  }
  return { ...link, id, profile, revision: 1, createdAt: now };
}

/** Compare-and-set on the revision that the claim saw. */
export function updateLink(db: Database, before: Link, link: LinkWrite): Link {
  const sql = `UPDATE link SET jira_id = ?, crm_id = ?, jira_key = ?, crm_key = ?, state = ?, reason = ?, base = ?,
      jira_version = ?, crm_version = ?, jira_fingerprint = ?, crm_fingerprint = ?, profile_version = ?, origin = ?, settled_at = ?, revision = revision + 1
    WHERE id = ? AND revision = ? AND ended_at IS NULL`;
  const changed = refusingTakenRefs(link, () => db.run(sql, ...columns(link), before.id, before.revision));
  if (changed === 0) throw moved(before);
  const { id, profile, createdAt, revision } = before;
  if (before.ids.jira !== link.ids.jira || before.ids.crm !== link.ids.crm) {
    flagSeen(db, profile, before.ids, 0);
    flagSeen(db, profile, link.ids, 1);
  }
  return { ...link, id, profile, revision: revision + 1, createdAt };
}

export function flagSeen(db: Database, profile: string, ids: Link['ids'], linked: 0 | 1): void {
  for (const side of SIDES) {
    db.run(
      'UPDATE seen SET linked = ?, audited = NULL WHERE profile = ? AND side = ? AND id = ?',
      linked,
      profile,
      side,
      ids[side],
    );
  }
}

export function moved(link: Link): StaleError {
  return new StaleError(
    `The link of ${link.keys.jira} and ${link.keys.crm} was changed meanwhile`,
    'It is read again and retried by itself; nothing to do.',
  );
}

function columns(link: LinkWrite): (string | number | null)[] {
  const { ids, keys, versions, fingerprints } = link;
  return [
    ids.jira,
    ids.crm,
    keys.jira,
    keys.crm,
    link.state,
    link.reason,
    JSON.stringify(link.base),
    versions.jira,
    versions.crm,
    fingerprints.jira,
    fingerprints.crm,
    link.profileVersion,
    link.origin,
    link.settledAt,
  ];
}

const UNIQUE = 2067;

function refusingTakenRefs<T>(link: LinkWrite, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (sqliteCode(error) !== UNIQUE) throw error;
    throw new StaleError(
      `${link.keys.jira} or ${link.keys.crm} is paired with another record already`,
      'It is read again and retried by itself; nothing to do.',
      error,
    );
  }
}
