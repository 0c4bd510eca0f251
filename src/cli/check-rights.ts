// What the profiles want to write, against what the accounts may: too little fails one day, too much serves a thief.
import type { Connector, PlannedWrite, ScopeUse } from '../connectors/connector.ts';
import { SyncError } from '../errors.ts';
import { otherSide, SIDES, type Side } from '../model.ts';
import type { Profile } from '../profiles/profile.ts';
import { mayWrite } from '../sync/policy.ts';
import type { Finding } from './check-webhooks.ts';

export async function checkRights(
  connectors: ReadonlyMap<string, Connector>,
  profiles: readonly Profile[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [name, connector] of connectors) {
    const uses = profiles.flatMap((profile) => usesOf(profile, name));
    if (connector.rights === undefined || uses.length === 0) continue;
    try {
      const { granted, missing, unused, cure } = await connector.rights(uses, { lane: 'live' });
      findings.push({ level: 'ok', what: `Connection ${name} has the rights: ${granted.join(', ')}.`, cure: '' });
      for (const lack of missing) {
        findings.push({ level: 'warning', what: `Connection ${name}: ${lack.message}`, cure: lack.cure });
      }
      if (unused.length > 0) {
        const what = `Connection ${name} has rights that no profile needs: ${unused.join(', ')}.`;
        findings.push({ level: 'warning', what, cure });
      }
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      const what = `Connection ${name} does not tell its rights: ${error.message}`;
      findings.push({ level: 'warning', what, cure: error.cure });
    }
  }
  return findings;
}

function usesOf(profile: Profile, connection: string): readonly ScopeUse[] {
  return SIDES.filter((side) => profile.sides[side].scope.connection === connection).map((side) => ({
    scope: profile.sides[side].scope,
    writes: writesOn(profile, side),
  }));
}

export function writesOn(profile: Profile, side: Side): readonly PlannedWrite[] {
  const mapped = profile.fields.filter(({ direction }) => mayWrite(direction, side));
  const computed = profile.computed.filter((field) => field.side === side).map(({ id }) => id);
  const stamp = profile.stamp[side];
  const gone = profile.gone[otherSide(side)];
  const updates = [
    ...mapped.filter(({ on }) => on !== 'create').map(({ ids }) => ids[side]),
    ...computed,
    ...(stamp?.kind === 'field' ? [stamp.id] : []),
    ...(gone.kind === 'mark' ? [gone.id] : []),
  ];
  const writes: PlannedWrite[] = [];
  if (updates.length > 0) writes.push({ action: 'update', fields: updates });
  if (profile.create[side] !== null) {
    const fields = mapped.filter(({ on }) => on !== 'update').map(({ ids }) => ids[side]);
    writes.push({ action: 'create', fields: [...fields, ...computed] });
  }
  if (stamp?.kind === 'marker') writes.push({ action: 'stamp', fields: [] });
  if (gone.kind === 'delete') writes.push({ action: 'delete', fields: [] });
  return writes;
}
