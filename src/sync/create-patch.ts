import { MappingError } from '../errors.ts';
import type { Fields, Side, Value } from '../model.ts';
import { otherSide } from '../model.ts';
import type { Profile, ProfileField } from '../profiles/profile.ts';
import { mayWrite } from './policy.ts';

export type CreatePatch = {
  /** By the target's field id; empty values too, so that the vendor's defaults do not stand where it lets us. */
  readonly patch: Fields;
  /** By field name. */
  readonly failed: Readonly<Record<string, MappingError>>;
  /** Names of fields with a value that the target takes only once the record exists (a Jira status, say). */
  readonly deferred: readonly string[];
};

/** What a record created on `side` starts with, from what the other side shows. */
export function createPatch(profile: Pick<Profile, 'fields'>, side: Side, source: Fields): CreatePatch {
  const from = otherSide(side);
  const patch: [string, Value][] = [];
  const failed: [string, MappingError][] = [];
  const deferred: string[] = [];
  for (const field of profile.fields) {
    if (field.on === 'update' || !mayWrite(field.direction, side)) continue;
    if (!Object.hasOwn(source, field.ids[from])) continue;
    const value = source[field.ids[from]] ?? null;
    try {
      const translated = field.mapper.translate(value, from);
      if (field.schemas[side].writableOnCreate) patch.push([field.ids[side], translated]);
      else if (translated === null) continue;
      else if (field.on === 'always') deferred.push(field.name);
      else failed.push([field.name, neverWritten(field, side, value)]);
    } catch (error) {
      if (!(error instanceof MappingError)) throw error;
      failed.push([field.name, error]);
    }
  }
  return { patch: Object.fromEntries(patch), failed: Object.fromEntries(failed), deferred };
}

function neverWritten(field: ProfileField, side: Side, value: Value): MappingError {
  return new MappingError(
    `"${field.name}" takes no value on the ${side} side while the record is created, and \`on: create\` allows none later`,
    'Write `on: always` for the field.',
    value,
  );
}
