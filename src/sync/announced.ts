// What writes under way make of a pair is on disk before they leave. Where no answer comes, or the process ends before it
// is stored, what stands there afterwards is our own doing and no person's edit.
import { type Side, type SourceRecord, sameValue, type Value } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Announced } from '../state/store.ts';
import type { Held, SyncContext } from './context.ts';
import type { PlannedWrite } from './decide.ts';
import { isSet, membersOf } from './merge-sets.ts';

type Pair = Readonly<Record<Side, SourceRecord>>;

/** Resolves when the writes may leave. A pair of which nothing is stored yet has no base that they could be taken for an edit of. */
export async function announce(
  held: Held,
  writes: readonly PlannedWrite[],
  pair: Pair,
  context: SyncContext,
): Promise<void> {
  const { claim } = held;
  if (claim.link === null) return;
  const announced = announcedBy(writes, pair, context.profile);
  if (Object.keys(announced).length > 0) await context.store.announce(claim, announced);
}

/** Of computed fields nothing is announced: they have no base. */
export function announcedBy(writes: readonly PlannedWrite[], pair: Pair, profile: Profile): Announced {
  const announced: Record<string, Announced[string]> = {};
  for (const field of profile.fields) {
    const own = writes.filter((write) => write.field === field.name);
    if (own.length === 0) continue;
    const before = { jira: pair.jira.fields[field.ids.jira] ?? null, crm: pair.crm.fields[field.ids.crm] ?? null };
    const after = { ...before };
    for (const { side, value } of own) after[side] = value;
    announced[field.name] = { before, after };
  }
  return announced;
}

/** Of a set others may have changed members since. */
export function hasArrived(before: Value, after: Value, now: Value | undefined): boolean {
  if (now === undefined) return false;
  if (sameValue(now, after)) return true;
  if (!isSet(before) || !isSet(after) || !isSet(now)) return false;
  const [from, to, have] = [membersOf(before), membersOf(after), membersOf(now)];
  const added = to.filter((member) => !from.includes(member));
  const removed = from.filter((member) => !to.includes(member));
  return added.every((member) => have.includes(member)) && !removed.some((member) => have.includes(member));
}

/** All of it apart from these fields. */
export function announcedBut(announced: Announced | null, fields: readonly string[]): Announced | null {
  const rest = Object.entries(announced ?? {}).filter(([field]) => !fields.includes(field));
  return rest.length === 0 ? null : Object.fromEntries(rest);
}
