import { MappingError } from '../errors.ts';
import type { Side, Value } from '../model.ts';
import { fitsDouble, isDecimal } from './canonical.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { nameOf, showRaw, unexpected } from './rejection.ts';

export function createNumberMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (typeof value !== 'string' || !isDecimal(value)) throw unexpected(value, 'a number', ends, from);
      return exactNumber(value, ends, from);
    },
    show: showRaw,
  };
}

/** Number fields of both products hold doubles: more digits than those carry would come back as another number. */
export function exactNumber(decimal: string, ends: Ends, from: Side): string {
  if (fitsDouble(decimal)) return decimal;
  throw new MappingError(
    `${nameOf(ends, from)} shows ${decimal}, which has more digits than a number field carries`,
    'Round the number there (15 digits are always safe), or map both fields as text.',
    decimal,
  );
}
