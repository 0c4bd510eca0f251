// A write that is accepted and yet ends as something else (an automation rule, a script, a hidden limit).

import type { Value, World } from './world.ts';

export type Coerced = Value | null;

export function coerced(world: World, fieldId: string, written: Coerced, before: Coerced): Coerced {
  let value = written;
  for (const rule of world.settings.coerce) {
    if (rule.field !== fieldId) continue;
    if (rule.drop) value = before;
    if (rule.cut !== undefined && typeof value === 'string') value = value.slice(0, rule.cut);
  }
  return value === '' ? null : value;
}
