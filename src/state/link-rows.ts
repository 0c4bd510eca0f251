import { StaleError } from '../errors.ts';
import { SIDES } from '../model.ts';
import { type LinkRecord, toLink } from './rows.ts';
import { get, insert, type Param, run, type Sql, sendEach } from './sql.ts';
import type { Link, RecordKey, Settlement } from './store.ts';

/** The link of a record, inside whatever transaction the caller has. */
export function* findLink({ profile, side, id }: RecordKey): Sql<Link | null> {
  const column = side === 'jira' ? 'jira_id' : 'crm_id';
  const row = yield* get<LinkRecord>(
    `SELECT * FROM link WHERE profile = ? AND ${column} = ? AND ended_at IS NULL`,
    profile,
    id,
  );
  return row === undefined ? null : toLink(row);
}

export function* linkById(id: number): Sql<Link | null> {
  const row = yield* get<LinkRecord>('SELECT * FROM link WHERE id = ?', id);
  return row === undefined ? null : toLink(row);
}

/** As it now is: what is announced is all of it that changes without its revision. */
export function* unmoved(link: Link): Sql<Link> {
  const sql = 'SELECT revision, announced FROM link WHERE id = ?';
  const row = yield* get<Pick<LinkRecord, 'revision' | 'announced'>>(sql, link.id);
  if (row?.revision !== link.revision) throw moved(link);
  return { ...link, announced: row.announced === null ? null : JSON.parse(row.announced) };
}

type LinkWrite = NonNullable<Settlement['link']>;

export function* insertLink(profile: string, link: LinkWrite, now: number): Sql<Link> {
  const columns = [...INDEXED, ...SHOWN, 'profile', 'created_at'];
  const sql = `INSERT INTO link (${columns.join(', ')}, revision)
    VALUES (${columns.map(() => '?').join(', ')}, 1) ON CONFLICT DO NOTHING`;
  const id = yield* insert(sql, ...indexed(link), ...shown(link), profile, now);
  if (id === null) throw taken(link);
  yield* flagSeen(profile, link.ids, 1);
  yield* sendEach(
    'DELETE FROM apart WHERE profile = ? AND side = ? AND id = ?',
    SIDES.map((side) => [profile, side, link.ids[side]]),
  );
  return { ...link, announced: link.announced ?? null, id, profile, revision: 1, createdAt: now };
}

/** Compare-and-set on the revision that the claim saw. */
export function* updateLink(before: Link, link: LinkWrite): Sql<Link> {
  const { id, profile, createdAt, revision } = before;
  const repointed = before.ids.jira !== link.ids.jira || before.ids.crm !== link.ids.crm;
  if (repointed && (yield* isTaken(before, link))) throw taken(link);
  // A statement that names a column writes its index anew, whether or not the value is another one.
  const alike = isIndexedAlike(before, link);
  const columns = alike ? SHOWN : [...INDEXED, ...SHOWN];
  const values = alike ? shown(link) : [...indexed(link), ...shown(link)];
  const sql = `UPDATE link SET ${columns.map((name) => `${name} = ?`).join(', ')}, revision = revision + 1
    WHERE id = ? AND revision = ? AND ended_at IS NULL`;
  if ((yield* run(sql, ...values, id, revision)) === 0) throw moved(before);
  if (repointed) {
    yield* flagSeen(profile, before.ids, 0);
    yield* flagSeen(profile, link.ids, 1);
  }
  return { ...link, announced: link.announced ?? null, id, profile, revision: revision + 1, createdAt };
}

export function* flagSeen(profile: string, ids: Link['ids'], linked: 0 | 1): Sql<void> {
  yield* sendEach(
    'UPDATE seen SET linked = ?, audited = NULL WHERE profile = ? AND side = ? AND id = ?',
    SIDES.map((side) => [linked, profile, side, ids[side]]),
  );
}

export function moved(link: Link): StaleError {
  return new StaleError(
    `The link of ${link.keys.jira} and ${link.keys.crm} was changed meanwhile`,
    'It is read again and retried by itself; nothing to do.',
  );
}

function isIndexedAlike(before: Link, link: LinkWrite): boolean {
  const now = indexed(link);
  return indexed(before).every((value, at) => value === now[at]);
}

const INDEXED = ['jira_id', 'crm_id', 'jira_key', 'crm_key', 'state'] as const;

function indexed({ ids, keys, state }: LinkWrite): string[] {
  return [ids.jira, ids.crm, keys.jira, keys.crm, state];
}

const SHOWN = [
  'reason',
  'base',
  'announced',
  'jira_version',
  'crm_version',
  'jira_fingerprint',
  'crm_fingerprint',
  'profile_version',
  'origin',
  'settled_at',
] as const;

function shown(link: LinkWrite): Param[] {
  const { versions, fingerprints } = link;
  return [
    link.reason,
    JSON.stringify(link.base),
    link.announced ? JSON.stringify(link.announced) : null,
    versions.jira,
    versions.crm,
    fingerprints.jira,
    fingerprints.crm,
    link.profileVersion,
    link.origin,
    link.settledAt,
  ];
}

/** Asked first, because an UPDATE that a unique index refuses would end the whole transaction in PostgreSQL. */
function* isTaken({ id, profile }: Link, { ids }: LinkWrite): Sql<boolean> {
  const sql = `SELECT 1 FROM link WHERE profile = ? AND (jira_id = ? OR crm_id = ?) AND id <> ? AND ended_at IS NULL LIMIT 1`;
  return (yield* get(sql, profile, ids.jira, ids.crm, id)) !== undefined;
}

function taken(link: LinkWrite): StaleError {
  return new StaleError(
    `${link.keys.jira} or ${link.keys.crm} is paired with another record already`,
    'It is read again and retried by itself; nothing to do.',
  );
}
