import { SIDES, type Side } from '../model.ts';
import type { Database } from './database.ts';
import type { LinkState, ProfileCounts } from './store.ts';

export function counts(db: Database, profile: string): ProfileCounts {
  const links: Record<LinkState, number> = { active: 0, waiting: 0, 'out-of-scope': 0, gone: 0, 'merged-away': 0 };
  const byState = 'SELECT state, count(*) AS n FROM link WHERE profile = ? AND ended_at IS NULL GROUP BY state';
  for (const { state, n } of db.all<{ state: LinkState; n: number }>(byState, profile)) links[state] = n;

  const dirty = db.get<{ live: number; bulk: number; oldest: number | null; retrying: number }>(
    `SELECT count(*) FILTER (WHERE lane = 0) AS live, count(*) FILTER (WHERE lane = 1) AS bulk,
       min(since) AS oldest, count(*) FILTER (WHERE attempts > 0) AS retrying FROM dirty WHERE profile = ?`,
    profile,
  );
  const open = db.get<{ n: number; linked: number }>(
    `SELECT count(*) AS n, count(DISTINCT link_id) AS linked FROM conflict WHERE profile = ? AND status = 'open'`,
    profile,
  );
  const byKind = 'SELECT kind, count(*) AS n FROM parked WHERE profile = ? GROUP BY kind ORDER BY kind';
  const parked = db.all<{ kind: string; n: number }>(byKind, profile);

  const seenUnlinked: Record<Side, number> = { jira: 0, crm: 0 };
  for (const side of SIDES) {
    const sql = 'SELECT count(*) AS n FROM seen WHERE profile = ? AND side = ? AND linked = 0';
    seenUnlinked[side] = db.get<{ n: number }>(sql, profile, side)?.n ?? 0;
  }
  return {
    links,
    dirty: { live: dirty?.live ?? 0, bulk: dirty?.bulk ?? 0 },
    oldestDirty: dirty?.oldest ?? null,
    retrying: dirty?.retrying ?? 0,
    openConflicts: open?.n ?? 0,
    conflictedLinks: open?.linked ?? 0,
    parkedByKind: Object.fromEntries(parked.map(({ kind, n }) => [kind, n])),
    seenUnlinked,
  };
}
