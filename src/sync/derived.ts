// Values that follow from the pair itself: computed fields, and the partner's id in a stamp field.
import { MappingError } from '../errors.ts';
import { otherSide, SIDES, type Side, type SourceRecord, type Value } from '../model.ts';
import type { ExpressionContext, Profile } from '../profiles/profile.ts';

export type Derived = {
  readonly name: string;
  readonly side: Side;
  readonly id: string;
  readonly value: Value;
  /** A stamp never replaces what somebody else put there. */
  readonly onlyIfEmpty: boolean;
  readonly error: MappingError | null;
};

export function foreignStamp(derived: Derived, shown: Value): MappingError {
  return new MappingError(
    `the stamp field ${derived.id} already holds ${JSON.stringify(shown)}, not ${JSON.stringify(derived.value)}`,
    'Clear the field, or pair the records that belong together',
    shown,
  );
}

export function derivedValues(
  profile: Profile,
  records: Readonly<Record<Side, SourceRecord | null>>,
  context: ExpressionContext,
): readonly Derived[] {
  const derived: Derived[] = [];
  for (const computed of profile.computed) {
    // Computed from the other side; a record that is still to be created has nothing to compute from on its own side.
    if (records[otherSide(computed.side)] === null) continue;
    const { name, side, id } = computed;
    try {
      derived.push({ name, side, id, value: computed.from.evaluate(context), onlyIfEmpty: false, error: null });
    } catch (error) {
      if (!(error instanceof MappingError)) throw error;
      derived.push({ name, side, id, value: null, onlyIfEmpty: false, error });
    }
  }
  for (const side of SIDES) {
    const stamp = profile.stamp[side];
    const partner = records[otherSide(side)];
    if (stamp?.kind !== 'field' || partner === null) continue;
    derived.push({
      name: `stamp ${stamp.id}`,
      side,
      id: stamp.id,
      value: partner.ref.id,
      onlyIfEmpty: true,
      error: null,
    });
  }
  return derived;
}
