// A text longer than the other side takes is cut at its limit. It never flows back, but somebody should know.
import { otherSide, type Side, type SourceRecord, type Value } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';

/** Names of the fields of which `side` was given less than the other record says. */
export function cutFields(
  profile: Profile,
  side: Side,
  source: SourceRecord | null,
  written: Readonly<Record<string, Value>>,
): string[] {
  if (source === null) return [];
  return profile.fields.flatMap(({ name, ids, schemas }) => {
    const [whole, given, most] = [source.fields[ids[otherSide(side)]], written[ids[side]], schemas[side].maxLength];
    if (most === undefined || typeof whole !== 'string' || typeof given !== 'string') return [];
    return whole.length > most && given.length <= most ? [name] : [];
  });
}
