// The moment of sync: what a profile waits for, and when to look again at what waits for the time to pass.
import type { Side } from '../model.ts';
import type { ExpressionContext, Profile } from '../profiles/profile.ts';
import type { Timer } from '../state/store.ts';

const LOOK_AGAIN_MS = 3_600_000;

/** Null when the record may be synced now, else why it waits. */
export function gateOf(profile: Profile, context: ExpressionContext): string | null {
  if (profile.syncWhen === null || profile.syncWhen.evaluate(context)) return null;
  return `waits until sync-when holds: ${profile.syncWhen.source}`;
}

/** For a waiting record: nobody tells us that the time has come, so it is looked at again within the hour. */
export function gateTimers(profile: Profile, side: Side, id: string, now: number): Timer[] {
  const conditions = [profile.syncWhen, profile.create.jira?.when, profile.create.crm?.when];
  if (!conditions.some((condition) => condition?.timed)) return [];
  return [{ side, id, purpose: 'gate', due: now + LOOK_AGAIN_MS }];
}
