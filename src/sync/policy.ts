// What a profile's words mean for two values: directions, conflict policies.
import type { Side, Value } from '../model.ts';
import { sameValue } from '../model.ts';
import type { ConflictPolicy, Direction } from '../profiles/profile.ts';

/**
 * A vendor may tell only when the record changed, robots move that, and the two clocks are not one: closer than this,
 * "newer" means nothing.
 */
export const TIE_MS = 2 * 60_000;

/** The only side a one-way field is written to; null when both are. */
export function targetOf(direction: Direction): Side | null {
  if (direction === 'both') return null;
  return direction === 'to-crm' ? 'crm' : 'jira';
}

export function mayWrite(direction: Direction, side: Side): boolean {
  const target = targetOf(direction);
  return target === null || target === side;
}

/** The side whose value gives way; null when a person decides (also where `merge` meets values that are not sets). */
export function loserOf(policy: ConflictPolicy, changedAt: Readonly<Record<Side, number>>): Side | null {
  switch (policy.kind) {
    case 'hold':
    case 'merge':
      return null;
    case 'jira':
      return 'crm';
    case 'crm':
      return 'jira';
    case 'newest': {
      const lead = changedAt.jira - changedAt.crm;
      const winner = Math.abs(lead) <= TIE_MS ? policy.tie : lead > 0 ? 'jira' : 'crm';
      return winner === 'jira' ? 'crm' : 'jira';
    }
  }
}

/** Both sides still show what they showed when the field settled, also where that differs between them. */
export function isSettled(values: Readonly<Record<Side, Value>>, base: Readonly<Record<Side, Value>>): boolean {
  return sameValue(values.jira, base.jira) && sameValue(values.crm, base.crm);
}
