// Single reads, many at once. In scope is asked of search, with the ids named for reconciliation so that index lag
// cannot hide them; what search does not show is read from the primary store, to tell "left the scope" from "gone".
import { RejectedError, UnavailableError } from '../../errors.ts';
import type { Lane, Scope, SourceRecord } from '../../model.ts';
import { type Coalescer, createCoalescer, type Outcome } from '../coalesce.ts';
import type { Ask } from '../connector.ts';
import { asWeLeftIt, valuesAtFirst } from './changelog.ts';
import type { Client, JiraCall } from './client.ts';
import { bulkFetchIssues, searchJql } from './jira-js.ts';
import { MARKER_PROPERTY } from './marker.ts';
import { toRecord, wireFields } from './records.ts';
import { jiraScope, scopeJql } from './scope.ts';
import { parseAnswer, type WireIssue, wireBulkFetch, wireSearchPage } from './wire.ts';

export type Reader = {
  /** Knows whether the record is in scope. */
  read(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null>;
  /** From the primary store, right after a write; scope is judged by project and type alone. */
  readDirect(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null>;
  /** The same of an issue that we just created, as we left it: whoever edits it before we look is not to pass for us. */
  readNew(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null>;
  /** Up to 100 keys from the primary store: the records of the scope's project and type, and how many issues there are. */
  readKeys(
    scope: Scope,
    keys: readonly string[],
    fields: readonly string[],
    ask: Ask,
  ): Promise<{ readonly records: readonly SourceRecord[]; readonly existing: number }>;
};

type Wanted = { readonly fields: readonly string[]; readonly expand: readonly string[] };

/** What a search says of an id: null is out of scope or gone, `gone` was looked up in the primary store already. */
type Hit = WireIssue | null | 'gone';

const SEARCH_BUDGET = 'POST search/jql';
const FETCH_BUDGET = 'POST issue/bulkfetch';
/** Atlassian's limits: ids of `reconcileIssues` in a search, ids of a bulkfetch. */
const MAX_SEARCHED = 50;
const MAX_FETCHED = 100;

export function createReader(client: Client, site: string): Reader {
  const searches = new Map<string, Coalescer<string, Hit>>();
  const fetches = new Map<string, Coalescer<string, WireIssue | null>>();

  function callOf(lane: Lane, budget: string, what: string): JiraCall {
    return { what, writes: false, budget, ask: { lane }, admitted: true };
  }

  /** Asks of one scope and one list of fields make one request; there are as many kinds of these as profiles. */
  function searchOf(jql: string, fields: readonly string[]): Coalescer<string, Hit> {
    const name = JSON.stringify([jql, fields]);
    const known = searches.get(name);
    if (known) return known;
    const fresh = createCoalescer<string, Hit>({
      maxBatch: () => MAX_SEARCHED,
      gatherAbove: { bulk: 1 },
      keyOf: (id) => id,
      slot: (lane) => client.gather(SEARCH_BUDGET, lane),
      send: async (ids, lane) => (await search(jql, ids, fields, lane)).map(found),
    });
    searches.set(name, fresh);
    return fresh;
  }

  function fetchOf(fields: readonly string[], expand: readonly string[]): Coalescer<string, WireIssue | null> {
    const name = JSON.stringify([fields, expand]);
    const known = fetches.get(name);
    if (known) return known;
    const fresh = createCoalescer<string, WireIssue | null>({
      maxBatch: () => MAX_FETCHED,
      gatherAbove: { bulk: 1 },
      keyOf: (id) => id,
      slot: (lane) => client.gather(FETCH_BUDGET, lane),
      send: (ids, lane) => fetch(ids, { fields, expand }, lane),
    });
    fetches.set(name, fresh);
    return fresh;
  }

  async function search(jql: string, ids: readonly string[], fields: readonly string[], lane: Lane): Promise<Hit[]> {
    const sorted = [...ids].sort((a, b) => Number(a) - Number(b));
    try {
      const data = await searchJql(client.api(callOf(lane, SEARCH_BUDGET, 'reading issues of the scope')), {
        jql: `${jql} AND id in (${sorted.join(', ')}) ORDER BY id ASC`,
        fields: [...fields],
        properties: [MARKER_PROPERTY],
        reconcileIssues: sorted.map(Number),
        maxResults: MAX_SEARCHED,
      });
      return inOrder(ids, parseAnswer(wireSearchPage, data, 'a search').issues);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      // Jira refuses a whole query that names an issue it does not know; those that exist are asked for again.
      const exist: string[] = [];
      for (const outcome of await fetch(ids, { fields: ['updated'], expand: [] }, lane, false)) {
        if (!outcome.ok) throw outcome.error;
        if (outcome.value) exist.push(outcome.value.id);
      }
      if (exist.length === ids.length) throw error;
      if (exist.length === 0) return ids.map(() => 'gone');
      await client.admit(SEARCH_BUDGET, lane);
      const again = await search(jql, exist, fields, lane);
      const hits = new Map(exist.map((id, at) => [id, again[at] ?? null]));
      return ids.map((id) => hits.get(id) ?? (hits.has(id) ? null : 'gone'));
    }
  }

  async function fetch(
    ids: readonly string[],
    { fields, expand }: Wanted,
    lane: Lane,
    admitted = true,
  ): Promise<Outcome<WireIssue | null>[]> {
    const call = { ...callOf(lane, FETCH_BUDGET, 'reading issues'), admitted };
    const data = await bulkFetchIssues(client.api(call), {
      issueIdsOrKeys: [...ids],
      fields: [...fields],
      ...(expand.length > 0 ? { expand: [...expand] } : {}),
      properties: [MARKER_PROPERTY],
    });
    const answer = parseAnswer(wireBulkFetch, data, 'a bulk fetch');
    // Unknown and hidden issues are simply missing; one that is named here could not be read just now.
    const failed = new Map((answer.issueErrors ?? []).map((error) => [error.id, error.errorMessage ?? '']));
    return inOrder(ids, answer.issues).map((issue, at) => {
      const reason = issue ? undefined : failed.get(ids[at] ?? '');
      if (reason === undefined) return found(issue);
      return { ok: false, error: unreadable(ids[at] ?? '', client.redact(reason)) };
    });
  }

  async function read(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null> {
    if (!isIssueId(id)) return null;
    const wanted = wireFields(fields);
    const issue = await searchOf(scopeJql(jiraScope(scope)), wanted)(id, ask);
    if (issue === 'gone') return null;
    if (issue) return toRecord(issue, { scope, fields, site, inScope: true });
    const outside = await fetchOf(wanted, [])(id, ask);
    return outside && toRecord(outside, { scope, fields, site, inScope: false });
  }

  async function readDirect(
    scope: Scope,
    id: string,
    fields: readonly string[],
    ask: Ask,
  ): Promise<SourceRecord | null> {
    if (!isIssueId(id)) return null;
    const issue = await fetchOf(wireFields(fields), [])(id, ask);
    return issue && toRecord(issue, { scope, fields, site });
  }

  async function readNew(scope: Scope, id: string, fields: readonly string[], ask: Ask): Promise<SourceRecord | null> {
    const issue = await fetchOf(wireFields(fields), ['changelog'])(id, ask);
    if (!issue) return null;
    const first = valuesAtFirst(issue.changelog?.histories ?? [], fields, jiraScope(scope).kinds);
    return asWeLeftIt(toRecord(issue, { scope, fields, site }), first);
  }

  async function readKeys(scope: Scope, keys: readonly string[], fields: readonly string[], ask: Ask) {
    const call = { ...callOf(ask.lane, FETCH_BUDGET, 'reading the newest issues'), ask, admitted: false };
    const data = await bulkFetchIssues(client.api(call), {
      issueIdsOrKeys: [...keys],
      fields: [...wireFields(fields)],
      properties: [MARKER_PROPERTY],
    });
    const { issues } = parseAnswer(wireBulkFetch, data, 'a bulk fetch');
    const records = issues.map((issue) => toRecord(issue, { scope, fields, site }));
    return { records: records.filter((record) => record.inScope), existing: issues.length };
  }

  return { read, readDirect, readNew, readKeys };
}

/** Ids go into JQL and paths, and a stored one might come from anywhere. */
export function isIssueId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
}

function unreadable(id: string, reason: string): UnavailableError {
  return new UnavailableError(`Jira could not read issue ${id} just now: ${reason}`, 'It is tried again by itself.', {
    ambiguous: false,
  });
}

function found<Found>(value: Found): Outcome<Found> {
  return { ok: true, value };
}

function inOrder(ids: readonly string[], issues: readonly WireIssue[]): (WireIssue | null)[] {
  const byId = new Map(issues.map((issue) => [issue.id, issue]));
  return ids.map((id) => byId.get(id) ?? null);
}
