// `undo`: from the journal back to what stood there before, pair by pair; a plan unless it is to be carried out.
import { SyncError } from '../errors.ts';
import type { JournalEntry, Store } from '../state/store.ts';
import { plainReport } from '../sync/report.ts';
import { type Undone, undoableOf, undoPair } from '../sync/undo.ts';
import type { Engine } from './engine.ts';
import { linkNumbered } from './link-numbered.ts';

/** `run`: one piece of work; times are epoch ms. */
export type UndoArgs = {
  readonly profile: string;
  readonly run?: string;
  readonly since?: number;
  readonly until?: number;
  readonly carryOut: boolean;
};

export type UndoResult = {
  readonly pairs: readonly Undone[];
  /** What undo leaves alone: records that were created or deleted, marks, pairs that have ended. */
  readonly leftAlone: Readonly<Record<string, number>>;
};

/** More at once than a person can judge. */
const MOST_ENTRIES = 20_000;
/** Side by side, so that reads and writes fill the vendors' batches. */
const AT_ONCE = 50;

export async function undoWrites(
  args: UndoArgs,
  { store, engine }: { readonly store: Store; readonly engine: Pick<Engine, 'byHand'> },
): Promise<UndoResult> {
  const { profile, run, since, until } = args;
  const filter = {
    profile,
    ...(run === undefined ? {} : { run }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const entries = await store.journal({ ...filter, limit: MOST_ENTRIES + 1 });
  if (entries.length === 0) throw nothingFound(args);
  if (entries.length > MOST_ENTRIES) {
    const cure = 'Take a shorter time: --since and --until; what is done is kept, so go on from there.';
    throw new SyncError(`More than ${MOST_ENTRIES} values were written in that time`, cure);
  }
  const leftAlone: Record<string, number> = {};
  const count = (what: string) => {
    leftAlone[what] = (leftAlone[what] ?? 0) + 1;
  };
  for (const { action } of entries) if (action !== 'update') count(action);
  const updates = entries.filter(({ action, linkId }) => action === 'update' && linkId !== null);
  const byLink = [...Map.groupBy(updates, ({ linkId }) => linkId as number)];
  const pairs: Undone[] = [];
  for (let at = 0; at < byLink.length; at += AT_ONCE) {
    const group = byLink.slice(at, at + AT_ONCE);
    const done = await Promise.all(group.map(([linkId, own]) => undoLink(linkId, own)));
    for (const one of done) {
      if (one === null) count('ended pair');
      else pairs.push(one);
    }
  }
  return { pairs, leftAlone };

  async function undoLink(linkId: number, own: readonly JournalEntry[]): Promise<Undone | null> {
    const link = await linkNumbered(store, profile, linkId);
    if (link === null) return null;
    let told: Undone | null = null;
    await engine.byHand({ profile, side: 'crm', id: link.ids.crm }, async (claim, context) => {
      told = await undoPair(claim, undoableOf(own), args.carryOut, context);
      return plainReport(profile, 'unchanged', 'looked at by undo', link.keys);
    });
    return told;
  }
}

function nothingFound({ profile, run }: UndoArgs): SyncError {
  return run === undefined
    ? new SyncError(`Nothing was written for "${profile}" in that time`, 'Look at: jira-crm-sync explain')
    : new SyncError(
        `The journal of "${profile}" has no run ${run}`,
        'explain shows the run of each write; entries older than `retention` allows are gone.',
      );
}
