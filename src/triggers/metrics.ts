// Every figure the daemon exports, in a registry of its own. Counters are raised where things happen; gauges are asked
// for when somebody scrapes.
import { Counter, Gauge, Registry } from 'prom-client';
import type { Lane, Side } from '../model.ts';
import type { LinkState } from '../state/store.ts';

/** The state of things at one scrape, per profile and connection. */
export type Snapshot = {
  readonly profiles: readonly {
    readonly profile: string;
    readonly links: Readonly<Record<LinkState, number>>;
    readonly dirty: Readonly<Record<Lane, number>>;
    /** Age of the oldest dirty row in ms; null when there is none. */
    readonly oldestDirtyMs: number | null;
    readonly openConflicts: number;
    readonly parkedByKind: Readonly<Record<string, number>>;
    readonly halted: boolean;
  }[];
  readonly connections: readonly {
    readonly connection: string;
    readonly up: boolean;
    readonly requests: number;
    readonly failures: number;
    readonly limited: number;
  }[];
};

export type WebhookVerdict = 'accepted' | 'duplicate' | 'expired' | 'refused' | 'unreadable' | 'failed' | 'unknown';

export type Metrics = {
  webhookReceived(connection: string, verdict: WebhookVerdict): void;
  hints(cause: string, count: number): void;
  syncRun(profile: string, outcome: string): void;
  coercion(profile: string, field: string): void;
  overwrite(profile: string, side: Side): void;
  profileReload(failed: boolean): void;
  sweep(profile: string, side: Side, marked: number): void;
  /** Asked once per scrape; a rejection leaves the gauges as they were and is counted. */
  collectWith(collect: () => Promise<Snapshot>): void;
  /** What a scrape answers. */
  text(): Promise<string>;
  readonly contentType: string;
};

type Family<Labels extends string> = { name: string; help: string; labelNames: Labels[] };

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers } satisfies Family<L> & { registers: Registry[] });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers } satisfies Family<L> & { registers: Registry[] });

  const received = counter('webhook_received_total', 'Webhook deliveries by what became of them.', [
    'connection',
    'verdict',
  ]);
  const duplicates = counter('webhook_duplicate_total', 'Deliveries whose id was seen in the last 48 hours.');
  const hints = counter('hints_total', 'Records marked dirty, by what woke us.', ['cause']);
  const runs = counter('sync_runs_total', 'Pieces of work done on one pair, by outcome.', ['profile', 'outcome']);
  const coercions = counter('coercion_total', 'Fields that a product stored differently from what was written.', [
    'profile',
    'field',
  ]);
  const overwrites = counter('overwrite_total', 'Edits that came between our read and our write.', ['profile', 'side']);
  const reloads = counter('profile_reload_total', 'Reloads of the profiles.');
  const sweepMarks = counter('sweep_found_total', 'Changes that a sweep found before any webhook told.', [
    'profile',
    'side',
  ]);
  const collectFailures = counter('metrics_collect_failed_total', 'Scrapes in which the state could not be read.');
  const reloadFailed = gauge('profile_reload_failed', '1 while the profiles on disk are refused and older ones run.');
  const links = gauge('links', 'Stored pairs by state.', ['profile', 'state']);
  const dirty = gauge('dirty_rows', 'Records that wait to be looked at, by lane.', ['profile', 'lane']);
  const oldest = gauge('oldest_dirty_seconds', 'Age of the oldest waiting record in seconds; 0 when none waits.', [
    'profile',
  ]);
  const conflicts = gauge('conflicts_open', 'Conflicts that wait for a person.', ['profile']);
  const parked = gauge('parked_records', 'Records and fields set aside, by reason.', ['profile', 'kind']);
  const halted = gauge('profile_halted', '1 while the brake holds the profile.', ['profile']);
  const up = gauge('connection_up', '1 while the connection works, 0 while it is paused.', ['connection']);
  // Counted by the connections themselves, shown here as they stand.
  const usage = (name: string, help: string) => counter(name, help, ['connection']);
  const requests = usage('api_requests_total', 'Requests sent to the product since start.');
  const failures = usage('api_failures_total', 'Requests that failed since start.');
  const limited = usage('api_limited_total', 'Requests refused by a limit of the product since start.');

  let collect: (() => Promise<Snapshot>) | null = null;

  function show(snapshot: Snapshot): void {
    // Profiles and kinds come and go: what is not in the snapshot must not linger.
    for (const family of [links, dirty, oldest, conflicts, parked, halted, up, requests, failures, limited]) {
      family.reset();
    }
    for (const one of snapshot.profiles) {
      const { profile } = one;
      for (const [state, count] of Object.entries(one.links)) links.set({ profile, state }, count);
      for (const [lane, count] of Object.entries(one.dirty)) dirty.set({ profile, lane }, count);
      for (const [kind, count] of Object.entries(one.parkedByKind)) parked.set({ profile, kind }, count);
      oldest.set({ profile }, (one.oldestDirtyMs ?? 0) / 1000);
      conflicts.set({ profile }, one.openConflicts);
      halted.set({ profile }, one.halted ? 1 : 0);
    }
    for (const one of snapshot.connections) {
      const { connection } = one;
      up.set({ connection }, one.up ? 1 : 0);
      requests.inc({ connection }, one.requests);
      failures.inc({ connection }, one.failures);
      limited.inc({ connection }, one.limited);
    }
  }

  async function refresh(): Promise<void> {
    if (!collect) return;
    try {
      show(await collect());
    } catch {
      collectFailures.inc();
    }
  }

  return {
    webhookReceived(connection, verdict) {
      received.inc({ connection, verdict });
      if (verdict === 'duplicate') duplicates.inc();
    },
    hints: (cause, count) => hints.inc({ cause }, count),
    syncRun: (profile, outcome) => runs.inc({ profile, outcome }),
    coercion: (profile, field) => coercions.inc({ profile, field }),
    overwrite: (profile, side) => overwrites.inc({ profile, side }),
    profileReload(failed) {
      reloads.inc();
      reloadFailed.set(failed ? 1 : 0);
    },
    sweep: (profile, side, marked) => sweepMarks.inc({ profile, side }, marked),
    collectWith(next) {
      collect = next;
    },
    async text() {
      await refresh();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
