import { MappingError } from '../errors.ts';
import type { FieldSchema, Side, Value } from '../model.ts';

/** Both ends of a mapped field. */
export type Ends = { readonly jira: FieldSchema; readonly crm: FieldSchema };

/** How an empty value is shown. */
export const EMPTY = '(empty)';

/** A value that its own side should not have shown for this type of field: never guessed, never mangled. */
export function unexpected(value: Value, wanted: string, ends: Ends, from: Side): MappingError {
  return new MappingError(
    `${nameOf(ends, from)} shows ${JSON.stringify(value)}, which is not ${wanted}`,
    'Correct the value there, or map the field as another type (`as:` in the profile).',
    value,
  );
}

/** `"Budget" (Jira)` */
export function nameOf(ends: Ends, side: Side): string {
  return `"${ends[side].label}" (${side === 'jira' ? 'Jira' : 'CRM'})`;
}

/** For `show`, which never throws: anything that is not of the expected form, as it is. */
export function showRaw(value: Value): string {
  if (value === null) return EMPTY;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
