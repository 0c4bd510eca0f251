// Snapshots as a scrape would take them.
import type { Usage } from '../../src/connectors/connector.ts';
import type { ConnectionFigures, ProfileFigures, Snapshot } from '../../src/triggers/snapshot.ts';

export const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);

export const IDLE: Usage = {
  requests: 0,
  writes: 0,
  failures: 0,
  limited: 0,
  heldUntil: null,
  waitedMs: { live: 0, bulk: 0 },
  waiting: { live: 0, bulk: 0 },
  errors: {},
  anomalies: {},
  refreshes: {},
  operating: {},
  skewMs: null,
  indexLagMs: null,
};

export function profileFigures(more: Partial<ProfileFigures> = {}): ProfileFigures {
  return {
    profile: 'buying',
    version: 'v1',
    links: { active: 120, waiting: 3, 'out-of-scope': 1, gone: 0, 'merged-away': 0 },
    unsettled: 0,
    dirty: { live: 2, bulk: 40 },
    oldestMs: { live: 12_500, bulk: null },
    retrying: 0,
    openConflicts: 4,
    parkedByKind: { coercion: 1, MappingError: 2 },
    matched: true,
    halted: false,
    paused: false,
    blind: false,
    rebuilt: false,
    sweepAgeMs: { changes: 90_000, all: null },
    marksTwice: 0,
    ...more,
  };
}

export function connectionFigures(more: Partial<ConnectionFigures> = {}): ConnectionFigures {
  return { connection: 'jira', state: 'up', listens: true, usage: IDLE, ...more };
}

export function snapshotWith(more: Partial<Snapshot> = {}): Snapshot {
  return {
    at: NOW,
    startedAt: NOW - 3_600_000,
    profiles: [profileFigures()],
    waits: false,
    problems: 0,
    connections: [connectionFigures()],
    leases: [],
    queue: null,
    state: { bytes: 4096, intents: { planned: 0, sent: 0, doubtful: 0 } },
    ...more,
  };
}
