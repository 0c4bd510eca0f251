// Who works on what, in this process. The process lock makes memory enough: no other process claims, and a process that
// dies takes its claims with it while the dirty rows stay.
import type { Claim, DirtyRow, Link, RecordKey } from './store.ts';

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
  /** Who holds it. */
  holder(key: RecordKey): Held | null;
  /** How many records are held. */
  count(): number;
  hold(asked: RecordKey, now: number): Held;
  held(claim: Claim): Held | null;
  extend(held: Held, record: RecordKey, rows: readonly DirtyRow[]): void;
  /** Gives back one record of several. */
  drop(held: Held, record: RecordKey): void;
  free(held: Held): void;
};

export function createClaims(): Claims {
  const byKey = new Map<string, Held>();
  const byRecord = new Map<string, Held>();
  // Keys never come back: a claim that was given up cannot be mistaken for a later one of the same record.
  let serial = 0;

  return {
    isHeld: (key) => byRecord.has(recordText(key)),
    holder: (key) => byRecord.get(recordText(key)) ?? null,
    count: () => byRecord.size,

    hold(asked, now) {
      serial += 1;
      const text = recordText(asked);
      const held = { key: `${text}#${serial}`, asked, records: [asked], rows: [], since: now };
      byKey.set(held.key, held);
      byRecord.set(text, held);
      return held;
    },

    held: (claim) => byKey.get(claim.key) ?? null,

    extend(held, record, rows) {
      held.records.push(record);
      held.rows.push(...rows);
      byRecord.set(recordText(record), held);
    },

    drop(held, record) {
      const text = recordText(record);
      const at = held.records.findIndex((one) => recordText(one) === text);
      if (at >= 0) held.records.splice(at, 1);
      byRecord.delete(text);
    },

    free(held) {
      byKey.delete(held.key);
      for (const record of held.records) byRecord.delete(recordText(record));
    },
  };
}

export function claimOf({ key, asked, rows }: Held, link: Link | null): Claim {
  return { key, profile: asked.profile, rows: [...rows], link };
}

export function recordText({ profile, side, id }: RecordKey): string {
  return `${profile}/${side}/${id}`;
}
