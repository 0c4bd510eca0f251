// What is remembered of every record seen, linked or not: a fingerprint that tells whether a sweep found news, and the
// keys by which a partner can find it without asking the other side's lagging search.
import { hash } from 'node:crypto';
import { type Side, type SourceRecord, valueText } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Sighting } from '../state/store.ts';

/** Rule 0 is the marker; the profile's stamp fields and match rules follow. */
export const MARKER_RULE = 0;

export type PairingRule = {
  readonly name: string;
  /** The key under which a record of `side` meets its partner, or null when it has none. */
  readonly keyOf: (record: SourceRecord, side: Side) => string | null;
};

export function pairingRules(profile: Profile): readonly PairingRule[] {
  const rules: PairingRule[] = [{ name: 'the stamp', keyOf: (record) => record.marker?.key ?? null }];
  for (const stamped of ['jira', 'crm'] as const) {
    const stamp = profile.stamp[stamped];
    if (stamp?.kind !== 'field') continue;
    // The stamped side shows its partner's id in a field; the partner is found by its own id.
    const keyOf: PairingRule['keyOf'] = (record, side) =>
      side === stamped ? textOf(record.fields[stamp.id]) : record.ref.id;
    rules.push({ name: `the number in ${stamp.id}`, keyOf });
  }
  for (const rule of profile.match) {
    const keyOf: PairingRule['keyOf'] = (record, side) => rule.normalise(record.fields[rule.ids[side]] ?? null);
    rules.push({ name: `${rule.ids.jira} = ${rule.ids.crm}`, keyOf });
  }
  return rules;
}

/** It carries a mark, or a number in the field for it: somebody, most likely we ourselves, has paired it before. */
export function isStamped(profile: Profile, record: SourceRecord): boolean {
  const stamp = profile.stamp[record.ref.side];
  return record.marker !== null || (stamp?.kind === 'field' && textOf(record.fields[stamp.id]) !== null);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function sightingOf(profile: Profile, record: SourceRecord): Sighting {
  const side = record.ref.side;
  return {
    id: record.ref.id,
    key: record.key,
    fingerprint: fingerprint(profile, record),
    matchKeys: pairingRules(profile).map((rule) => rule.keyOf(record, side)),
  };
}

/** Over what the profile reads, so that a change elsewhere in the record costs nothing. */
function fingerprint(profile: Profile, record: SourceRecord): string {
  let shown = `${record.inScope ? 'in' : 'out'}${record.marker?.key ?? ''}`;
  for (const id of profile.sides[record.ref.side].reads) {
    const value = record.fields[id];
    shown += `\n${id}=${value === undefined ? '?' : valueText(value)}`;
  }
  return hash('sha1', shown, 'base64url');
}
