import { createHash } from 'node:crypto';
import type { PeopleTable } from '../mapping/people.ts';
import { type FieldSchema, SIDES, type Side } from '../model.ts';
import type { ProfileDraft } from './draft.ts';

/** 12 hex digits over all that decides what the profile does: its text, and what its names stand for today. */
export function versionOf(
  draft: ProfileDraft,
  scopes: Readonly<Record<Side, unknown>>,
  used: Readonly<Record<Side, readonly FieldSchema[]>>,
  people: PeopleTable,
): string {
  const hash = createHash('sha256').update(draft.text);
  for (const side of SIDES) {
    hash.update(`\n${side} ${stable(scopes[side])}`);
    for (const field of [...used[side]].sort((a, b) => (a.id < b.id ? -1 : 1))) hash.update(`\n${stable(field)}`);
  }
  const usesPeople = SIDES.some((side) => used[side].some((field) => field.type === 'user' || field.items === 'user'));
  if (usesPeople) hash.update(`\n${people.fingerprint}`);
  return hash.digest('hex').slice(0, 12);
}

/** JSON with sorted keys, so that the order in which a vendor lists things does not matter. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
