// What a field of a pair has settled on, as far as it has.
import type { Base } from '../state/store.ts';

/** Undefined: the field has not settled yet. Names come from people: `constructor` is a field like any other. */
export function settledOf(base: Base, field: string): Base[string] | undefined {
  const known = Object.hasOwn(base, field) ? base[field] : undefined;
  return known?.unsettled === true ? undefined : known;
}
