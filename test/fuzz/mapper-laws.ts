// What a mapper owes to every value, whatever it is made of (S19).
import { MappingError } from '../../src/errors.ts';
import { otherSide, SIDES, type Side, sameValue, type Value } from '../../src/model.ts';
import type { Random } from '../../src/ports.ts';
import type { ProfileField } from '../../src/profiles/profile.ts';
import { pick } from '../support/hostile.ts';
import type { RandomField } from '../support/random-fields.ts';

/** Undefined is a value that was refused, and equal to nothing but itself. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameValue(a, b);
}

export function fail(what: string, ...values: unknown[]): never {
  throw new Error(`${what}: ${values.map((value) => JSON.stringify(value)).join(' ')}`);
}

/** Undefined where the value is refused, with its cure. */
export function carried(field: ProfileField, value: Value, from: Side): Value | undefined {
  try {
    return field.mapper.translate(value, from);
  } catch (error) {
    if (error instanceof MappingError && error.cure !== '') return undefined;
    throw error;
  }
}

/** What one value must obey on its way there, back, and there again. */
export function obeysLensLaws({ field, valueFor }: RandomField, chance: Random): void {
  const from = pick(chance, SIDES);
  const value = valueFor(chance, from);
  const there = carried(field, value, from);
  if (value === null && there !== null) fail('empty became a value', there);
  if (!same(carried(field, value, from), there)) fail('two answers for one value', value);
  if (there === undefined) return;
  const back = carried(field, there, otherSide(from));
  if (back === undefined) return;
  const again = carried(field, back, from);
  const home = again === undefined ? undefined : carried(field, again, otherSide(from));
  if (!same(home, back)) fail('cut twice', value, there, back, again, home);
  if (typeof there === 'string' && !there.isWellFormed()) fail('half a character', value, there);
  if (typeof field.mapper.show(there, otherSide(from)) !== 'string') fail('not to be shown', there);
}
