import { describe, expect, it } from 'vitest';
import { createMetrics, type Snapshot } from '../../../src/triggers/metrics.ts';

const snapshot: Snapshot = {
  profiles: [
    {
      profile: 'buying',
      links: { active: 120, waiting: 3, 'out-of-scope': 1, gone: 0, 'merged-away': 0 },
      dirty: { live: 2, bulk: 40 },
      oldestDirtyMs: 12_500,
      openConflicts: 4,
      parkedByKind: { coercion: 1, MappingError: 2 },
      halted: true,
    },
  ],
  connections: [{ connection: 'jira', up: true, requests: 900, failures: 3, limited: 1 }],
};

describe('the metrics', () => {
  it('ask for the state at every scrape', async () => {
    const metrics = createMetrics();
    let asked = 0;
    metrics.collectWith(async () => {
      asked += 1;
      return snapshot;
    });
    const text = await metrics.text();
    for (const line of [
      'links{profile="buying",state="waiting"} 3',
      'dirty_rows{profile="buying",lane="bulk"} 40',
      'oldest_dirty_seconds{profile="buying"} 12.5',
      'conflicts_open{profile="buying"} 4',
      'parked_records{profile="buying",kind="coercion"} 1',
      'profile_halted{profile="buying"} 1',
      'connection_up{connection="jira"} 1',
      'api_requests_total{connection="jira"} 900',
      'api_limited_total{connection="jira"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    await metrics.text();
    expect(asked).toBe(2);
    expect(await metrics.text()).toContain('api_requests_total{connection="jira"} 900');
  });
  it('forget what is no longer there', async () => {
    const metrics = createMetrics();
    metrics.collectWith(async () => snapshot);
    await metrics.text();
    metrics.collectWith(async () => ({ profiles: [], connections: [] }));
    expect(await metrics.text()).not.toContain('buying');
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
  it('have a help text each, and units in the names of times', async () => {
    const text = await createMetrics().text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.{10,}`, 'm'));
    expect(names.filter((name) => name?.includes('oldest'))).toEqual(['oldest_dirty_seconds']);
  });
  it('keep a registry of their own', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.syncRun('buying', 'updated');
    one.coercion('buying', 'amount');
    one.overwrite('buying', 'crm');
    one.sweep('buying', 'jira', 7);
    expect(await one.text()).toContain('sync_runs_total{profile="buying",outcome="updated"} 1');
    expect(await one.text()).toContain('sweep_found_total{profile="buying",side="jira"} 7');
    expect(await other.text()).not.toContain('buying');
  });
});
