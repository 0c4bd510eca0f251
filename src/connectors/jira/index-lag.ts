// How far Jira's search lags behind: what we read or wrote directly is known at once, and a sweep that does not show it
// yet tells how old the index is. Only for metrics; sweeps are safe by their overlap.
import type { Scope, SourceRecord } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { Ask, ChangePage } from '../connector.ts';
import type { Tally } from '../tally.ts';
import { parseCursor } from './cursor.ts';

type Known = { readonly scope: Scope; readonly updatedAt: number };
type Changes = (scope: Scope, cursor: string | null, fields: readonly string[], ask: Ask) => AsyncIterable<ChangePage>;

const MOST_KNOWN = 500;
/** A record that left the scope unseen must not look like a lag for ever. */
const FORGOTTEN_AFTER_MS = 30 * 60_000;

export type IndexLag = {
  /** Read or written just now; null: not found any more. */
  note(scope: Scope, id: string, record: SourceRecord | null): void;
  watch(changes: Changes): Changes;
};

export function createIndexLag(clock: Clock, tally: Tally): IndexLag {
  const known = new Map<string, Known>();

  function note(scope: Scope, id: string, record: SourceRecord | null): void {
    known.delete(id);
    if (record === null || !record.inScope) return;
    known.set(id, { scope, updatedAt: record.updatedAt });
    const [oldest] = known.size > MOST_KNOWN ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
  }

  /** After a whole pass over what changed since then. */
  function compare(scope: Scope, since: number, listed: ReadonlyMap<string, number>): void {
    const vendorNow = clock.now() + (tally.read().skewMs ?? 0);
    let lag = 0;
    for (const [id, one] of known) {
      const age = vendorNow - one.updatedAt;
      if (age > FORGOTTEN_AFTER_MS || (listed.get(id) ?? 0) >= one.updatedAt) known.delete(id);
      else if (one.scope === scope && one.updatedAt >= since) lag = Math.max(lag, age);
    }
    tally.indexLag(lag);
  }

  return {
    note,
    watch: (changes) =>
      async function* watched(scope, cursor, fields, ask) {
        const from = parseCursor(cursor);
        const listed = new Map<string, number>();
        for await (const page of changes(scope, cursor, fields, ask)) {
          for (const record of page.records) listed.set(record.ref.id, record.updatedAt);
          if (page.end && from?.kind === 'since') compare(scope, from.since, listed);
          yield page;
        }
      },
  };
}
