// A daemon that dies at its start is started again by somebody else. What we hand out for that waits in between, so that
// the few requests of a start (test/security/availability.test.ts) never become many.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EXIT } from '../../src/cli/output.ts';

/** Keys of a unit by section; a key may stand more than once. */
function unitOf(file: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  let section = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) keys.set(`${section}.${key}`, [...(keys.get(`${section}.${key}`) ?? []), value]);
  }
  return keys;
}

const unit = unitOf('ops/jira-crm-sync.service');
const only = (key: string) => {
  const values = unit.get(key) ?? [];
  expect(values, key).toHaveLength(1);
  return values[0] ?? '';
};

test('systemd waits before each start, longer and longer, and never gives up', () => {
  expect(only('Service.Restart')).toBe('on-failure');
  expect(Number(only('Service.RestartSec'))).toBeGreaterThanOrEqual(5);
  expect(Number(only('Service.RestartMaxDelaySec'))).toBeGreaterThan(Number(only('Service.RestartSec')));
  expect(Number(only('Service.RestartSteps'))).toBeGreaterThan(1);
  expect(only('Unit.StartLimitIntervalSec')).toBe('0');
});

test('systemd does not try again what a person has to mend first', () => {
  expect(only('Service.RestartPreventExitStatus').split(' ').map(Number)).toEqual([EXIT.usage, EXIT.config]);
});

test('systemd gives time to end, and no more rights than needed', () => {
  expect(Number(only('Service.TimeoutStopSec'))).toBeGreaterThanOrEqual(30);
  expect(only('Service.DynamicUser')).toBe('yes');
  expect(only('Service.CapabilityBoundingSet')).toBe('');
  expect(only('Service.NoNewPrivileges')).toBe('yes');
  expect(only('Service.ProtectSystem')).toBe('strict');
  expect(only('Service.WorkingDirectory')).toBe(`/var/lib/${only('Service.StateDirectory')}`);
  // What it compiles at run time needs pages that are written and then run.
  expect(unit.has('Service.MemoryDenyWriteExecute')).toBe(false);
});

test('containers are started by a policy whose wait doubles up to a minute', () => {
  const { services } = parse(readFileSync('compose.yaml', 'utf8')) as {
    services: Record<string, { restart?: string; deploy?: { restart_policy?: unknown } }>;
  };
  for (const [name, { restart, deploy }] of Object.entries(services)) {
    expect([name, restart]).toEqual([name, 'unless-stopped']);
    // A policy of `deploy` would take its place, with a wait that stays the same.
    expect(deploy?.restart_policy).toBeUndefined();
  }
});
