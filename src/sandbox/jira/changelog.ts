// Change items in the shapes that Jira writes per kind of field, and their rendering.

import { type AdfDocument, wikiOf } from './adf.ts';
import { type Json, siteTime, userJson } from './render.ts';
import { byId, type FieldDef, PRIORITIES, RESOLUTIONS, STATUSES } from './schema.ts';
import { type ChangeItem, type History, personById, type Value, type World } from './world.ts';

type Side = { id: string | null; text: string | null };
const NOTHING: Side = { id: null, text: null };

function side(world: World, field: FieldDef, value: Value | null): Side {
  if (value === null) {
    // Labels say "" for nothing, everything else null.
    return field.kind === 'labels' ? { id: null, text: '' } : NOTHING;
  }
  switch (field.kind) {
    case 'richtext':
      return { id: null, text: wikiOf(value as AdfDocument) };
    case 'date':
      return { id: value as string, text: `${value as string} 00:00:00.0` };
    case 'datetime':
      return { id: siteTime(world, value as number), text: siteTime(world, value as number) };
    case 'option':
      return { id: value as string, text: byId(field.options, value as string)?.value ?? (value as string) };
    case 'options': {
      const ids = value as readonly string[];
      return { id: `[${ids.join(', ')}]`, text: ids.map((id) => byId(field.options, id)?.value ?? id).join(',') };
    }
    case 'user':
      return { id: value as string, text: personById(world, value as string)?.name ?? null };
    case 'labels':
      return { id: null, text: (value as readonly string[]).join(' ') };
    case 'priority':
      return { id: value as string, text: byId(PRIORITIES, value as string)?.name ?? null };
    default:
      return { id: null, text: String(value) };
  }
}

export function fieldChange(world: World, field: FieldDef, from: Value | null, to: Value | null): ChangeItem {
  const before = side(world, field, from);
  const after = side(world, field, to);
  return {
    field: field.custom ? field.name : field.id,
    fieldtype: field.custom ? 'custom' : 'jira',
    fieldId: field.id,
    from: before.id,
    fromString: before.text,
    to: after.id,
    toString: after.text,
  };
}

function listChange(
  field: string,
  list: readonly { id: string; name: string }[],
  from: string | null,
  to: string | null,
): ChangeItem {
  return {
    field,
    fieldtype: 'jira',
    fieldId: field,
    from,
    fromString: from === null ? null : (byId(list, from)?.name ?? null),
    to,
    toString: to === null ? null : (byId(list, to)?.name ?? null),
  };
}

export const statusChange = (from: string | null, to: string) => listChange('status', STATUSES, from, to);
export const resolutionChange = (from: string | null, to: string | null) =>
  listChange('resolution', RESOLUTIONS, from, to);

export function historyJson(world: World, history: History): Json {
  return {
    id: history.id,
    author: userJson(world, history.author),
    created: siteTime(world, history.created),
    items: history.items,
    ...(history.historyMetadata === undefined ? {} : { historyMetadata: history.historyMetadata }),
  };
}

/** `expand=changelog` of an issue: newest first, at most 40. */
export function expandedChangelog(world: World, histories: readonly History[]): Json {
  const newest = [...histories].reverse().slice(0, 40);
  return {
    startAt: 0,
    maxResults: newest.length,
    total: histories.length,
    histories: newest.map((history) => historyJson(world, history)),
  };
}
