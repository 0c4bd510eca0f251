// What the connections say of themselves: whether they work, what they sent, how much of the products' limits that took,
// and what was odd about the answers. Counted by the connectors, shown here as it stands.
import type { Figures } from './registry.ts';
import { CONNECTION_STATES, type ConnectionFigures, type Snapshot } from './snapshot.ts';

export type ConnectionMetrics = {
  heard(connection: string, at: number): void;
  show(snapshot: Snapshot): void;
};

export function createConnectionMetrics({ counter, gauge }: Figures): ConnectionMetrics {
  const up = gauge('connection_up', '1 while the connection works, 0 while it is paused.', ['connection']);
  const states = gauge('connection_state', '1 for the state a connection is in: up, refused or unanswered.', [
    'connection',
    'state',
  ]);
  const gap = gauge('hint_gap_seconds', 'Time since the product last told of a change, in seconds.', ['connection']);
  const requests = counter('api_requests_total', 'Requests sent to the product since the start.', [
    'connection',
    'method_class',
  ]);
  const failures = counter('api_failures_total', 'Requests that failed since the start.', ['connection']);
  const errors = counter('remote_error_total', 'Answers that were none, or no good, by kind.', ['connection', 'kind']);
  const limited = counter('api_limited_total', 'Requests refused by a limit of the product since the start.', [
    'connection',
  ]);
  const waited = counter('limiter_wait_seconds_total', 'Time that requests waited at our own pace, in seconds.', [
    'connection',
    'lane',
  ]);
  const waiting = gauge('limiter_waiting', 'Requests that wait at our own pace now.', ['connection', 'lane']);
  const held = gauge('limiter_held_seconds', 'How long the product asked us to hold off from now, in seconds.', [
    'connection',
  ]);
  const operating = gauge(
    'operating_seconds',
    'Operating time of the last ten minutes that Bitrix24 counts for a method, in seconds; it allows 480.',
    ['connection', 'method'],
  );
  const refreshes = counter('token_refresh_total', 'Renewals of tokens by outcome.', ['connection', 'outcome']);
  const anomalies = counter('page_anomaly_total', 'Pages of a list that could not be right, by kind.', [
    'connection',
    'kind',
  ]);
  const skew = gauge('clock_skew_seconds', "The product's clock minus ours, in seconds.", ['connection']);
  const lag = gauge(
    'index_lag_seconds',
    'Age of the oldest change we know of that the last sweep did not show yet, in seconds; 0 when it showed all.',
    ['connection'],
  );
  const families = [
    up,
    states,
    gap,
    requests,
    failures,
    errors,
    limited,
    waited,
    waiting,
    held,
    operating,
    refreshes,
    anomalies,
    skew,
    lag,
  ];
  const lastHeard = new Map<string, number>();
  let firstShown: number | null = null;

  function showConnection(one: ConnectionFigures, snapshot: Snapshot): void {
    const { connection, usage } = one;
    up.set({ connection }, one.state === 'up' ? 1 : 0);
    for (const state of CONNECTION_STATES) states.set({ connection, state }, one.state === state ? 1 : 0);
    const since = lastHeard.get(connection) ?? snapshot.startedAt ?? firstShown ?? snapshot.at;
    if (one.listens) gap.set({ connection }, Math.max(0, snapshot.at - since) / 1000);
    requests.inc({ connection, method_class: 'read' }, usage.requests - usage.writes);
    requests.inc({ connection, method_class: 'write' }, usage.writes);
    failures.inc({ connection }, usage.failures);
    limited.inc({ connection }, usage.limited);
    for (const [kind, count] of Object.entries(usage.errors)) errors.inc({ connection, kind }, count);
    for (const [lane, ms] of Object.entries(usage.waitedMs)) waited.inc({ connection, lane }, ms / 1000);
    for (const [lane, count] of Object.entries(usage.waiting)) waiting.set({ connection, lane }, count);
    held.set({ connection }, Math.max(0, (usage.heldUntil ?? 0) - snapshot.at) / 1000);
    for (const [method, seconds] of Object.entries(usage.operating)) operating.set({ connection, method }, seconds);
    for (const [outcome, count] of Object.entries(usage.refreshes)) refreshes.inc({ connection, outcome }, count);
    for (const [kind, count] of Object.entries(usage.anomalies)) anomalies.inc({ connection, kind }, count);
    if (usage.skewMs !== null) skew.set({ connection }, usage.skewMs / 1000);
    if (usage.indexLagMs !== null) lag.set({ connection }, usage.indexLagMs / 1000);
  }

  return {
    heard(connection, at) {
      lastHeard.set(connection, Math.max(at, lastHeard.get(connection) ?? 0));
    },
    show(snapshot) {
      firstShown ??= snapshot.at;
      for (const family of families) family.reset();
      for (const one of snapshot.connections) showConnection(one, snapshot);
    },
  };
}
