// `resync`: everything of a profile, with progress.
import { parseDuration } from '../profiles/durations.ts';
import type { Store } from '../state/store.ts';
import type { ResyncArgs, ResyncProgress } from '../work/commands.ts';
import type { Staged } from '../work/quotas.ts';
import { readStatus } from '../work/status.ts';
import { type Ask, type Asked, withEngine } from './ask-engine.ts';
import { requireProfile } from './find-record.ts';
import { clean, EXIT, print, printJson, UsageError } from './output.ts';
import { progressLines } from './progress.ts';
import { type ConfigFlags, readSetup } from './setup.ts';

type Flags = ConfigFlags & {
  readonly force?: boolean;
  readonly matchOnly?: boolean;
  readonly limit?: string;
  readonly since?: string;
  readonly json?: boolean;
};

export async function resync(profile: string, flags: Flags): Promise<void> {
  const limit = limitOf(flags);
  const setup = readSetup(flags);
  const { clock } = setup.ports;
  const since = flags.since === undefined ? null : sinceOf(flags.since, clock.now());
  const progress = progressLines(clock.now);
  const args: ResyncArgs = { profile, force: flags.force === true, limit, since };
  const asked: Asked = { kind: 'resync', args };
  const use = async (store: Store, ask: Ask) => {
    await requireProfile(store, profile);
    const last = await ask(asked, (result) => flags.json || progress(result as ResyncProgress | null));
    const { connections } = await readStatus(store);
    const paused = Object.entries(connections).flatMap(([connection, health]) =>
      health.state === 'paused' ? [{ connection, reason: health.reason, cure: health.cure }] : [],
    );
    return { done: last as ResyncProgress, waitsFor: paused };
  };
  const { done, waitsFor } = await withEngine(setup, use, limit !== null);
  if (flags.json) printJson({ ...done, waitsFor });
  else {
    const { jira, crm } = done.seen;
    print(`${jira} issues and ${crm} CRM records read, ${done.marked} looked at, ${done.left} left for later.`);
    for (const { connection, reason, cure } of waitsFor) {
      print(`    Connection ${connection} is paused: ${clean(reason)}`);
      print(`    ${clean(cure)}`);
    }
    if (done.staged !== null) for (const line of stagedLines(profile, done.staged)) print(line);
    else if (done.left > 0) print('    What is left goes on by itself; see jira-crm-sync status');
  }
  process.exitCode = done.left > 0 ? EXIT.differs : EXIT.fine;
}

function stagedLines(profile: string, { writes, heldBack }: Staged): string[] {
  const lines = [`    ${writes} written, ${heldBack} records held back.`];
  if (heldBack > 0) {
    lines.push(`    See them: jira-crm-sync plan ${profile}; go on with resync ${profile}, or let the daemon run.`);
  }
  return lines;
}

function limitOf({ matchOnly, limit }: Flags): number | null {
  if (matchOnly && limit !== undefined) {
    throw new UsageError('--match-only writes nothing, so there is nothing to limit', 'Give one of the two.');
  }
  if (matchOnly) return 0;
  if (limit === undefined) return null;
  if (/^\d{1,9}$/.test(limit)) return Number(limit);
  throw new UsageError(`"${limit}" is no number of writes`, 'Give a whole number: --limit 10');
}

/** A date counts from its midnight in UTC. */
export function sinceOf(text: string, now: number): number {
  const duration = parseDuration(text);
  if (duration !== null) return now - duration;
  const at = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at) && at <= now) return at;
  throw new UsageError(`"${text}" is no time in the past`, 'Give a date (2026-11-01) or a duration (2h, 30d).');
}
