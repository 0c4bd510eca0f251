// Who works on what, in this process. The process lock makes memory enough: no other process claims, and a process that
// dies takes its claims with it while the dirty rows stay.
import type { Claim, DirtyRow, Link, RecordKey } from './store.ts';

export type Held = {
  readonly key: string;
  /** The record that was asked for; gets a row if a claim without one is to be retried. */
  readonly asked: RecordKey;
  readonly records: RecordKey[];
  readonly rows: DirtyRow[];
  /** Records that others gave up because this work has their partner: nobody else's as long as it lasts, due right after. */
  readonly guests: RecordKey[];
  readonly since: number;
  /** Its records went to the work that has what it asked for; nothing is written on its account any more. */
  hasLetGo: boolean;
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
  /** A record that is due and of no use before this work has ended. */
  host(held: Held, guest: RecordKey): void;
  /** Leaves all that it holds, guests too, to the work that has the record it needs. */
  letGo(held: Held, to: Held): void;
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
      const held = {
        key: `${text}#${serial}`,
        asked,
        records: [asked],
        rows: [],
        guests: [],
        since: now,
        hasLetGo: false,
      };
      byKey.set(held.key, held);
      byRecord.set(text, held);
      return held;
    },

    held: (claim) => byKey.get(claim.key) ?? null,

    extend(held, record, rows) {
      remove(held.guests, record);
      held.records.push(record);
      held.rows.push(...rows);
      byRecord.set(recordText(record), held);
    },

    drop(held, record) {
      remove(held.records, record);
      byRecord.delete(recordText(record));
    },

    host,

    letGo(held, to) {
      for (const record of [...held.records.splice(0), ...held.guests.splice(0)]) host(to, record);
      held.rows.length = 0;
      held.hasLetGo = true;
    },

    free(held) {
      byKey.delete(held.key);
      for (const record of [...held.records, ...held.guests]) byRecord.delete(recordText(record));
    },
  };

  function host(held: Held, guest: RecordKey): void {
    held.guests.push(guest);
    byRecord.set(recordText(guest), held);
  }
}

function remove(from: RecordKey[], record: RecordKey): void {
  const at = from.findIndex((one) => recordText(one) === recordText(record));
  if (at >= 0) from.splice(at, 1);
}

export function claimOf({ key, asked, rows }: Held, link: Link | null): Claim {
  return { key, profile: asked.profile, rows: [...rows], link };
}

export function recordText({ profile, side, id }: RecordKey): string {
  return `${profile}/${side}/${id}`;
}
