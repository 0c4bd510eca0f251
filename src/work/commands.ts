// Carries out what other processes asked for by a command row: the CLI never runs a second engine beside the daemon.
import { BadResponseError, BusyError, RateLimitedError, StaleError, SyncError, UnavailableError } from '../errors.ts';
import { SIDES } from '../model.ts';
import type { Clock, Log } from '../ports.ts';
import type { Profile } from '../profiles/profile.ts';
import type { CommandRow, Link, RecordKey } from '../state/store.ts';
import { forgetByHand, linkByHand, unlinkByHand } from '../sync/by-hand.ts';
import { ABANDONED } from './abandoned.ts';
import type { Engine } from './engine.ts';
import type { Staged } from './quotas.ts';
import type { SweepNote } from './sweeper.ts';
import { type UndoArgs, undoWrites } from './undo.ts';

export type Commands = {
  /** Begins what waits; called every half second. Long ones do not hold up the next. */
  tick(): Promise<void>;
};

export type ResyncProgress = {
  readonly phase: 'reading' | 'working' | 'done';
  readonly seen: { readonly jira: number; readonly crm: number };
  readonly marked: number;
  readonly left: number;
  /** Of a staged resync: what it wrote, and how many records wait because it may write no more. */
  readonly staged: Staged | null;
};

/** `limit`: at most so many writes. `since`: epoch ms, only what was changed since then. */
export type ResyncArgs = {
  readonly profile: string;
  readonly force?: boolean;
  readonly limit?: number | null;
  readonly since?: number | null;
  /** From the beginning, also where an earlier one was cut off. */
  readonly afresh?: boolean;
};

const LOOK_AGAIN_MS = 250;

export function createCommands(options: {
  readonly engine: Engine;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Commands {
  const { engine, clock, log, signal } = options;
  const { store } = engine;

  function profileNamed(name: unknown): Profile {
    const profile = options.profiles().get(String(name));
    if (profile !== undefined) return profile;
    const known = [...options.profiles().keys()].join(', ') || 'none';
    throw new SyncError(`no profile "${name}" is loaded`, `Loaded now: ${known}`);
  }

  /** It goes on when the connection works again, or a person lets it; whoever waits for it is told now. */
  async function refuseWhileHeld(profile: Profile): Promise<void> {
    const hold = await engine.holding(profile);
    if (hold !== null) throw new SyncError(`"${profile.name}" does not work now: ${hold.reason}`, hold.cure);
    refuseWhileAway(profile);
  }

  function refuseWhileAway(profile: Profile): void {
    const health = engine.health();
    for (const side of SIDES) {
      const { connection } = profile.sides[side].scope;
      const state = health[connection];
      if (state?.state === 'paused') {
        throw new SyncError(`The connection ${connection} is paused: ${state.reason}`, state.cure);
      }
    }
  }

  async function resync(row: CommandRow): Promise<ResyncProgress> {
    const args = row.args as ResyncArgs;
    const profile = profileNamed(args.profile);
    const limit = args.limit ?? null;
    if (limit === null) return reconcile(row.id, profile, args, null);
    const quota = engine.quotas.begin(profile.name, limit);
    try {
      return await reconcile(row.id, profile, args, quota.now);
    } finally {
      quota.end();
    }
  }

  async function reconcile(
    id: number,
    profile: Profile,
    args: ResyncArgs,
    stagedNow: (() => Staged) | null,
  ): Promise<ResyncProgress> {
    const seen = { jira: 0, crm: 0 };
    const staged = () => stagedNow?.() ?? null;
    const report = (progress: Omit<ResyncProgress, 'staged'>) =>
      store.updateCommand(id, 'running', { ...progress, staged: staged() });
    // The first match pass reads everything already: a second reading at the same time would only cost requests.
    const before = await store.profileState(profile.name);
    const first = before?.matchedAt.jira == null || before.matchedAt.crm == null;
    await refuseWhileHeld(profile);
    while (!engine.sweeper.matched(profile.name)) {
      await refuseWhileHeld(profile);
      await clock.sleep(LOOK_AGAIN_MS, untilOver(profile));
    }
    // What an earlier staged one held back, and what waits for a later try, is looked at now.
    await store.ringProfile(profile.name, clock.now());
    engine.ring();
    const since = args.since ?? null;
    // What somebody asks for by its age is looked at again, also when it shows what it last showed.
    const force = args.force === true || since !== null;
    let marked = 0;
    if (first) {
      const note = (await store.notes())[`sweep/${profile.name}`] as SweepNote | undefined;
      Object.assign(seen, note?.sides);
      marked = note?.marked ?? 0;
    }
    if (!first || force) {
      const pass = { pass: 'all', cause: 'resync', lane: 'bulk', force, resume: args.afresh !== true } as const;
      const found = await engine.sweeper.run(profile, since === null ? pass : { ...pass, since }, (side, count) => {
        seen[side] = count;
        report({ phase: 'reading', seen, marked: 0, left: 0 }).catch(() => {});
      });
      marked = found.jira.marked + found.crm.marked;
    }
    for (let idleLooks = 0; ; ) {
      const counts = await store.counts(profile.name);
      const left = counts.dirty.live + counts.dirty.bulk;
      const due = await store.nextDue();
      // What is only due later waits for a connection or a retry; it goes on by itself.
      const idle = engine.running() === 0 && (due === null || due > clock.now());
      idleLooks = idle ? idleLooks + 1 : 0;
      // Once may be the moment between a claim and its work.
      if (left === 0 || idleLooks > 1) return { phase: 'done', seen, marked, left, staged: staged() };
      await report({ phase: 'working', seen, marked, left });
      await clock.sleep(LOOK_AGAIN_MS, untilOver(profile));
    }
  }

  async function carryOut(row: CommandRow): Promise<unknown> {
    if (row.kind === 'sync') {
      profileNamed(row.args.profile);
      return engine.syncNow(row.args.key as RecordKey);
    }
    if (row.kind === 'link') {
      const ids = row.args.ids as Link['ids'];
      const key = { profile: profileNamed(row.args.profile).name, side: 'jira', id: ids.jira } as const;
      return engine.byHand(key, (claim, context) => linkByHand(claim, ids, context));
    }
    if (row.kind === 'unlink') {
      const key = row.args.key as RecordKey;
      profileNamed(key.profile);
      return engine.byHand(key, (claim, context) => unlinkByHand(claim, key, context));
    }
    if (row.kind === 'forget') {
      const key = row.args.key as RecordKey;
      profileNamed(key.profile);
      return engine.byHand(key, (claim, context) => forgetByHand(claim, key, context));
    }
    if (row.kind === 'undo') {
      // Not held up by a profile that is halted or paused: that is when something is to be taken back.
      refuseWhileAway(profileNamed(row.args.profile));
      return undoWrites(row.args as UndoArgs, { store, engine });
    }
    return resync(row);
  }

  const untilOver = (profile: Profile) => AbortSignal.any([signal, engine.signalOf(profile)]);

  /** The daemon stops, or another process works for the profile by now. */
  function isOver({ args }: CommandRow): boolean {
    const { profile: name, key } = args as { profile?: string; key?: RecordKey };
    const profile = options.profiles().get(name ?? key?.profile ?? '');
    return signal.aborted || (profile !== undefined && engine.signalOf(profile).aborted);
  }

  async function run(row: CommandRow): Promise<void> {
    log.info('command begins', { command: row.kind, ...row.args });
    try {
      const { profile, key } = row.args as { profile?: string; key?: RecordKey };
      const result = await engine.errand(profile ?? key?.profile ?? '', () => carryOut(row));
      await store.updateCommand(row.id, 'done', result);
    } catch (error) {
      await store.updateCommand(row.id, 'failed', isOver(row) ? ABANDONED : told(error));
    }
    log.info('command ended', { command: row.kind, ...row.args });
  }

  return {
    async tick() {
      for (let row = await store.takeCommand(); row !== null; row = await store.takeCommand()) {
        const { id, kind } = row;
        run(row).catch((error: unknown) => {
          if (!signal.aborted) log.error('command not answered', { command: kind, id, error });
        });
      }
    },
  };
}

/** What the engine tries again by itself where it is the work on a record: a command is tried again by nobody. */
const PASSING = [BusyError, StaleError, RateLimitedError, UnavailableError, BadResponseError] as const;
const ASK_AGAIN = 'Run the command again in a moment; if it fails each time: jira-crm-sync status';

function told(error: unknown): { message: string; cure: string } {
  if (PASSING.some((kind) => error instanceof kind)) return { message: (error as SyncError).message, cure: ASK_AGAIN };
  if (error instanceof SyncError) return { message: error.message, cure: error.cure };
  const message = error instanceof Error ? error.message : String(error);
  return { message, cure: 'This is a bug: please report it with the log around it.' };
}
