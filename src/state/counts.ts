import { SIDES, type Side } from '../model.ts';
import type { LinkState, OpenIntents, ProfileCounts, WaitReason } from './figures.ts';
import { all, get, type Sql } from './sql.ts';

export function* counts(profile: string): Sql<ProfileCounts> {
  const links: Record<LinkState, number> = { active: 0, waiting: 0, 'out-of-scope': 0, gone: 0, 'merged-away': 0 };
  let unsettled = 0;
  const byState = `SELECT state, count(*) AS n, count(reason) AS why FROM link
    WHERE profile = ? AND ended_at IS NULL GROUP BY state`;
  for (const { state, n, why } of yield* all<{ state: LinkState; n: number; why: number }>(byState, profile)) {
    links[state] = n;
    if (state === 'active') unsettled = why;
  }

  type Dirty = { live: number; bulk: number; live_since: number | null; bulk_since: number | null; retrying: number };
  const dirty = yield* get<Dirty>(
    `SELECT count(*) FILTER (WHERE lane = 0) AS live, count(*) FILTER (WHERE lane = 1) AS bulk,
       min(since) FILTER (WHERE lane = 0) AS live_since, min(since) FILTER (WHERE lane = 1) AS bulk_since,
       count(*) FILTER (WHERE attempts > 0) AS retrying FROM dirty WHERE profile = ?`,
    profile,
  );
  const oldest = { live: dirty?.live_since ?? null, bulk: dirty?.bulk_since ?? null };
  const open = yield* get<{ n: number; linked: number }>(
    `SELECT count(*) AS n, count(DISTINCT link_id) AS linked FROM conflict WHERE profile = ? AND status = 'open'`,
    profile,
  );
  const byKind = 'SELECT kind, count(*) AS n FROM parked WHERE profile = ? GROUP BY kind ORDER BY kind';
  const parked = yield* all<{ kind: string; n: number }>(byKind, profile);

  const seenUnlinked: Record<Side, number> = { jira: 0, crm: 0 };
  for (const side of SIDES) {
    const sql = 'SELECT count(*) AS n FROM seen WHERE profile = ? AND side = ? AND linked = 0';
    seenUnlinked[side] = (yield* get<{ n: number }>(sql, profile, side))?.n ?? 0;
  }
  return {
    links,
    unsettled,
    dirty: { live: dirty?.live ?? 0, bulk: dirty?.bulk ?? 0 },
    oldestDirty: earlier(oldest.live, oldest.bulk),
    oldest,
    retrying: dirty?.retrying ?? 0,
    openConflicts: open?.n ?? 0,
    conflictedLinks: open?.linked ?? 0,
    parkedByKind: Object.fromEntries(parked.map(({ kind, n }) => [kind, n])),
    seenUnlinked,
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

export function* whatWaits(profile: string, now: number, limit: number): Sql<readonly WaitReason[]> {
  return yield* all<WaitReason>(
    `SELECT reason, count(*) AS count, min(due) AS due FROM dirty
       WHERE profile = ? AND reason IS NOT NULL AND due > ? GROUP BY reason ORDER BY count(*) DESC, reason LIMIT ?`,
    profile,
    now,
    limit,
  );
}

export function* openIntents(): Sql<OpenIntents> {
  const intents: Record<keyof OpenIntents, number> = { planned: 0, sent: 0, doubtful: 0 };
  // By the index: of the many that are done not one is looked at.
  const open = `SELECT state, count(*) AS n FROM intent WHERE state IN ('planned', 'sent', 'doubtful') GROUP BY state`;
  for (const { state, n } of yield* all<{ state: keyof OpenIntents; n: number }>(open)) intents[state] = n;
  return intents;
}
