// Fields that one side does not show now: which of them may hold something that nobody has carried yet, and when they are
// looked for again.
import { SIDES, type Side, type SourceRecord, sameValue } from '../model.ts';
import type { ProfileField } from '../profiles/profile.ts';
import type { Retry } from '../state/store.ts';
import type { Known } from './decide.ts';
import { targetOf } from './policy.ts';
import { settledOf } from './settled.ts';

type Records = Readonly<Record<Side, SourceRecord>>;

/**
 * A field that is shown again moves no record: nothing but we would look at what was edited beside it meanwhile. One that
 * is never shown would cost two reads for ever, so it is looked for again when as much time as since the first look has passed.
 */
const UNREADABLE_AGAIN_MS = 3_600_000;
const UNREADABLE_MOST_MS = 24 * 3_600_000;

export function lookAgainAt(fields: readonly ProfileField[], since: number, now: number): 'clean' | Retry {
  const reason = unreadableReason(fields.map((field) => field.name));
  const wait = Math.min(UNREADABLE_MOST_MS, Math.max(UNREADABLE_AGAIN_MS, now - since));
  return reason === null ? 'clean' : { due: now + wait, counted: false, reason };
}

/**
 * Unreadable on one side, and edited on the other, or perhaps on that very side. What was never read there may be anything,
 * until it has not been shown for so long that this kind of record has no such field.
 */
export function unheardOf(
  unknown: readonly ProfileField[],
  known: Known,
  planned: Records,
  waitedMs: number,
): readonly ProfileField[] {
  return unknown.filter((field) =>
    SIDES.some((side) => {
      const shown = planned[side].fields[field.ids[side]];
      const settled = settledOf(known.base, field.name);
      if (isTouchedUnseen(field, side, known, planned)) return true;
      if (side === targetOf(field.direction)) return false;
      if (shown === undefined) return settled === undefined && waitedMs < UNREADABLE_MOST_MS;
      return !sameValue(shown, settled?.[side] ?? null);
    }),
  );
}

/**
 * It was readable when the two settled, and the record has moved since: what moved may be this field. The link keeps the
 * version of then for as long. A field that this kind of record never shows is nothing to wait for.
 */
export function isTouchedUnseen(field: ProfileField, side: Side, known: Known, planned: Records): boolean {
  const { version, fields } = planned[side];
  if (fields[field.ids[side]] !== undefined || side === targetOf(field.direction)) return false;
  return settledOf(known.base, field.name) !== undefined && version !== known.link?.versions[side];
}

export function unreadableReason(fields: readonly string[]): string | null {
  return fields.length === 0 ? null : `cannot be read now: ${fields.join(', ')} (field removed, or no right to see it)`;
}
