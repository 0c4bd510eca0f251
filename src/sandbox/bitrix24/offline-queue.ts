// The offline queue: one row per changed object, event and connector, refreshed in place until somebody reserves it. A
// change that comes while its row is reserved makes a new row, so that nothing is lost between get and clear.
import { createHash } from 'node:crypto';
import type { OfflineRow } from './application.ts';
import { nextId, type Portal, portalNow } from './portal.ts';

/** Rows that nobody clears are dropped after 34 days (Bitrix24 docs: up to 30). */
const RESERVED_MS = 2_952_000_000;

function keyOf(row: Pick<OfflineRow, 'connector' | 'messageId' | 'processId' | 'error'>): string {
  return JSON.stringify([row.connector, row.messageId, row.processId, row.error]);
}

export function messageIdOf(event: string, data: unknown): string {
  return createHash('md5')
    .update(`${event}|${JSON.stringify(data)}`)
    .digest('hex');
}

export function enqueue(portal: Portal, change: Pick<OfflineRow, 'event' | 'data' | 'connector'>): void {
  const { queue } = portal.app;
  const fresh = { ...change, messageId: messageIdOf(change.event, change.data), processId: '', error: false };
  const waiting = queue.get(keyOf(fresh));
  // In the server's source a row marked as failed takes the later changes of its object and stays hidden.
  const hides = portal.settings.variants['offline-error-hides-updates'] === 'A';
  const row = waiting ?? (hides ? queue.get(keyOf({ ...fresh, error: true })) : undefined);
  const { userId } = portal.acting;
  const id = row?.id ?? nextId(portal, 'offline');
  const next = { ...fresh, reservedAt: 0, ...row, id, at: portalNow(portal), userId };
  queue.set(keyOf(next), next);
}

/** Rows of a connector, without those whose reservation is too old. */
export function rowsOf(portal: Portal, connector: string): OfflineRow[] {
  const oldest = portal.clock.now() - RESERVED_MS;
  const rows: OfflineRow[] = [];
  for (const [key, row] of portal.app.queue) {
    if (row.processId !== '' && row.reservedAt < oldest) portal.app.queue.delete(key);
    else if (row.connector === connector) rows.push(row);
  }
  return rows;
}

export function reserve(portal: Portal, rows: readonly OfflineRow[], processId: string): OfflineRow[] {
  return rows.map((row) => replaceRow(portal, row, { processId, reservedAt: portal.clock.now() }));
}

export function removeRows(portal: Portal, rows: readonly OfflineRow[]): void {
  for (const row of rows) portal.app.queue.delete(keyOf(row));
}

/** Back to the queue as failed; newer rows of the same object are dropped with it. */
export function markFailed(portal: Portal, rows: readonly OfflineRow[]): void {
  for (const row of rows) {
    portal.app.queue.delete(keyOf({ ...row, processId: '', error: false }));
    replaceRow(portal, row, { processId: '', reservedAt: 0, error: true });
  }
}

function replaceRow(portal: Portal, row: OfflineRow, changes: Partial<OfflineRow>): OfflineRow {
  const next = { ...row, ...changes };
  portal.app.queue.delete(keyOf(row));
  portal.app.queue.set(keyOf(next), next);
  return next;
}
