import { afterEach, expect, it, vi } from 'vitest';
import { printStatus } from '../../../src/cli/status.ts';
import type { ProfileStatus, Status } from '../../../src/work/status.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

afterEach(() => vi.restoreAllMocks());

function profile(more: Partial<ProfileStatus> = {}, counts: Partial<ProfileStatus['counts']> = {}): ProfileStatus {
  return {
    name: 'buying',
    version: 'v1',
    file: 'profiles/buying.yaml',
    matched: true,
    halted: null,
    paused: null,
    lostSight: null,
    counts: {
      links: { active: 120, waiting: 0, 'out-of-scope': 0, gone: 0, 'merged-away': 0 },
      unsettled: 0,
      dirty: { live: 0, bulk: 0 },
      oldestDirty: null,
      oldest: { live: null, bulk: null },
      retrying: 0,
      openConflicts: 0,
      conflictedLinks: 0,
      parkedByKind: {},
      seenUnlinked: { jira: 0, crm: 0 },
      ...counts,
    },
    waits: [],
    lastSweep: null,
    lastAudit: null,
    ...more,
  };
}

function printed(one: ProfileStatus, more: Partial<Status> = {}): string {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
  const nothing = { engine: null, problems: [], waitsFor: null, connections: {}, processes: [], free: [], queue: null };
  const status = { ...nothing, profiles: [one], ...more };
  printStatus({ running: true, ...status }, NOW);
  vi.restoreAllMocks();
  return written.join('').replaceAll(/ +/g, ' ');
}

it('shows edits and bulk work apart, each with the age of its oldest', () => {
  const oldest = { live: NOW - 40_000, bulk: NOW - 3 * 60 * MINUTE };
  expect(printed(profile({}, { dirty: { live: 2, bulk: 40 }, oldest }))).toContain('120 2 (since 40 s) 40 (since 3 h)');
  expect(printed(profile())).toContain('120 0 0');
});

it('tells what records wait for, how many, and when they are tried next', () => {
  const waits = [
    { reason: 'The connection jira is paused: no answer\u001b[2J', count: 20, due: NOW + 40_000 },
    { reason: 'held back: this resync may write no more', count: 1, due: NOW + 3_650 * DAY },
    { reason: 'it moved while we wrote', count: 2, due: NOW - 1 },
  ];
  const text = printed(profile({ waits }));
  expect(text).toContain('buying: 20 records wait: The connection jira is paused: no answer[2J (next in 40 s).');
  expect(text).toContain('1 record waits: held back: this resync may write no more (next when somebody asks for it).');
  expect(text).toContain('2 records wait: it moved while we wrote (due now).');
});

it('names the command that a person has to run next, and none where nothing is to be done', () => {
  expect(printed(profile({}, { openConflicts: 3 }))).toContain('jira-crm-sync conflicts list');
  expect(printed(profile({}, { parkedByKind: { coercion: 1 } }))).toContain('jira-crm-sync parked list buying');
  const quiet = printed(profile({}, { parkedByKind: { waiting: 5 } }));
  expect(quiet).not.toContain('parked list');
  expect(quiet).not.toContain('conflicts list');
});

it('counts from the last sweep that ended well, not from the last that was tried', () => {
  const sweep = { allAt: null, seen: 0, marked: 0, problem: 'no right to search' };
  const text = printed(profile({ lastSweep: { ...sweep, changesAt: NOW - MINUTE, endedAt: NOW - 5 * 60 * MINUTE } }));
  expect(text).toContain('5 h ago');
  expect(text).toContain('The last sweep of buying failed: no right to search');
});
