// The search index lags: it shows an issue as it was some time ago, or not yet at all (Jira docs: search and reconcile).

import { type CompiledJql, compileJql } from './jql/compile.ts';
import { canSee, type Issue, type IssueData, type Person, type World } from './world.ts';

/** What the index holds of an issue; null when the issue has not reached it. */
export function indexed(world: World, issue: Issue, reconciled: ReadonlySet<string>): IssueData | null {
  if (reconciled.has(issue.id)) return issue.data;
  const { indexLagOf, indexLagMs } = world.settings;
  const lag = indexLagOf[issue.id] ?? indexLagOf[issue.data.key] ?? indexLagMs;
  const horizon = world.clock.now() - lag;
  // A touch may carry an `updated` a few ms ahead of the clock; that must not hold it back longer than the lag.
  return issue.revisions.findLast((data) => data.updated <= horizon) ?? null;
}

export type Hit = { readonly issue: Issue; readonly data: IssueData };

/** All issues that the caller sees, as the index has them. */
export function indexedIssues(world: World, caller: Person | null, reconcile: readonly string[]): Hit[] {
  const reconciled = new Set(reconcile);
  const hits: Hit[] = [];
  for (const issue of world.issues.values()) {
    if (!canSee(world, caller, issue.data)) continue;
    const data = indexed(world, issue, reconciled);
    if (data) hits.push({ issue, data });
  }
  return hits;
}

/**
 * Those that match, in the query's order, beginning after one: at most `limit`, and what the query allows to leave out is
 * not looked at, so that a page of a million issues costs no more than one of a hundred.
 */
export function searchIndex(
  world: World,
  caller: Person | null,
  query: CompiledJql,
  ask: { readonly reconcile: readonly string[]; readonly after: IssueData | null; readonly limit: number },
): Hit[] {
  const { after, limit } = ask;
  const reconciled = new Set(ask.reconcile);
  const ordered = query.byId && query.within === null;
  const hits: Hit[] = [];
  for (const issue of candidates(world, query, ordered ? after : null)) {
    if (!canSee(world, caller, issue.data)) continue;
    const data = indexed(world, issue, reconciled);
    if (data === null || !query.test(data)) continue;
    if (after !== null && query.compare(data, after) <= 0) continue;
    hits.push({ issue, data });
    if (ordered && hits.length >= limit) return hits;
  }
  return hits.sort((a, b) => query.compare(a.data, b.data)).slice(0, limit);
}

function* candidates(world: World, query: CompiledJql, after: IssueData | null): Iterable<Issue> {
  if (query.within === null && after === null) {
    // Issues were put in by ascending ids, and a map keeps that order.
    yield* world.issues.values();
    return;
  }
  if (query.within !== null) {
    for (const id of query.within) {
      const issue = world.issues.get(id);
      if (issue) yield issue;
    }
    return;
  }
  const last = world.lastIssue();
  for (let id = Number(after?.id) + 1; id <= last; id += 1) {
    const issue = world.issues.get(String(id));
    if (issue) yield issue;
  }
}

/** The JQL filter of a webhook, tested on the state after the change; a broken filter lets nothing through. */
export function matchesFilter(world: World, filter: string, data: IssueData): boolean {
  if (filter.trim() === '') return true;
  const query = compileJql(world, world.syncAccount, filter);
  return query.errors.length === 0 && query.unknown.length === 0 && query.test(data);
}
