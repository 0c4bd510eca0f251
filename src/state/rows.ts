// Rows as SQLite holds them, and the nouns of store.ts they stand for.
import { type Cause, type Lane, SIDES, type Side, type Value } from '../model.ts';
import type {
  CommandKind,
  CommandRow,
  Conflict,
  ConflictStatus,
  DirtyRow,
  Intent,
  IntentState,
  JournalEntry,
  Link,
  LinkState,
  Parked,
} from './store.ts';

export const LANES: readonly Lane[] = ['live', 'bulk'];

export function laneNumber(lane: Lane): number {
  return lane === 'live' ? 0 : 1;
}

/** Both records of a pair in one statement; `IN` for sides and ids would take twice as long as two statements. */
export function selectOfPair(columns: string, table: string): string {
  const of = (side: Side) => `SELECT ${columns} FROM ${table} WHERE profile = ? AND side = '${side}' AND id = ?`;
  return SIDES.map(of).join(' UNION ALL ');
}

/** What `selectOfPair` is given. */
export function pairParams(profile: string, ids: Readonly<Record<Side, string>>): string[] {
  return SIDES.flatMap((side) => [profile, ids[side]]);
}

/** Whatever order they came in. */
export function jiraFirst<R extends { readonly side: Side }>(rows: readonly R[]): R[] {
  return SIDES.flatMap((side) => rows.filter((row) => row.side === side));
}

export type DirtyRecord = {
  profile: string;
  side: Side;
  id: string;
  generation: number;
  lane: number;
  cause: Cause;
  version: string | null;
  attempts: number;
  since: number;
  due: number;
  reason: string | null;
};

// node:sqlite answers objects without a prototype; the copies keep that from leaking out.
export function toDirtyRow(row: DirtyRecord): DirtyRow {
  return { ...row, lane: row.lane === 0 ? 'live' : 'bulk' };
}

export type LinkRecord = {
  id: number;
  profile: string;
  jira_id: string;
  crm_id: string;
  jira_key: string;
  crm_key: string;
  state: LinkState;
  reason: string | null;
  base: string;
  announced: string | null;
  jira_version: string;
  crm_version: string;
  jira_fingerprint: string;
  crm_fingerprint: string;
  revision: number;
  profile_version: string;
  origin: Link['origin'];
  created_at: number;
  settled_at: number;
};

export function toLink(row: LinkRecord): Link {
  return {
    id: row.id,
    profile: row.profile,
    ids: { jira: row.jira_id, crm: row.crm_id },
    keys: { jira: row.jira_key, crm: row.crm_key },
    state: row.state,
    reason: row.reason,
    base: JSON.parse(row.base),
    announced: row.announced === null ? null : JSON.parse(row.announced),
    versions: { jira: row.jira_version, crm: row.crm_version },
    fingerprints: { jira: row.jira_fingerprint, crm: row.crm_fingerprint },
    revision: row.revision,
    profileVersion: row.profile_version,
    origin: row.origin,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}

export type ConflictRecord = {
  id: number;
  link_id: number;
  profile: string;
  field: string;
  base: string;
  jira_value: string;
  crm_value: string;
  jira_changed_at: number;
  crm_changed_at: number;
  jira_changed_by: string | null;
  crm_changed_by: string | null;
  policy: string;
  outcome: string;
  status: ConflictStatus;
  take: string | null;
  at: number;
  closed_at: number | null;
};

export function toConflict(row: ConflictRecord): Conflict {
  const base = JSON.parse(row.base) as readonly [Value, Value] | null;
  return {
    id: row.id,
    linkId: row.link_id,
    profile: row.profile,
    field: row.field,
    base: base === null ? null : { jira: base[0], crm: base[1] },
    values: { jira: JSON.parse(row.jira_value), crm: JSON.parse(row.crm_value) },
    changedAt: { jira: row.jira_changed_at, crm: row.crm_changed_at },
    changedBy: { jira: row.jira_changed_by, crm: row.crm_changed_by },
    policy: row.policy,
    outcome: row.outcome,
    status: row.status,
    take: row.take === null ? null : JSON.parse(row.take),
    at: row.at,
    closedAt: row.closed_at,
  };
}

export type ParkedRecord = Omit<Parked, 'values'> & { readonly field_values: string };

export function toParked(row: ParkedRecord): Parked {
  const { field_values: values, ...rest } = row;
  return { ...rest, values: JSON.parse(values) };
}

export type JournalRecord = {
  at: number;
  profile: string;
  profile_version: string;
  link_id: number | null;
  side: Side;
  record_id: string;
  field: string;
  action: JournalEntry['action'];
  before: string;
  after: string;
  cause: Cause;
  run: string;
};

export function toJournalEntry(row: JournalRecord): JournalEntry {
  return {
    at: row.at,
    profile: row.profile,
    profileVersion: row.profile_version,
    linkId: row.link_id,
    side: row.side,
    recordId: row.record_id,
    field: row.field,
    action: row.action,
    before: JSON.parse(row.before),
    after: JSON.parse(row.after),
    cause: row.cause,
    run: row.run,
  };
}

export type IntentRecord = {
  key: string;
  profile: string;
  side: Side;
  source_id: string;
  state: IntentState;
  attempt: number;
  sent_at: number | null;
  sent: string | null;
  moved_at: number;
};

export function toIntent(row: IntentRecord): Intent {
  return {
    key: row.key,
    profile: row.profile,
    side: row.side,
    sourceId: row.source_id,
    state: row.state,
    attempt: row.attempt,
    sentAt: row.sent_at,
    movedAt: row.moved_at,
    sent: row.sent === null ? null : JSON.parse(row.sent),
  };
}

export type CommandRecord = {
  id: number;
  kind: CommandKind;
  profile: string | null;
  args: string;
  state: CommandRow['state'];
  result: string;
  at: number;
};

export function toCommand({ profile: _profile, ...row }: CommandRecord): CommandRow {
  return { ...row, args: JSON.parse(row.args), result: JSON.parse(row.result) };
}
