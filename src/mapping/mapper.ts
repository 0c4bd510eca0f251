import type { Side, Value } from '../model.ts';

/** Translates one field. Pure. Values are canonical values of the side they come from; see model.ts. */
export type Mapper = {
  /**
   * What `value`, as side `from` shows it, would read as on the other side after being written there (so a lossy
   * translation is already cut). Throws MappingError when there is none.
   */
  readonly translate: (value: Value, from: Side) => Value;
  /** For people: labels instead of ids, `RUB 1 200,50`-free plain text; never throws. */
  readonly show: (value: Value, side: Side) => string;
};
