import type { Side, Value } from '../model.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { showRaw, unexpected } from './rejection.ts';

export function createBooleanMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value !== null && typeof value !== 'boolean') throw unexpected(value, 'yes or no', ends, from);
      return value;
    },
    show: showBoolean,
  };
}

export function showBoolean(value: Value): string {
  if (typeof value !== 'boolean') return showRaw(value);
  return value ? 'yes' : 'no';
}
