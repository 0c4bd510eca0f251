// What the profile says about the record that is left, given what is known: pure.
import { otherSide, type Side, type SourceRecord, sameValue, type Value } from '../model.ts';
import type { GonePolicy, Profile } from '../profiles/profile.ts';
import type { Absence, Link } from '../state/store.ts';
import { membersOf } from './merge-sets.ts';

/** `keep`: the profile would delete it, but somebody edited it since. */
export type GoneAction = 'unlink' | 'mark' | 'delete' | 'keep';

export type GonePair = {
  readonly link: Link;
  /** The side whose record was not found. */
  readonly side: Side;
  readonly absence: Absence | null;
  /** The other record; null when that one was not found either. */
  readonly survivor: SourceRecord | null;
};

export function actionOf(pair: GonePair, profile: Profile): GoneAction {
  const { survivor } = pair;
  const policy = profile.gone[pair.side];
  // What lies outside the scope is none of our business, and two that are gone leave nothing to do.
  if (survivor === null || !survivor.inScope) return 'unlink';
  if (policy.kind === 'mark') {
    // A field that cannot be read now cannot be marked without overwriting it unseen.
    return survivor.fields[policy.id] === undefined ? 'unlink' : 'mark';
  }
  if (policy.kind !== 'delete' || !isToldOf(pair)) return 'unlink';
  return isEditedSince(pair.link, survivor, profile) ? 'keep' : 'delete';
}

/** Without the word of the product the record may just as well be hidden from us. */
function isToldOf({ absence }: GonePair): boolean {
  return (absence?.toldAt ?? null) !== null;
}

/** Also what we have not carried over yet: the record that is gone never showed it. */
function isEditedSince(link: Link, survivor: SourceRecord, profile: Profile): boolean {
  const { side } = survivor.ref;
  return profile.fields.some((field) => {
    const shown = survivor.fields[field.ids[side]];
    const settled = link.base[field.name];
    return shown !== undefined && settled !== undefined && !sameValue(shown, settled[side]);
  });
}

/** Nothing is left to do about the pair, unless a delete event came since that allows more. */
export function isSettledFor(pair: GonePair, profile: Profile): boolean {
  if (pair.link.state === 'merged-away') return true;
  if (pair.link.state !== 'gone') return false;
  const done = pair.absence?.done ?? null;
  if (pair.survivor === null) return done !== null;
  return done !== null && !(done === 'unlink' && isToldOf(pair) && actionOf(pair, profile) === 'delete');
}

/** A set gets the mark as one more member. */
export function markedValue(policy: Extract<GonePolicy, { kind: 'mark' }>, survivor: SourceRecord): Value {
  const stands = survivor.fields[policy.id] ?? null;
  if (!policy.asMember || typeof policy.value !== 'string') return policy.value;
  return [...new Set([...membersOf(stands), policy.value])].sort();
}

export function reasonOf(action: GoneAction, pair: GonePair, profile: Profile): string {
  const { link, side, survivor } = pair;
  const policy = profile.gone[side];
  const left = link.keys[otherSide(side)];
  const what = isToldOf(pair) ? 'was deleted' : 'is gone or hidden from our account';
  const gone = `${link.keys[side]} (${side}) ${what}`;
  if (survivor === null) return `${gone}, and so is ${left}`;
  if (action === 'delete') return `${gone}; ${left} was deleted too`;
  if (action === 'mark' && policy.kind === 'mark') return `${gone}; ${left} was marked in "${policy.name}"`;
  if (action === 'keep') return `${gone}; ${left} was edited since, so it is kept`;
  const why = policy.kind === 'delete' && !isToldOf(pair) ? ', because nobody told of a deletion' : '';
  return `${gone}; ${left} stays as it is${why}`;
}
