// Gathers what a judgement rests on: the screens of both products, and what the state says to people.
import { SIDES, type Side, type Value } from '../../../src/model.ts';
import type { Conflict, Link, Parked, Store } from '../../../src/state/store.ts';
import type { Daemon } from '../play/daemon.ts';
import type { FieldName, Said, Script } from '../script/script.ts';
import { PROFILE } from '../stage/profile-text.ts';
import type { Stage } from '../stage/stage.ts';
import {
  type ConflictSeen,
  type Evidence,
  type LinkSeen,
  type Pair,
  type ParkedSeen,
  PROFILE_NAMES,
} from './evidence.ts';

/** What was on record in states that are lost. */
export type Kept = {
  conflicts: ConflictSeen[];
  parked: ParkedSeen[];
  triedAgain: readonly ParkedSeen[];
  retried: number;
  losses: number[];
  undoAskedAt: number | null;
};

const ALL = 10_000;

export async function keepBeforeLoss(stage: Stage, store: Store, kept: Kept): Promise<void> {
  const links = await store.links(PROFILE, 0, ALL);
  // On record it was; open it is not any more, for nobody can decide it.
  kept.conflicts.push(...(await conflictsOf(stage, store, links)).map((row) => ({ ...row, open: false })));
  kept.parked.push(...(await store.parked({})).map((row) => parkedSeen(stage, row)));
  kept.losses.push(stage.clock.now());
}

export async function collectEvidence(options: {
  readonly script: Script;
  readonly stage: Stage;
  readonly daemon: Daemon;
  readonly kept: Kept;
  readonly phase: Evidence['phase'];
}): Promise<Evidence> {
  const { script, stage, daemon, kept, phase } = options;
  const { store } = daemon;
  const links = await store.links(PROFILE, 0, ALL);
  const state = await store.profileState(PROFILE);
  const due = await store.nextDue();
  return {
    script,
    phase,
    happenings: stage.happenings,
    moves: stage.moves,
    unheard: new Set([...stage.unheard, ...daemon.unrecorded]),
    looks: stage.looks,
    absences: daemon.absences,
    sent: stage.sent,
    requests: stage.requests(),
    seen: { jira: stage.seen('jira'), crm: stage.seen('crm') },
    links: links.map((link) => linkSeen(stage, link)),
    conflicts: [...kept.conflicts, ...(await conflictsOf(stage, store, links))],
    parked: (await store.parked({})).map((row) => parkedSeen(stage, row)),
    parkedBefore: kept.parked,
    triedAgain: kept.triedAgain,
    retried: kept.retried,
    dueNow: due !== null && due <= stage.clock.now(),
    halted: state?.halted ?? null,
    losses: kept.losses,
    undoAskedAt: kept.undoAskedAt,
  };
}

async function conflictsOf(stage: Stage, store: Store, links: readonly Link[]): Promise<ConflictSeen[]> {
  const byId = new Map(links.map((link) => [link.id, link]));
  const rows = await store.conflicts({});
  return rows.flatMap((row) => {
    const link = byId.get(row.linkId);
    return link === undefined ? [] : [conflictSeen(stage, row, link.ids)];
  });
}

function conflictSeen(stage: Stage, row: Conflict, ids: Pair<string>): ConflictSeen {
  const field = PROFILE_NAMES[row.field] as FieldName;
  const shown = (of: Pair<Value>) => ({
    jira: stage.show('jira', field, of.jira),
    crm: stage.show('crm', field, of.crm),
  });
  const { outcome, policy, status } = row;
  const base = row.base === null ? null : shown(row.base);
  return { ids, field, base, values: shown(row.values), open: status === 'open', outcome, policy };
}

function parkedSeen(stage: Stage, row: Parked): ParkedSeen {
  const { side, id, kind, reason } = row;
  const field = PROFILE_NAMES[row.field] ?? null;
  const values: { -readonly [S in Side]?: Said } = {};
  for (const one of SIDES) {
    const value = row.values[one];
    if (field !== null && value !== undefined) values[one] = stage.show(one, field, value);
  }
  return { side, id, field, kind, reason, values };
}

function linkSeen(stage: Stage, link: Link): LinkSeen {
  const base = new Map<FieldName, Pair<Said>>();
  for (const [name, values] of Object.entries(link.base)) {
    const field = PROFILE_NAMES[name];
    if (field === undefined) continue;
    base.set(field, {
      jira: stage.show('jira', field, values.jira),
      crm: stage.show('crm', field, values.crm),
    });
  }
  return { id: link.id, ids: link.ids, state: link.state, reason: link.reason, createdAt: link.createdAt, base };
}
