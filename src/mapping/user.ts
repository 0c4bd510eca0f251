import type { Side, Value } from '../model.ts';
import type { Mapper } from './mapper.ts';
import type { PeopleTable } from './people.ts';
import type { Ends } from './rejection.ts';
import { showRaw, unexpected } from './rejection.ts';

export function createUserMapper(ends: Ends, people: PeopleTable): Mapper {
  return {
    translate(value: Value, from: Side): Value {
      if (value === null) return null;
      if (typeof value !== 'string') throw unexpected(value, 'a person', ends, from);
      return people.translate(value, from);
    },
    show: (value: Value, side: Side) => (typeof value === 'string' ? people.show(value, side) : showRaw(value)),
  };
}
