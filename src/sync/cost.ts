import { SIDES, type Side, type SourceRecord } from '../model.ts';
import type { Link } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import type { Decision } from './decide.ts';
import { stampedSide } from './stamp-pair.ts';

/** How many writes to the two products a decision comes to, the mark of a new pair included. */
export function costOf(
  decision: Decision,
  pair: Readonly<Record<Side, SourceRecord>>,
  link: Link | null,
  context: SyncContext,
): number {
  if (decision.waiting !== null) return 0;
  const sides = SIDES.filter((side) => decision.writes.some((write) => write.side === side)).length;
  const isNew = link === null || link.settledAt === 0;
  return sides + (isNew && stampedSide(pair, context) !== null ? 1 : 0);
}
