import { valueText } from '../model.ts';
import { get, type Sql, send, sendEach } from './sql.ts';
import type { ConflictStatus, ConflictWrite, Link } from './store.ts';

export function* closeConflicts(linkId: number, fields: readonly string[], now: number): Sql<void> {
  const sql = `UPDATE conflict SET status = 'settled', closed_at = ? WHERE link_id = ? AND field = ? AND status = 'open'`;
  yield* sendEach(
    sql,
    fields.map((field) => [now, linkId, field]),
  );
}

/**
 * The same conflict (link, field, base, both values) is one row however often it is seen; it may change its status.
 * Others of the field that are still open are superseded: the values they tell of are gone.
 */
export function* storeConflict(link: Link, conflict: ConflictWrite, now: number): Sql<void> {
  const { field } = conflict;
  const base = conflict.base === null ? 'null' : `[${valueText(conflict.base.jira)},${valueText(conflict.base.crm)}]`;
  const jira = valueText(conflict.values.jira);
  const crm = valueText(conflict.values.crm);
  const stored = yield* get<{ id: number; status: ConflictStatus }>(
    `SELECT id, status FROM conflict WHERE link_id = ? AND field = ? AND jira_value = ? AND crm_value = ? AND base = ?`,
    link.id,
    field,
    jira,
    crm,
    base,
  );

  const supersede = `UPDATE conflict SET status = 'superseded', closed_at = ?
    WHERE link_id = ? AND field = ? AND status = 'open' AND id <> ?`;
  yield* send(supersede, now, link.id, field, stored?.id ?? 0);

  const { status, outcome, policy, changedAt, changedBy } = conflict;
  const closedAt = status === 'open' ? null : now;
  if (stored !== undefined) {
    if (stored.status === status) return;
    const change = 'UPDATE conflict SET status = ?, outcome = ?, policy = ?, take = NULL, closed_at = ? WHERE id = ?';
    yield* send(change, status, outcome, policy, closedAt, stored.id);
    return;
  }
  yield* send(
    `INSERT INTO conflict (link_id, profile, field, base, jira_value, crm_value, jira_changed_at, crm_changed_at,
       jira_changed_by, crm_changed_by, policy, outcome, status, take, at, closed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)`,
    link.id,
    link.profile,
    field,
    base,
    jira,
    crm,
    changedAt.jira,
    changedAt.crm,
    changedBy.jira,
    changedBy.crm,
    policy,
    outcome,
    status,
    conflict.at,
    closedAt,
  );
}
