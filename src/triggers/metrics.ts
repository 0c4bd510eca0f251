// Every figure the daemon exports. Counters are raised where things happen, through ports that know nothing of
// Prometheus; gauges are asked for when somebody scrapes. docs/operations.md says what each of them means.
import type { Meters } from '../work/meters.ts';
import { createConnectionMetrics } from './connection-metrics.ts';
import { createFigures } from './registry.ts';
import type { Snapshot } from './snapshot.ts';
import { createStateMetrics } from './state-metrics.ts';

export type { Snapshot } from './snapshot.ts';

export type WebhookVerdict = 'accepted' | 'duplicate' | 'expired' | 'refused' | 'unreadable' | 'failed' | 'unknown';

export type RegistrationLook = 'kept' | 'repaired' | 'failed';

export type Metrics = Meters & {
  webhookReceived(connection: string, verdict: WebhookVerdict, bytes: number): void;
  hints(cause: string, count: number): void;
  /** This connection told us something; `at` by our clock. */
  heard(connection: string, at: number): void;
  registration(connection: string, look: RegistrationLook): void;
  profileReload(failed: boolean): void;
  build(version: string, node: string): void;
  watchProcess(): void;
  /** Asked once per scrape; a rejection leaves the gauges as they were and is counted. */
  collectWith(collect: () => Promise<Snapshot>): void;
  /** What a scrape answers. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** Seconds; the promise is 5 s for 99 of 100. */
const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800];
const BYTES_BUCKETS = [1_000, 10_000, 100_000, 500_000, 1_000_000, 2_097_152];

export function createMetrics(): Metrics {
  const figures = createFigures();
  const { counter, gauge, histogram } = figures;
  const received = counter('webhook_received_total', 'Webhook deliveries by what became of them.', [
    'connection',
    'verdict',
  ]);
  const duplicates = counter('webhook_duplicate_total', 'Deliveries whose id was seen in the last 48 hours.', [
    'connection',
  ]);
  const sizes = histogram('webhook_bytes', 'Size of webhook deliveries in bytes.', BYTES_BUCKETS, ['connection']);
  const hints = counter('hints_total', 'Records marked dirty, by what woke us.', ['cause']);
  const latency = histogram(
    'webhook_to_write_seconds',
    'Time from the acceptance of a hint to the moment its first write leaves, in seconds.',
    LATENCY_BUCKETS,
    ['profile'],
  );
  const runs = counter('sync_runs_total', 'Pieces of work done on one pair, by outcome.', ['profile', 'outcome']);
  const echoes = counter(
    'echo_total',
    'Hints from outside that showed nothing new: our own writes, and edits of fields that are not mapped.',
    ['profile'],
  );
  const coercions = counter('coercion_total', 'Fields that a product stored differently from what was written.', [
    'profile',
    'field',
  ]);
  const truncations = counter('truncated_total', 'Texts that were cut because the other side takes no more.', [
    'profile',
    'field',
  ]);
  const overwrites = counter('overwrite_total', 'Edits that came between our read and our write.', ['profile', 'side']);
  const conflicts = counter('conflict_settled_total', 'Conflicts that the policy of the profile settled, by outcome.', [
    'profile',
    'outcome',
  ]);
  const ambiguous = counter('ambiguous_total', 'Creates without an answer, and what was found out about them.', [
    'profile',
    'outcome',
  ]);
  const clones = counter('marker_clone_total', 'Copied marks that were ignored.', ['profile']);
  const merged = counter('merged_total', 'Records that were merged into another one, by what became of the pair.', [
    'profile',
    'outcome',
  ]);
  const gone = counter('given_up_total', 'Pairs that were given up because a record is gone, by what was done.', [
    'profile',
    'action',
  ]);
  const races = counter('commit_lost_race_total', 'Settlements refused because the pair had moved under the work.', [
    'profile',
  ]);
  const reloads = counter('profile_reload_total', 'Reloads of the profiles.');
  const reloadFailed = gauge('profile_reload_failed', '1 while the profiles on disk are refused and older ones run.');
  const found = counter('sweep_found_total', 'Changes that a sweep found before any webhook told.', [
    'profile',
    'side',
  ]);
  const registrations = counter(
    'registration_checks_total',
    'Looks at what `connect` registered, by what they found.',
    ['connection', 'result'],
  );
  const registered = gauge(
    'webhook_registered',
    '1 when the last look found our webhook registered, or put it right.',
    ['connection'],
  );
  const build = gauge('build_info', 'Always 1; the labels say what runs.', ['version', 'node']);
  const collectFailures = counter('metrics_collect_failed_total', 'Scrapes in which the state could not be read.');
  const showState = createStateMetrics(figures);
  const connections = createConnectionMetrics(figures);

  let collect: (() => Promise<Snapshot>) | null = null;

  async function refresh(): Promise<void> {
    if (!collect) return;
    try {
      const snapshot = await collect();
      showState(snapshot);
      connections.show(snapshot);
    } catch {
      collectFailures.inc();
    }
  }

  return {
    webhookReceived(connection, verdict, bytes) {
      received.inc({ connection, verdict });
      sizes.observe({ connection }, bytes);
      if (verdict === 'duplicate') duplicates.inc({ connection });
    },
    hints: (cause, count) => hints.inc({ cause }, count),
    heard: connections.heard,
    registration(connection, result) {
      registrations.inc({ connection, result });
      registered.set({ connection }, result === 'failed' ? 0 : 1);
    },
    synced: (profile, outcome) => runs.inc({ profile, outcome }),
    echo: (profile) => echoes.inc({ profile }),
    wrote: (profile, ms) => latency.observe({ profile }, Math.max(0, ms) / 1000),
    coercion: (profile, field) => coercions.inc({ profile, field }),
    truncated: (profile, field) => truncations.inc({ profile, field }),
    overwritten: (profile, side) => overwrites.inc({ profile, side }),
    conflictSettled: (profile, outcome) => conflicts.inc({ profile, outcome }),
    ambiguous: (profile, outcome) => ambiguous.inc({ profile, outcome }),
    copiedMark: (profile) => clones.inc({ profile }),
    merged: (profile, outcome) => merged.inc({ profile, outcome }),
    givenUp: (profile, action) => gone.inc({ profile, action }),
    lostRace: (profile) => races.inc({ profile }),
    found: (profile, side, count) => found.inc({ profile, side }, count),
    profileReload(failed) {
      reloads.inc();
      reloadFailed.set(failed ? 1 : 0);
    },
    build: (version, node) => build.set({ version, node }, 1),
    watchProcess: figures.watchProcess,
    collectWith(next) {
      collect = next;
    },
    async text() {
      await refresh();
      return figures.text();
    },
    contentType: figures.contentType,
  };
}
