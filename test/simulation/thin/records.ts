// Records in memory, with what each vendor does to them: Jira's index lags and its workflow has steps, Bitrix24 counts
// whole seconds, fills in what a deal must have, and drops without a word what it does not like.
import type { Marker, Side, Value } from '../../../src/model.ts';
import { sameValue } from '../../../src/model.ts';

export type Values = Readonly<Record<string, Value>>;
/** The record as it stood from `at` on. */
export type Revision = {
  readonly at: number;
  readonly values: Values;
  readonly marker: Marker | null;
  readonly inScope: boolean;
};
export type Row = {
  readonly id: string;
  readonly number: number;
  readonly createdAt: number;
  readonly revisions: Revision[];
  deleted: boolean;
};

export type Shelf = {
  readonly side: Side;
  readonly rows: ReadonlyMap<string, Row>;
  now(row: Row): Revision;
  /** As a list shows it; null: not yet. */
  listed(row: Row, lagMs: number): Revision | null;
  add(values: Values, marker: Marker | null): Row;
  /** Answers which fields are different now. */
  change(row: Row, values: Values, more?: { readonly marker?: Marker; readonly inScope?: boolean }): readonly string[];
  drop(row: Row): void;
  setGaps(on: boolean): void;
};

const FIRST: Readonly<Record<Side, { readonly id: number; readonly step: number }>> = {
  jira: { id: 10_401, step: 1 },
  crm: { id: 7_001, step: 1 },
};

/** `onChange` is told of everything, after it is done. */
export function createShelf(
  side: Side,
  clock: { now(): number },
  onChange: (row: Row, what: 'created' | 'changed' | 'deleted') => void,
): Shelf {
  const rows = new Map<string, Row>();
  let nextId = FIRST[side].id;
  let nextNumber = 1;
  let gaps = false;

  function now(row: Row): Revision {
    return row.revisions[row.revisions.length - 1] as Revision;
  }

  return {
    side,
    rows,
    now,
    listed(row, lagMs) {
      if (row.deleted) return null;
      const horizon = clock.now() - lagMs;
      return row.revisions.findLast(({ at }) => at <= horizon) ?? null;
    },
    add(values, marker) {
      const at = clock.now();
      const row = {
        id: String(nextId),
        number: nextNumber,
        createdAt: at,
        revisions: [{ at, values, marker, inScope: true }],
        deleted: false,
      };
      nextId += 1;
      // Refused creates use up a key.
      nextNumber += gaps ? 2 : 1;
      rows.set(row.id, row);
      onChange(row, 'created');
      return row;
    },
    change(row, values, more = {}) {
      const before = now(row);
      const changed = Object.keys(values).filter((id) => !sameValue(before.values[id] ?? null, values[id] ?? null));
      const marker = more.marker ?? before.marker;
      const inScope = more.inScope ?? before.inScope;
      if (changed.length === 0 && marker === before.marker && inScope === before.inScope) return changed;
      // No two changes of a record share a millisecond.
      const at = Math.max(clock.now(), before.at + 1);
      row.revisions.push({ at, values: { ...before.values, ...values }, marker, inScope });
      onChange(row, 'changed');
      return changed;
    },
    drop(row) {
      if (row.deleted) return;
      row.deleted = true;
      onChange(row, 'deleted');
    },
    setGaps(on) {
      gaps = on;
    },
  };
}
