// Sets, member by member. A member whose translation fails fails the whole set: leaving it out would remove it later.
import type { Side, Value } from '../model.ts';
import { otherSide } from '../model.ts';
import type { Mapper } from './mapper.ts';
import type { Ends } from './rejection.ts';
import { EMPTY, showRaw, unexpected } from './rejection.ts';
import { projectWord, readableText } from './text.ts';

export function createSetMapper(ends: Ends, member: Mapper): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (!Array.isArray(value)) throw unexpected(value, 'a set', ends, from);
      const result = new Set<string>();
      for (const item of value) {
        const translated = member.translate(item, from);
        if (typeof translated === 'string') result.add(translated);
      }
      return result.size === 0 ? null : [...result].sort();
    },
    show(value: Value, side: Side): string {
      if (!Array.isArray(value)) return showRaw(value);
      return value.length === 0 ? EMPTY : value.map((item) => member.show(item, side)).join(', ');
    },
  };
}

export function createWordMapper(ends: Ends): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (typeof value !== 'string') throw unexpected(value, 'a text', ends, from);
      const target = otherSide(from);
      return projectWord(readableText(value, ends, from), target, ends[target]);
    },
    show: showRaw,
  };
}
