import type { Side, Value } from '../model.ts';
import { isCivilDate, isInstant } from './canonical.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { showRaw, unexpected } from './rejection.ts';

/** A civil date stays the same day whatever the zones are. */
export function createDateMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (typeof value !== 'string' || !isCivilDate(value)) throw unexpected(value, 'a date', ends, from);
      return value;
    },
    show: showRaw,
  };
}

export function createDatetimeMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (typeof value !== 'string' || !isInstant(value)) throw unexpected(value, 'a point in time', ends, from);
      // CRM times have whole seconds, Jira's have milliseconds.
      return from === 'jira' ? value.replace(/\.\d{3}Z$/, '.000Z') : value;
    },
    show: (value) =>
      typeof value === 'string' && isInstant(value)
        ? `${value.slice(0, 10)} ${value.slice(11, 19)} UTC`
        : showRaw(value),
  };
}
