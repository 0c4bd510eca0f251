// Who works on what, in this process. The process lock makes memory enough: no other process claims, and a process that
// dies takes its claims with it while the dirty rows stay.
import type { Claim, DirtyRow, RecordKey } from './store.ts';

export type Held = {
  readonly key: string;
  /** The record that was asked for; gets a row if a claim without one is to be retried. */
  readonly asked: RecordKey;
  readonly records: RecordKey[];
  readonly rows: DirtyRow[];
  readonly since: number;
};

export type Claims = {
  isHeld(key: RecordKey): boolean;
  hold(asked: RecordKey, records: readonly RecordKey[], found: Pick<Claim, 'rows' | 'link'>, now: number): Claim;
  held(claim: Claim): Held | null;
  extend(held: Held, record: RecordKey, rows: readonly DirtyRow[]): void;
  free(held: Held): void;
};

export function createClaims(): Claims {
  const byKey = new Map<string, Held>();
  const byRecord = new Map<string, Held>();
  // Keys never come back: a claim that was given up cannot be mistaken for a later one of the same record.
  let serial = 0;

  return {
    isHeld: (key) => byRecord.has(recordText(key)),

    hold(asked, records, { rows, link }, now) {
      serial += 1;
      const key = `${recordText(asked)}#${serial}`;
      const held = { key, asked, records: [...records], rows: [...rows], since: now };
      byKey.set(key, held);
      for (const record of records) byRecord.set(recordText(record), held);
      return { key, profile: asked.profile, rows, link };
    },

    held: (claim) => byKey.get(claim.key) ?? null,

    extend(held, record, rows) {
      held.records.push(record);
      held.rows.push(...rows);
      byRecord.set(recordText(record), held);
    },

    free(held) {
      byKey.delete(held.key);
      for (const record of held.records) byRecord.delete(recordText(record));
    },
  };
}

export function recordText({ profile, side, id }: RecordKey): string {
  return `${profile}/${side}/${id}`;
}
