// The brake: a profile that is about to give up or overwrite far more than people usually change is halted until a
// person accepts it. It counts what is durable, so that neither a restart nor a slow hour hides the mass.
import { HaltError } from '../errors.ts';
import type { GoneTally, Store } from '../state/store.ts';
import type { SyncContext } from './context.ts';
import type { PlannedWrite } from './decide.ts';

export const BRAKE_WINDOW_MS = 3_600_000;
const FEWEST_GONE = 20;
const GONE_SHARE = 0.05;
const FEWEST_LINKS = 100;
const OVERWRITTEN_SHARE = 0.5;

/** So many may be missed, hidden or given up without anybody being asked. */
export function mostGone(links: number): number {
  return Math.max(FEWEST_GONE, links * GONE_SHARE);
}

/** Why the profile must be halted, or null. */
export function tooManyGone({ candidates, links }: Pick<GoneTally, 'candidates' | 'links'>): string | null {
  if (candidates <= mostGone(links)) return null;
  return `${candidates} of ${links} pairs are about to be given up, because one of their records is gone or hidden`;
}

/** `overwritten` counts this one. */
export function tooManyOverwritten(field: string, overwritten: number, links: number): string | null {
  if (links <= FEWEST_LINKS || overwritten <= links * OVERWRITTEN_SHARE) return null;
  return `"${field}" is about to be overwritten in ${overwritten} of ${links} pairs within an hour`;
}

/** Asked before a pair is given up; throws HaltError. */
export async function brakeOnGone(context: SyncContext): Promise<void> {
  const { store, profile, clock } = context;
  const tally = await store.goneTally(profile.name, clock.now() - BRAKE_WINDOW_MS);
  await haltWhen(tooManyGone(tally), context);
}

/** Asked before a pair's fields are written; throws HaltError. A field's first value overwrites nothing. */
export async function brakeOnOverwrites(writes: readonly PlannedWrite[], context: SyncContext): Promise<void> {
  const { store, profile, clock } = context;
  const fields = new Set(writes.filter((write) => write.from !== null).map((write) => write.field));
  const since = clock.now() - BRAKE_WINDOW_MS;
  for (const field of fields) {
    if (isFarFrom(context, field)) continue;
    const state = await store.profileState(profile.name);
    const overwritten = await store.overwrites(profile.name, field, Math.max(since, (state?.acceptedAt ?? 0) + 1));
    const { links } = await store.goneTally(profile.name, since);
    remember(context, field, { most: overwritten + 1, halting: Math.max(links, FEWEST_LINKS) * OVERWRITTEN_SHARE });
    await haltWhen(tooManyOverwritten(field, overwritten + 1, links), context);
  }
}

/** What was counted a while ago; since then each write can have added one, and time only takes away. */
type Counted = { readonly at: number; most: number; readonly halting: number };

/** Other things change slowly too (links that end, a person who undoes), so a count does not stand for ever. */
const COUNT_AGAIN_MS = 60_000;
const COUNTED = new WeakMap<Store, Map<string, Counted>>();

/** Counting an hour of edits before each of them would cost more than the edit. */
function isFarFrom({ store, profile, clock }: SyncContext, field: string): boolean {
  const counted = COUNTED.get(store)?.get(`${profile.name}/${field}`);
  if (counted === undefined || clock.now() - counted.at >= COUNT_AGAIN_MS || clock.now() < counted.at) return false;
  counted.most += 1;
  return counted.most < counted.halting;
}

function remember({ store, profile, clock }: SyncContext, field: string, found: Omit<Counted, 'at'>): void {
  const fields = COUNTED.get(store) ?? new Map<string, Counted>();
  COUNTED.set(store, fields);
  fields.set(`${profile.name}/${field}`, { at: clock.now(), ...found });
}

async function haltWhen(why: string | null, context: SyncContext): Promise<void> {
  if (why === null || !context.brakes) return;
  const { store, profile, log } = context;
  const cure = `Look at what happened: jira-crm-sync status. If it is right: jira-crm-sync resume ${profile.name} --accept`;
  const first = await store.holdProfile(profile.name, 'halted', why);
  if (first) log.error('profile halted', { profile: profile.name, reason: why, cure });
  throw new HaltError(why, cure);
}
