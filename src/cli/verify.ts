// `verify`: do both sides agree? Reads both sides whole, decides every pair as `run` would, writes nothing.
import type { ProfileCounts } from '../state/store.ts';
import type { NotedWrite } from '../work/dry-connector.ts';
import { dryRun } from './dry-run.ts';
import { EXIT, print, printJson, styled } from './output.ts';
import { type ConfigFlags, readSetup } from './setup.ts';
import { table } from './table.ts';

export type Verdict = {
  readonly profile: string;
  /** Pairs whose every field is settled on both sides. */
  readonly converged: number;
  readonly waiting: number;
  /** Writes that are still to be done. */
  readonly pending: number;
  readonly conflicting: number;
  readonly parked: number;
  /** Pairs of which one record is gone, merged away or outside the scope: told, but nothing is left to be done. */
  readonly orphaned: number;
};

export async function verify(profile: string | undefined, flags: ConfigFlags & { json?: boolean }): Promise<void> {
  const setup = readSetup(flags);
  const verdicts = await dryRun(setup, { wanted: profile, quiet: flags.json === true }, async (run) => {
    const found: Verdict[] = [];
    for (const name of run.names) {
      const before = run.writes.length;
      await run.passOver(name, true);
      found.push(verdictOf(name, await run.store.counts(name), run.writes.slice(before)));
    }
    return found;
  });
  if (flags.json) printJson(verdicts);
  else {
    const columns = ['converged', 'waiting', 'pending', 'conflicting', 'parked', 'orphaned'] as const;
    print(
      table(
        ['profile', ...columns],
        verdicts.map((one) => [one.profile, ...columns.map((name) => String(one[name]))]),
      ),
    );
    print(
      verdicts.every(isConverged)
        ? styled('green', 'Both sides agree.')
        : 'Both sides do not agree yet. What is left: jira-crm-sync plan, conflicts list, parked list.',
    );
  }
  process.exitCode = verdicts.every(isConverged) ? EXIT.fine : EXIT.differs;
}

export function verdictOf(profile: string, counts: ProfileCounts, writes: readonly NotedWrite[]): Verdict {
  const { waiting = 0, ...kinds } = counts.parkedByKind;
  const parked = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  const pending = new Set(writes.map((write) => `${write.connection} ${write.key}`)).size;
  return {
    profile,
    converged: Math.max(0, counts.links.active - pending - counts.conflictedLinks - parked),
    waiting: waiting + counts.links.waiting,
    pending,
    conflicting: counts.openConflicts,
    parked,
    orphaned: counts.links.gone + counts.links['merged-away'] + counts.links['out-of-scope'],
  };
}

/** Waiting is as it should be; the rest is not. */
export function isConverged(verdict: Verdict): boolean {
  return verdict.pending + verdict.conflicting + verdict.parked === 0;
}
