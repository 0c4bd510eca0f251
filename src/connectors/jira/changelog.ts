// What stood in a field just before our write, read from the history entry that the write itself left behind.
import type { Fields, SourceRecord, Value } from '../../model.ts';
import { canonicalInstant, canonicalNumber, canonicalText, decode, type Kind } from './fields.ts';
import type { WireHistory } from './wire.ts';

type Item = WireHistory['items'][number];

export type OwnWrite = {
  readonly accountId: string;
  /** Server time before which an entry cannot be ours; a write that changed nothing leaves no entry at all. */
  readonly notBefore: number;
  readonly patched: readonly string[];
  readonly kinds: Readonly<Record<string, Kind>>;
};

export function valuesBefore(histories: readonly WireHistory[], write: OwnWrite): Fields {
  const before: Record<string, Value> = {};
  for (const history of newestFirst(histories)) {
    if (history.author?.accountId !== write.accountId || createdAt(history) < write.notBefore) continue;
    for (const item of history.items) {
      const field = fieldOf(item, write.patched);
      if (field === undefined || Object.hasOwn(before, field)) continue;
      const value = decodeFrom(write.kinds[field] ?? 'other', item);
      if (value !== undefined) before[field] = value;
    }
  }
  return before;
}

/**
 * What our write left in the fields that somebody changed since, before we read the issue back: without it a person who
 * is quick looks like a product that keeps something else than it was given.
 */
export function valuesAfter(histories: readonly WireHistory[], write: OwnWrite): Fields {
  const left: Record<string, Value> = {};
  const ours = new Set<string>();
  for (const history of newestFirst(histories)) {
    const isOurs = history.author?.accountId === write.accountId && createdAt(history) >= write.notBefore;
    for (const item of history.items) {
      const field = fieldOf(item, write.patched);
      if (field === undefined || ours.has(field)) continue;
      if (isOurs) ours.add(field);
      else {
        const value = decodeFrom(write.kinds[field] ?? 'other', item);
        if (value !== undefined) left[field] = value;
      }
    }
  }
  return Object.fromEntries(Object.entries(left).filter(([field]) => ours.has(field)));
}

/**
 * What a new issue showed before anybody changed it: Jira's history begins with the first edit. Undefined where the entry
 * does not tell the older value.
 */
export function valuesAtFirst(
  histories: readonly WireHistory[],
  fields: readonly string[],
  kinds: Readonly<Record<string, Kind>>,
): Readonly<Record<string, Value | undefined>> {
  const first: Record<string, Value | undefined> = {};
  for (const { items } of newestFirst(histories)) {
    for (const item of items) {
      const field = fieldOf(item, fields);
      if (field !== undefined) first[field] = decodeFrom(kinds[field] ?? 'other', item);
    }
  }
  return first;
}

/** As it stood after our write. Under a version of its own: what came later has to be seen as news. */
export function asWeLeftIt(record: SourceRecord, left: Readonly<Record<string, Value | undefined>>): SourceRecord {
  if (Object.keys(left).length === 0) return record;
  const fields: Record<string, Value> = { ...record.fields };
  for (const [field, value] of Object.entries(left)) {
    if (value === undefined) delete fields[field];
    else fields[field] = value;
  }
  return { ...record, version: `${record.version}, as we left it`, fields };
}

/** The documented order differs between operations. */
function newestFirst(histories: readonly WireHistory[]): readonly WireHistory[] {
  return [...histories].sort((a, b) => createdAt(b) - createdAt(a) || Number(b.id) - Number(a.id));
}

function fieldOf(item: Item, fields: readonly string[]): string | undefined {
  return fields.find((id) => id.toLowerCase() === (item.fieldId ?? item.field).toLowerCase());
}

/** The older value of a history item. Ids stand in `from`, what people see in `fromString`; either may be missing. */
export function decodeFrom(kind: Kind, item: Item): Value | undefined {
  const id = item.from ?? '';
  const shown = item.fromString ?? '';
  switch (kind) {
    case 'string':
      return canonicalText(shown || id);
    case 'number':
      return shown === '' ? null : canonicalNumber(shown);
    case 'date':
      return id === '' && shown === '' ? null : decode('date', /^\d{4}-/.test(id) ? id : shown);
    case 'datetime':
      return id === '' && shown === '' ? null : (canonicalInstant(id) ?? canonicalInstant(shown));
    case 'entity':
    case 'status':
    case 'user':
      return id === '' ? null : id;
    case 'labels':
      return decode(
        'labels',
        shown.split(/\s+/).filter((label) => label !== ''),
      );
    case 'entities':
    case 'users':
      return bracketed(id, item.to ?? '');
    default:
      return undefined;
  }
}

/** `[10201, 10202]`. Versions and components come one item per element instead, which tells no whole value. */
function bracketed(from: string, to: string): Value | undefined {
  if (!/^\[.*\]$/.test(from)) return from === '' && /^\[.*\]$/.test(to) ? null : undefined;
  const ids = from.slice(1, -1).split(/\s*,\s*/);
  const sorted = [...new Set(ids.filter((id) => id !== ''))].sort();
  return sorted.length === 0 ? null : sorted;
}

function createdAt(history: WireHistory): number {
  if (typeof history.created === 'number') return history.created;
  return Date.parse(canonicalInstant(history.created ?? '') ?? '') || 0;
}
