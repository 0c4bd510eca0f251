// Metrics in which every family has been raised or shown at least once, with every label it can have.
import { createMetrics, type Metrics } from '../../src/triggers/metrics.ts';
import { connectionFigures, IDLE, NOW, profileFigures, snapshotWith } from './figure-samples.ts';

export function everyFigure(): Metrics {
  const metrics = createMetrics();
  const profile = 'buying';
  metrics.webhookReceived('jira', 'duplicate', 100);
  metrics.hints('webhook', 1);
  metrics.registration('jira', 'kept');
  metrics.profileReload(false);
  metrics.synced(profile, 'written');
  metrics.echo(profile);
  metrics.wrote(profile, 100);
  metrics.coercion(profile, 'amount');
  metrics.truncated(profile, 'title');
  metrics.overwritten(profile, 'crm');
  metrics.conflictSettled(profile, 'jira');
  metrics.ambiguous(profile, 'unknown');
  metrics.copiedMark(profile);
  metrics.merged(profile, 'followed');
  metrics.givenUp(profile, 'unlink');
  metrics.lostRace(profile);
  metrics.found(profile, 'jira', 1);
  metrics.build('0.1.0', 'v26.0.0');
  metrics.watchProcess();
  const usage = {
    ...IDLE,
    errors: { timeout: 1 },
    anomalies: { 'empty-page': 1 },
    refreshes: { renewed: 1 },
    operating: { 'crm.item.update': 1 },
    skewMs: 0,
    indexLagMs: 0,
  };
  metrics.collectWith(async () =>
    snapshotWith({
      profiles: [profileFigures({ oldestMs: { live: 1, bulk: 1 }, sweepAgeMs: { changes: 1, all: 1 } })],
      connections: [connectionFigures({ usage })],
      at: NOW,
      leases: [{ connection: 'bitrix24', epoch: 3, held: true }],
      queue: { address: '127.0.0.1:6379/0', up: true, warnings: 0 },
    }),
  );
  return metrics;
}

/** Name of each sample (`x_bucket` for a histogram) -> the labels it was shown with. */
export function labelsIn(text: string): Map<string, Set<string>> {
  const shown = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, inner = ''] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const labels = shown.get(name) ?? new Set<string>();
    for (const [, label = ''] of inner.matchAll(/([a-z_]+)="/g)) labels.add(label);
    shown.set(name, labels);
  }
  return shown;
}
