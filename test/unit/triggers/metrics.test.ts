import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/triggers/metrics.ts';
import type { Snapshot } from '../../../src/triggers/snapshot.ts';
import { connectionFigures, IDLE, NOW, profileFigures, snapshotWith } from '../../support/figure-samples.ts';

async function shown(snapshot: Snapshot): Promise<string[]> {
  const metrics = createMetrics();
  metrics.collectWith(async () => snapshot);
  return (await metrics.text()).split('\n');
}

describe('the metrics', () => {
  it('ask for the state at every scrape', async () => {
    const metrics = createMetrics();
    let asked = 0;
    metrics.collectWith(async () => {
      asked += 1;
      return snapshotWith({ connections: [connectionFigures({ usage: { ...IDLE, requests: 900, writes: 200 } })] });
    });
    await metrics.text();
    const lines = (await metrics.text()).split('\n');
    expect(asked).toBe(2);
    // As it stands, not added up from scrape to scrape.
    expect(lines).toContain('api_requests_total{connection="jira",method_class="read"} 700');
    expect(lines).toContain('api_requests_total{connection="jira",method_class="write"} 200');
  });

  it('show what waits, since when, and why', async () => {
    const held = { halted: true, paused: true, blind: true, rebuilt: true, matched: false, unsettled: 7, retrying: 3 };
    const lines = await shown(
      snapshotWith({
        profiles: [profileFigures({ ...held, marksTwice: 2 })],
        waits: true,
        problems: 5,
        state: { bytes: 8192, intents: { planned: 1, sent: 2, doubtful: 3 } },
      }),
    );
    for (const line of [
      'links{profile="buying",state="waiting"} 3',
      'links_unsettled{profile="buying"} 7',
      'dirty_rows{profile="buying",lane="bulk"} 40',
      'oldest_dirty_seconds{profile="buying",lane="live"} 12.5',
      'oldest_dirty_seconds{profile="buying",lane="bulk"} 0',
      'retrying_rows{profile="buying"} 3',
      'sweep_age_seconds{profile="buying",pass="changes"} 90',
      'conflicts_open{profile="buying"} 4',
      'parked_records{profile="buying",kind="coercion"} 1',
      'marks_twice{profile="buying"} 2',
      'profile_halted{profile="buying"} 1',
      'profile_paused{profile="buying"} 1',
      'profile_blind{profile="buying"} 1',
      'profile_matched{profile="buying"} 0',
      'state_rebuilt{profile="buying"} 1',
      'config_version{profile="buying",version="v1"} 1',
      'profiles_waiting 1',
      'profile_problems 5',
      'intents{state="doubtful"} 3',
      'state_bytes 8192',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.filter((line) => line.startsWith('sweep_age_seconds{')).length).toBe(1);
  });

  it('show what a connection says of itself', async () => {
    const usage = {
      ...IDLE,
      failures: 3,
      limited: 1,
      heldUntil: NOW + 4_000,
      waitedMs: { live: 1_500, bulk: 90_000 },
      waiting: { live: 1, bulk: 20 },
      errors: { timeout: 2 },
      anomalies: { 'empty-page': 1 },
      refreshes: { renewed: 4 },
      operating: { 'crm.item.update': 301.5 },
      skewMs: -2_000,
      indexLagMs: 45_000,
    };
    const lines = await shown(snapshotWith({ connections: [connectionFigures({ state: 'refused', usage })] }));
    for (const line of [
      'connection_up{connection="jira"} 0',
      'connection_state{connection="jira",state="up"} 0',
      'connection_state{connection="jira",state="refused"} 1',
      'connection_state{connection="jira",state="unanswered"} 0',
      'api_failures_total{connection="jira"} 3',
      'api_limited_total{connection="jira"} 1',
      'limiter_held_seconds{connection="jira"} 4',
      'limiter_wait_seconds_total{connection="jira",lane="bulk"} 90',
      'limiter_waiting{connection="jira",lane="bulk"} 20',
      'remote_error_total{connection="jira",kind="timeout"} 2',
      'page_anomaly_total{connection="jira",kind="empty-page"} 1',
      'token_refresh_total{connection="jira",outcome="renewed"} 4',
      'operating_seconds{connection="jira",method="crm.item.update"} 301.5',
      'clock_skew_seconds{connection="jira"} -2',
      'index_lag_seconds{connection="jira"} 45',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('show who works for what, and whether Redis carries the bells', async () => {
    const alone = await shown(snapshotWith());
    expect(alone.filter((line) => /^(redis|lease|engine)_/.test(line))).toEqual([]);
    const lines = await shown(
      snapshotWith({
        leases: [
          { connection: 'bitrix24', epoch: 4, held: true },
          { connection: 'portal', epoch: 0, held: false },
        ],
        queue: { address: 'redis.example:6379/0', up: false, warnings: 1 },
      }),
    );
    for (const line of [
      'engine_epoch{connection="bitrix24"} 4',
      'lease_held{connection="bitrix24"} 1',
      'lease_held{connection="portal"} 0',
      'redis_up{address="redis.example:6379/0"} 0',
      'redis_warnings{address="redis.example:6379/0"} 1',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('count the silence of a product from what it told last, or from the start', async () => {
    const metrics = createMetrics();
    const deaf = connectionFigures({ connection: 'deaf', listens: false });
    metrics.collectWith(async () => snapshotWith({ connections: [connectionFigures(), deaf] }));
    expect(await metrics.text()).toContain('hint_gap_seconds{connection="jira"} 3600');
    metrics.heard('jira', NOW - 10_000);
    metrics.heard('jira', NOW - 20_000);
    const text = await metrics.text();
    expect(text).toContain('hint_gap_seconds{connection="jira"} 10');
    expect(text).not.toContain('hint_gap_seconds{connection="deaf"}');
  });

  it('forget what is no longer there', async () => {
    const metrics = createMetrics();
    metrics.collectWith(async () => snapshotWith());
    expect(await metrics.text()).toContain('buying');
    metrics.collectWith(async () => snapshotWith({ profiles: [], connections: [] }));
    const text = await metrics.text();
    expect(text).not.toContain('buying');
    expect(text).not.toContain('"jira"');
  });

  it('answer all the same when the state cannot be read', async () => {
    const metrics = createMetrics();
    metrics.collectWith(async () => {
      throw new Error('locked');
    });
    metrics.profileReload(true);
    const text = await metrics.text();
    expect(text).toContain('metrics_collect_failed_total 1');
    expect(text).toContain('profile_reload_failed 1');
  });

  it('have a help text each, units in the names of times and sizes, and _total where they only grow', async () => {
    const metrics = createMetrics();
    const text = await metrics.text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)];
    expect(types.length).toBeGreaterThan(40);
    for (const [, name = '', type] of types) {
      const help = new RegExp(`^# HELP ${name} (.*)`, 'm').exec(text)?.[1] ?? '';
      expect(help, name).toMatch(/\S.{10,}\.$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (/in seconds/.test(help)) expect(name).toMatch(/_seconds(_total)?$/);
      if (/in bytes/.test(help)) expect(name).toMatch(/_bytes$/);
      expect(name).toMatch(/^[a-z][a-z_]*$/);
    }
  });

  it('measure from the hint to the write, and the size of deliveries', async () => {
    const metrics = createMetrics();
    metrics.wrote('buying', 1_400);
    metrics.wrote('buying', 61_000);
    metrics.webhookReceived('jira', 'duplicate', 1_500_000);
    const lines = (await metrics.text()).split('\n');
    expect(lines).toContain('webhook_to_write_seconds_bucket{le="2",profile="buying"} 1');
    expect(lines).toContain('webhook_to_write_seconds_bucket{le="60",profile="buying"} 1');
    expect(lines).toContain('webhook_to_write_seconds_count{profile="buying"} 2');
    expect(lines).toContain('webhook_bytes_bucket{le="1000000",connection="jira"} 0');
    expect(lines).toContain('webhook_duplicate_total{connection="jira"} 1');
  });

  it('keep a registry of their own', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.synced('buying', 'updated');
    one.found('buying', 'jira', 7);
    expect(await one.text()).toContain('sync_runs_total{profile="buying",outcome="updated"} 1');
    expect(await one.text()).toContain('sweep_found_total{profile="buying",side="jira"} 7');
    expect(await other.text()).not.toContain('buying');
  });

  it('tell of the process where a daemon asks for it', async () => {
    const metrics = createMetrics();
    expect(await metrics.text()).not.toContain('process_resident_memory_bytes');
    metrics.watchProcess();
    metrics.build('0.1.0', 'v26.0.0');
    const text = await metrics.text();
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.e-]+$/m);
    expect(text).toContain('build_info{version="0.1.0",node="v26.0.0"} 1');
  });
});
