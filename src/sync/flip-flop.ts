import type { Side, Value } from '../model.ts';
import { sameValue } from '../model.ts';

export type FieldWritten = { readonly field: string; readonly side: Side; readonly at: number; readonly after: Value };

const WINDOW_MS = 10 * 60_000;
const MOST_SWINGS = 5;

/**
 * Whether our own writes of one field of one link go back and forth (a robot on one side, a second sync tool): asked
 * before a write, so that at most six happen. A swing is a write to the other side than the one before, or of a value
 * that this side was given more than once.
 */
export function isFlipFlopping(writes: readonly FieldWritten[], field: string, now: number): boolean {
  const recent = writes
    .filter((write) => write.field === field && write.at > now - WINDOW_MS)
    .sort((a, b) => a.at - b.at);
  let swings = 0;
  for (const [index, write] of recent.entries()) {
    const last = recent[index - 1];
    const again = recent.some(
      (other) => other !== write && other.side === write.side && sameValue(other.after, write.after),
    );
    if (last === undefined || last.side !== write.side || again) swings += 1;
  }
  return swings > MOST_SWINGS;
}
