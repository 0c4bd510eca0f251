// The schedule of passes: for each profile a pass over changes every few minutes, a pass over everything by cron, and
// before anything is created the first match pass over both sides.
import { SyncError } from '../errors.ts';
import type { Side } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Store, TwiceMarked } from '../state/store.ts';
import type { SweepResult } from '../sync/sweep.ts';
import type { Pass, Passes } from './passes.ts';

export type Sweeper = {
  /** Does what is due; called every few seconds. Resolves when this round has ended. */
  tick(): Promise<void>;
  /** One pass over both sides now; throws what a connection throws. */
  run: Passes['both'];
  /** Whether the first match pass of this profile is known to have ended on both sides. */
  matched(profile: string): boolean;
  /** The same, and if this process does not know it yet it asks the state. */
  hasMatched(profile: string): Promise<boolean>;
  /** When the state of this profile began anew after a loss; null: it is the first. */
  rebuiltAt(profile: string): number | null;
  /** What is kept in memory of a profile that is not loaded any more. */
  forget(profile: string): void;
};

/** `notes` name: when the passes of a profile last ended, and what they found. */
export type SweepNote = {
  changesAt: number | null;
  /** When a pass over changes last ended well: `changesAt` also moves when one failed. */
  endedAt?: number | null;
  allAt: number | null;
  seen: number;
  /** How many of them on each side. */
  sides?: Readonly<Record<Side, number>>;
  marked: number;
  problem: string | null;
  /**
   * When this state began, if there were stamped records then: an earlier state was lost, and records older than this one
   * may have partners that are not in any list.
   */
  rebuiltAt?: number | null;
};

/** `notes` name `audit/<profile>`: what the marks said after the last pass over everything. */
export type AuditNote = { readonly at: number; readonly marked: number; readonly twice: readonly TwiceMarked[] };

export function createSweeper(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly passes: Passes;
  readonly usable: (profile: Profile) => Promise<boolean>;
  /** Next run of a cron expression in a zone after a time; epoch ms. */
  readonly nextRun: (cron: string, zone: string, after: number) => number;
  readonly ring: () => void;
  /** Aborted when this process may not work for the profile any more. */
  readonly signalOf: (profile: Profile) => AbortSignal;
}): Sweeper {
  const { store, clock, log, signalOf } = options;
  const notes = new Map<string, SweepNote>();
  const matchedProfiles = new Set<string>();
  /** Visited by this process before. */
  const met = new Set<string>();
  const busy = new Set<string>();
  /** Under which version everything of a profile was last looked at. */
  const versions = new Map<string, string>();

  async function noteOf(name: string): Promise<SweepNote> {
    const known = notes.get(name);
    if (known !== undefined) return known;
    const stored = (await store.notes())[`sweep/${name}`] as SweepNote | undefined;
    // A restart does not sweep at once: what was missed meanwhile is found at the usual time, or by its event.
    const note = stored ?? { changesAt: null, allAt: null, seen: 0, marked: 0, problem: null };
    notes.set(name, note);
    return note;
  }

  async function hasMatched(name: string): Promise<boolean> {
    if (matchedProfiles.has(name)) return true;
    const state = await store.profileState(name);
    if (state?.matchedAt.jira == null || state.matchedAt.crm == null) return false;
    // Whoever goes on from here may ask when the state began anew.
    await noteOf(name);
    matchedProfiles.add(name);
    return true;
  }

  const run: Passes['both'] = async (profile, pass, onPage) => {
    const found = await options.passes.both(profile, pass, onPage);
    if (pass.pass === 'all' && pass.since === undefined && options.profiles().has(profile.name)) await audit(profile);
    return found;
  };

  /** A copied mark is told and left to a person; a record of ours whose link was lost is looked at, and finds it. */
  async function audit(profile: Profile): Promise<void> {
    const at = clock.now();
    const { twice, marked } = await store.auditMarks(profile.name, at);
    await store.note(`audit/${profile.name}`, { at, marked, twice } satisfies AuditNote);
    if (marked > 0) {
      log.info('records with our mark have no link, they are looked at', { profile: profile.name, count: marked });
      options.ring();
    }
    if (twice.length > 0) {
      const marks = twice.map(({ side, key, records }) => `${key} (${side}): ${records.join(', ')}`);
      log.warn('a mark is carried by more than one record', { profile: profile.name, marks });
    }
  }

  async function firstMatchPass(profile: Profile): Promise<void> {
    log.info('first match pass begins', { profile: profile.name });
    const found = await run(profile, { ...EVERYTHING, unlisted: true });
    const now = clock.now();
    const note = await noteOf(profile.name);
    const rebuiltAt = found.jira.marks + found.crm.marks > 0 ? Math.min(found.jira.at, found.crm.at) : null;
    const sweptAt = { changesAt: now, endedAt: now, allAt: now };
    // First: as soon as the state says that the pass has ended, records are paired and created by what stands there.
    await save(profile.name, { ...note, ...sweptAt, ...totals(found), problem: null, rebuiltAt });
    await store.saveProfileState({
      profile: profile.name,
      version: profile.version,
      matchedAt: { jira: found.jira.at, crm: found.crm.at },
    });
    matchedProfiles.add(profile.name);
    met.add(profile.name);
    if (rebuiltAt !== null) {
      log.warn('an earlier state was lost, pairs are found again by their marks', { profile: profile.name });
    }
    log.info('first match pass ended', { profile: profile.name, jira: found.jira.seen, crm: found.crm.seen });
    await store.ringProfile(profile.name, now);
    options.ring();
  }

  /** Everything was settled under another version of the profile: all of it is looked at once, in the bulk lane. */
  async function lookAtAll(profile: Profile): Promise<void> {
    const state = await store.profileState(profile.name);
    if (state !== null && state.version !== profile.version) {
      log.info('profile changed, all its records are looked at', { profile: profile.name, version: profile.version });
      await run(profile, { ...EVERYTHING, cause: 'profile', force: true });
      await store.saveProfileState({ ...state, version: profile.version });
    }
    versions.set(profile.name, profile.version);
  }

  async function save(name: string, note: SweepNote): Promise<void> {
    notes.set(name, note);
    await store.note(`sweep/${name}`, note);
  }

  async function visit(profile: Profile): Promise<void> {
    if (!(await options.usable(profile))) return;
    const note = await noteOf(profile.name);
    if (!(await hasMatched(profile.name))) return firstMatchPass(profile);
    if (!met.has(profile.name)) {
      met.add(profile.name);
      // What an earlier process put off may be possible by now.
      await store.ringProfile(profile.name, clock.now());
      options.ring();
    }
    if (versions.get(profile.name) !== profile.version) await lookAtAll(profile);
    const now = clock.now();
    const full = profile.sweep.full;
    if (full !== null && options.nextRun(full.cron, full.zone, note.allAt ?? now) <= now) {
      const found = await run(profile, EVERYTHING);
      const allAt = clock.now();
      return save(profile.name, { ...note, changesAt: now, endedAt: now, allAt, ...totals(found), problem: null });
    }
    if (now - (note.changesAt ?? 0) < profile.sweep.everyMs) return;
    const found = await run(profile, { pass: 'changes', cause: 'sweep', lane: 'bulk', force: false });
    const allAt = note.allAt ?? now;
    await save(profile.name, { ...note, changesAt: now, endedAt: now, allAt, ...totals(found), problem: null });
  }

  async function guarded(profile: Profile): Promise<void> {
    if (busy.has(profile.name)) return;
    busy.add(profile.name);
    try {
      await visit(profile);
    } catch (error) {
      if (signalOf(profile).aborted) return;
      const problem = error instanceof Error ? error.message : String(error);
      const cure = error instanceof SyncError ? error.cure : 'This is a bug: please report it with the log around it';
      log.warn('sweep failed', { profile: profile.name, reason: problem, cure });
      const note = await noteOf(profile.name);
      // Not at once again: the next pass comes at its time, at the latest after a minute.
      const changesAt = clock.now() - Math.max(0, profile.sweep.everyMs - 60_000);
      await save(profile.name, { ...note, changesAt, problem });
    } finally {
      busy.delete(profile.name);
    }
  }

  return {
    run,
    matched: (name) => matchedProfiles.has(name),
    hasMatched,
    rebuiltAt: (name) => notes.get(name)?.rebuiltAt ?? null,
    forget(name) {
      matchedProfiles.delete(name);
      met.delete(name);
      notes.delete(name);
      versions.delete(name);
    },
    async tick() {
      await Promise.all([...options.profiles().values()].map(guarded));
    },
  };
}

const EVERYTHING: Pass = { pass: 'all', cause: 'sweep', lane: 'bulk', force: false, resume: true };

function totals(found: Readonly<Record<Side, SweepResult>>): Pick<SweepNote, 'seen' | 'marked' | 'sides'> {
  const sides = { jira: found.jira.seen, crm: found.crm.seen };
  return { sides, seen: found.jira.seen + found.crm.seen, marked: found.jira.marked + found.crm.marked };
}
