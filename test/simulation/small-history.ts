// Small histories of one pair, as evidence for the judge.
import type { ConflictSeen, Evidence } from './check/evidence.ts';
import { ledger } from './check/ledger.ts';
import { timelinesOf } from './check/timelines.ts';
import { scriptOf } from './script/calm.ts';
import type { FieldName, Said } from './script/script.ts';
import type { Actor, Happening } from './stage/stage.ts';

export const IDS = { jira: '10401', crm: '7001' };

export type Told = readonly [actor: Actor, side: 'jira' | 'crm', field: FieldName, from: Said, to: Said];

export function evidenceOf(
  told: readonly Told[],
  conflicts: readonly Pick<ConflictSeen, 'field' | 'values'>[],
): Evidence {
  const happenings = told.map(
    ([actor, side, field, from, to], seq): Happening => ({
      ...{ seq, at: seq * 1_000, side, id: IDS[side], actor, what: 'update', mark: null },
      changes: [{ field, from, to }],
    }),
  );
  return {
    ...{
      script: scriptOf('isolated', 1),
      phase: 'healed',
      happenings,
      moves: [],
      sent: [],
      requests: 0,
      dueNow: false,
    },
    seen: { jira: new Map(), crm: new Map() },
    links: [{ id: 1, ids: IDS, state: 'active', reason: null, createdAt: 0, base: new Map() }],
    conflicts: conflicts.map((row) => ({
      ...{ ids: IDS, base: null, open: true, outcome: 'held', policy: 'hold' },
      ...row,
    })),
    ...{
      parked: [],
      parkedBefore: [],
      triedAgain: [],
      retried: 0,
      halted: null,
      losses: [],
      undoAskedAt: null,
      unheard: new Set<number>(),
      looks: [],
      absences: [],
    },
  };
}

export function unaccounted(told: readonly Told[], conflicts: readonly Pick<ConflictSeen, 'field' | 'values'>[] = []) {
  const evidence = evidenceOf(told, conflicts);
  return ledger(evidence, timelinesOf(evidence)).violations.length;
}
