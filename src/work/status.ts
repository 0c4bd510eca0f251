// What `status`, /status, /readyz and /metrics tell: read from the store, so that any process can.
import type { Problem } from '../errors.ts';
import type { LeaseTable } from '../state/lease-table.ts';
import type { ProfileCounts, Store, WaitReason } from '../state/store.ts';
import type { HealthState } from './connection-health.ts';
import type { QueueHealth } from './dispatcher.ts';
import type { LostSight } from './holds.ts';
import type { AuditNote, SweepNote } from './sweeper.ts';

/** The note that the daemon leaves about its profiles. */
export type ProfilesNote = {
  readonly at: number;
  readonly loaded: readonly { readonly name: string; readonly version: string; readonly file: string }[];
  /** Of the files as they are now; an older version runs while there are any. */
  readonly problems: readonly Problem[];
  readonly waitsFor: { readonly reason: string; readonly cure: string } | null;
};

const MOST_REASONS = 3;
/** Turns at something, no connections: TURN_LEASES of src/state/lease-table.ts. */
const TURNS = 'turn/';

export type EngineNote = { readonly pid: number; readonly startedAt: number };

export type ProfileStatus = {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Pairs are made and records created only after the first match pass. */
  readonly matched: boolean;
  /** Why the brake holds it. */
  readonly halted: string | null;
  /** Why a person holds it. */
  readonly paused: string | null;
  /** Our account cannot read its records any more. */
  readonly lostSight: LostSight | null;
  readonly counts: ProfileCounts;
  /** Why its records are put off: the most frequent reasons. */
  readonly waits: readonly WaitReason[];
  readonly lastSweep: SweepNote | null;
  readonly lastAudit: AuditNote | null;
};

/** A process that works on this state. */
export type ProcessStatus = {
  readonly id: string;
  /** Its last sign of life, by its own clock. */
  readonly at: number;
  readonly pid: number | null;
  readonly host: string | null;
  readonly startedAt: number | null;
  /** The connections that it works for; the epoch is raised whenever one changes hands. */
  readonly holds: readonly { readonly connection: string; readonly epoch: number }[];
};

export type Status = {
  readonly engine: EngineNote | null;
  readonly profiles: readonly ProfileStatus[];
  readonly problems: readonly Problem[];
  readonly waitsFor: ProfilesNote['waitsFor'];
  readonly connections: Readonly<Record<string, HealthState>>;
  /** Null: work is queued in the process. */
  readonly queue: Extract<QueueHealth, { kind: 'redis' }> | null;
  readonly processes: readonly ProcessStatus[];
  /** Connections that no process works for at this moment. */
  readonly free: readonly string[];
};

/** Where several processes share a state each tells of its own files. */
export const profilesNote = (member: string) => `profiles/${member}`;

export async function readStatus(store: Store): Promise<Status> {
  const notes = await store.notes();
  const table = await store.leaseTable();
  const leases = { ...table, leases: table.leases.filter(({ name }) => !name.startsWith(TURNS)) };
  const note = together(leases, notes);
  const profiles: ProfileStatus[] = [];
  for (const loaded of note?.loaded ?? []) {
    const state = await store.profileState(loaded.name);
    profiles.push({
      ...loaded,
      matched: state?.matchedAt.jira != null && state.matchedAt.crm != null,
      halted: state?.halted ?? null,
      paused: state?.paused ?? null,
      lostSight: (notes[`sight/${loaded.name}`] as LostSight | null | undefined) ?? null,
      counts: await store.counts(loaded.name),
      waits: await store.whatWaits(loaded.name, 0, MOST_REASONS),
      lastSweep: (notes[`sweep/${loaded.name}`] as SweepNote | undefined) ?? null,
      lastAudit: (notes[`audit/${loaded.name}`] as AuditNote | undefined) ?? null,
    });
  }
  const connections: Record<string, HealthState> = {};
  for (const [name, value] of Object.entries(notes)) {
    // Emptied at start: what an earlier run noted, perhaps of a connection that is gone.
    if (value !== null && name.startsWith('connection/')) connections[name.slice(11)] = value as HealthState;
  }
  return {
    engine: (notes.engine as EngineNote | undefined) ?? null,
    profiles,
    problems: note?.problems ?? [],
    waitsFor: note?.waitsFor ?? null,
    connections,
    queue: (notes.queue as Status['queue'] | undefined) ?? null,
    processes: leases.members.map(({ id, at, about }) => ({
      id,
      at,
      pid: (about.pid as number | undefined) ?? null,
      host: (about.host as string | undefined) ?? null,
      startedAt: (about.startedAt as number | undefined) ?? null,
      holds: leases.leases
        .filter(({ holder }) => holder === id)
        .map(({ name, epoch }) => ({ connection: name, epoch })),
    })),
    free: leases.leases.filter(({ holder }) => holder === null).map(({ name }) => name),
  };
}

/** What the processes tell of their files, as one: a problem of one of them is a problem. */
function together({ members }: LeaseTable, notes: Readonly<Record<string, unknown>>): ProfilesNote | undefined {
  const told = members.flatMap(({ id }) => (notes[profilesNote(id)] as ProfilesNote | null | undefined) ?? []);
  const [newest, ...others] = told.sort((a, b) => b.at - a.at);
  if (newest === undefined) return notes.profiles as ProfilesNote | undefined;
  const loaded = new Map(newest.loaded.map((one) => [one.name, one]));
  const problems = new Map(newest.problems.map((one) => [JSON.stringify(one), one]));
  for (const other of others) {
    for (const one of other.loaded) if (!loaded.has(one.name)) loaded.set(one.name, one);
    for (const one of other.problems) problems.set(JSON.stringify(one), one);
  }
  const waitsFor = told.find((one) => one.waitsFor !== null)?.waitsFor ?? null;
  return { at: newest.at, loaded: [...loaded.values()], problems: [...problems.values()], waitsFor };
}

/** Ready: profiles are loaded and every connection works; else why not, as sentences. */
export function readinessOf(status: Status): { ready: boolean; reasons: string[] } {
  const reasons: string[] = [];
  if (status.waitsFor !== null) reasons.push(sentences(status.waitsFor.reason, status.waitsFor.cure));
  if (status.profiles.length === 0 && status.waitsFor === null) reasons.push('No profile is loaded.');
  for (const [name, health] of Object.entries(status.connections)) {
    if (health.state === 'paused')
      reasons.push(sentences(`The connection ${name} is paused: ${health.reason}`, health.cure));
  }
  for (const { name, lostSight } of status.profiles) {
    if (lostSight !== null) reasons.push(sentences(`${name} waits: ${lostSight.reason}`, lostSight.cure));
  }
  return { ready: reasons.length === 0, reasons };
}

function sentences(...parts: readonly string[]): string {
  return parts.map((part) => (/[.!?]$/.test(part) ? part : `${part}.`)).join(' ');
}
