// What a product tells becomes dirty marks, one per profile that looks at the record.
import type { RemoteHint } from '../connectors/connector.ts';
import type { Cause, Side } from '../model.ts';
import type { DirtyMark } from '../state/store.ts';

/** Which profiles look at this kind of record, and on which side of them it is. */
export type ProfilesFor = (
  connection: string,
  entity: string,
) => readonly { readonly profile: string; readonly side: Side }[];

/**
 * One mark per profile and record: of several hints about one record the newest version counts, none where any of them
 * told none, and a deletion stays.
 */
export function marksOf(
  connection: { readonly name: string; readonly side: Side },
  hints: readonly RemoteHint[],
  profilesFor: ProfilesFor,
): DirtyMark[] {
  const cause: Cause = connection.side === 'jira' ? 'webhook' : 'event';
  const marks = new Map<string, DirtyMark>();
  for (const hint of hints) {
    for (const { profile, side } of profilesFor(connection.name, hint.entity)) {
      const key = JSON.stringify([profile, side, hint.id]);
      const before = marks.get(key);
      const deleted = hint.kind === 'deleted' || before?.deleted;
      const version = before === undefined ? hint.version : newest(before.version, hint.version);
      const mark: DirtyMark = { profile, side, id: hint.id, lane: 'live', cause, version };
      marks.set(key, deleted ? { ...mark, deleted: true } : mark);
    }
  }
  return [...marks.values()];
}

function newest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return null;
  return one > other ? one : other;
}
