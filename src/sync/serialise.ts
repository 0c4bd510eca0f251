import { BusyError } from '../errors.ts';
import type { SourceRecord } from '../model.ts';
import type { SyncContext } from './context.ts';
import { MARKER_RULE, sightingOf } from './sighting.ts';

/**
 * Runs `work` unless a create is under way for a record that a match rule takes for the same: the later one comes again
 * and finds what the first has made or paired.
 */
export async function oneAtATime<T>(record: SourceRecord, context: SyncContext, work: () => Promise<T>): Promise<T> {
  const { creating, profile } = context;
  const keys = sightingOf(profile, record).matchKeys;
  const names = keys.flatMap((key, rule) =>
    key === null || rule === MARKER_RULE ? [] : [JSON.stringify([profile.name, rule, key])],
  );
  if (names.some((name) => creating.has(name))) {
    throw new BusyError(`a record that matches ${record.key} is being created`, 'It is tried again by itself.');
  }
  for (const name of names) creating.add(name);
  try {
    return await work();
  } finally {
    for (const name of names) creating.delete(name);
  }
}
