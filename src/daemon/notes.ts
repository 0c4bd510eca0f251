// What the daemon leaves in the store about itself, for `status` and for the next start, and what its metrics show.
import type { Connector } from '../connectors/connector.ts';
import type { Clock, Log } from '../ports.ts';
import type { Store } from '../state/store.ts';
import type { Metrics, Snapshot } from '../triggers/metrics.ts';
import { ABANDONED } from '../work/abandoned.ts';
import type { Engine } from '../work/engine.ts';
import { type ProfilesNote, profilesNote, readStatus } from '../work/status.ts';
import type { LiveProfiles, LoadResult } from './live-profiles.ts';

type NoteParts = { readonly store: Store; readonly clock: Clock; readonly log: Log };

/** What an earlier run left: creates and commands without an answer, and how it saw the connections. */
export async function tidyUp({ store, clock, log }: NoteParts): Promise<void> {
  const doubtful = await store.doubtSentIntents(clock.now());
  if (doubtful > 0) log.warn('creates without an answer are left from an earlier run', { count: doubtful });
  const abandoned = await store.failRunningCommands(ABANDONED);
  if (abandoned > 0) log.warn('commands were cut off by the end of an earlier run', { count: abandoned });
  for (const name of Object.keys(await store.notes())) {
    if (/^(connection|sight)\//.test(name)) await store.note(name, null);
  }
}

export async function noteProfiles(
  result: LoadResult,
  parts: NoteParts & {
    readonly profiles: LiveProfiles;
    readonly metrics: Metrics;
    /** Of this process, where several share the state. */
    readonly member?: string | null;
  },
): Promise<void> {
  const { store, profiles, clock, log, metrics } = parts;
  const away = result.unreachable;
  const note: ProfilesNote = {
    at: clock.now(),
    problems: result.problems,
    waitsFor: away === null ? null : { reason: away.message, cure: away.cure },
    loaded: [...profiles.current().values()].map(({ name, version, file }) => ({ name, version, file })),
  };
  const before = (await readStatus(store)).problems;
  await store.note(parts.member == null ? 'profiles' : profilesNote(parts.member), note);
  metrics.profileReload(result.problems.length > 0);
  for (const name of result.changed) {
    log.info('profile loaded', { profile: name, version: profiles.current().get(name)?.version });
  }
  for (const { file, line, column, message, cure } of result.problems) {
    log.error('profile refused, the last good version runs', {
      at: `${file}:${line}:${column}`,
      problem: message,
      cure,
    });
  }
  if (result.problems.length === 0 && before.length > 0) log.info('the profile files are in order again');
  if (away !== null) log.warn('profiles wait for a connection', { reason: away.message, cure: away.cure });
}

/** What the metrics show at the moment they are read. */
export async function snapshotOf(
  store: Store,
  connectors: ReadonlyMap<string, Connector>,
  engine: Pick<Engine, 'leases' | 'queue'>,
  clock: Clock,
): Promise<Snapshot> {
  const queue = engine.queue.health();
  const status = await readStatus(store);
  const at = clock.now();
  const age = (since: number | null | undefined) => (since == null ? null : Math.max(0, at - since));
  return {
    at,
    startedAt: status.engine?.startedAt ?? null,
    waits: status.waitsFor !== null,
    problems: status.problems.length,
    state: await store.figures(),
    leases: engine.leases(),
    queue: queue.kind === 'redis' ? { ...queue, warnings: queue.warnings.length } : null,
    profiles: status.profiles.map(({ name, version, counts, lastSweep, lastAudit, ...held }) => ({
      ...counts,
      profile: name,
      version,
      oldestMs: { live: age(counts.oldest.live), bulk: age(counts.oldest.bulk) },
      matched: held.matched,
      halted: held.halted !== null,
      paused: held.paused !== null,
      blind: held.lostSight !== null,
      rebuilt: lastSweep?.rebuiltAt != null,
      sweepAgeMs: { changes: age(lastSweep?.endedAt), all: age(lastSweep?.allAt) },
      marksTwice: lastAudit?.twice.length ?? 0,
    })),
    connections: [...connectors].map(([connection, connector]) => {
      const health = status.connections[connection];
      return {
        connection,
        state: health?.state === 'paused' ? (health.why ?? 'unanswered') : 'up',
        listens: connector.receive !== undefined,
        usage: connector.usage(),
      };
    }),
  };
}
