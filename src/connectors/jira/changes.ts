// Sweeps: what changed since a cursor, and all of the scope. Both page by token, which has been seen to repeat and to
// come with an empty page; a sweep that ends there keeps its cursor back, a full pass that ends there fails.
import { BadResponseError, RejectedError } from '../../errors.ts';
import type { Scope, SourceRecord } from '../../model.ts';
import type { Ask, ChangePage } from '../connector.ts';
import type { Tally } from '../tally.ts';
import type { Client } from './client.ts';
import { cursorText, parseCursor } from './cursor.ts';
import { searchJql } from './jira-js.ts';
import { MARKER_PROPERTY } from './marker.ts';
import { toRecord, wireFields } from './records.ts';
import { jiraScope, scopeJql } from './scope.ts';
import { parseAnswer, type WireIssue, wireSearchPage } from './wire.ts';

const BUDGET = 'POST search/jql';
/** Asked for; the site serves what it likes (100 where whole records are wanted). */
const PAGE = 1000;

export type Sweeper = {
  changes(scope: Scope, cursor: string | null, fields: readonly string[], ask: Ask): AsyncIterable<ChangePage>;
};

export type SweepOptions = {
  readonly client: Client;
  readonly site: string;
  /** How far a cursor stays behind the server's clock. */
  readonly overlapMs: number;
  /** The server's time where an answer has no Date header. */
  readonly serverTime: (ask: Ask) => Promise<number>;
  readonly tally: Tally;
};

type Page = {
  readonly issues: readonly WireIssue[];
  /** Null on the last page. */
  readonly next: string | null;
  /** The site would go on for ever. */
  readonly stuck: boolean;
  readonly serverTime: number;
};

export function createSweeper({ client, site, overlapMs, serverTime, tally }: SweepOptions): Sweeper {
  const noteOdd = (repeats: boolean) => tally.anomaly(repeats ? 'repeated-token' : 'empty-page');

  async function* pages(
    jql: string,
    fields: readonly string[],
    start: string | null,
    ask: Ask,
  ): AsyncGenerator<Page, void> {
    const seen = new Set<string>();
    for (let token = start; ; ) {
      let date: string | undefined;
      const api = client.api({
        what: 'sweeping the scope',
        writes: false,
        budget: BUDGET,
        ask,
        onAnswer: (response) => {
          date = response.headers.date;
        },
      });
      const data = await searchJql(api, {
        jql,
        fields: wireFields(fields),
        properties: [MARKER_PROPERTY],
        maxResults: PAGE,
        ...(token === null ? {} : { nextPageToken: token }),
      });
      const answer = parseAnswer(wireSearchPage, data, 'a sweep');
      const next = answer.isLast ? null : answer.nextPageToken || null;
      const stuck = next !== null && (seen.has(next) || answer.issues.length === 0);
      if (stuck) noteOdd(answer.issues.length > 0);
      const told = Date.parse(date ?? '');
      yield { issues: answer.issues, next, stuck, serverTime: Number.isNaN(told) ? await serverTime(ask) : told };
      if (next === null || stuck) return;
      seen.add(next);
      token = next;
    }
  }

  /** In the order of change, so that every page moves the cursor: a sweep that breaks off goes on where it was. */
  async function* since(
    scope: Scope,
    from: number,
    fields: readonly string[],
    ask: Ask,
  ): AsyncGenerator<ChangePage, void> {
    const jql = `${scopeJql(jiraScope(scope))} AND updated >= ${from} ORDER BY updated ASC, id ASC`;
    let ceiling: number | null = null;
    for await (const page of pages(jql, fields, null, ask)) {
      // The clock of the first page: what changes while later ones are read belongs to the next sweep.
      ceiling ??= page.serverTime - overlapMs;
      const records = page.issues.map((issue) => toRecord(issue, { scope, fields, site, inScope: true }));
      const reached = page.next === null ? ceiling : Math.min(ceiling, lastChange(records) - overlapMs);
      const cursor = cursorText({ kind: 'since', since: Math.max(from, reached) });
      yield { records, cursor, end: page.next === null || page.stuck };
    }
  }

  /** All of the scope in the order of ids; the token in the cursor lets a later process go on within a week. */
  async function* all(
    scope: Scope,
    resume: { readonly since: number; readonly token: string } | null,
    fields: readonly string[],
    ask: Ask,
  ): AsyncGenerator<ChangePage, void> {
    const jql = `${scopeJql(jiraScope(scope))} ORDER BY id ASC`;
    let next = resume?.since ?? null;
    for await (const page of pages(jql, fields, resume?.token ?? null, ask)) {
      next ??= page.serverTime - overlapMs;
      if (page.stuck) throw endless();
      const records = page.issues.map((issue) => toRecord(issue, { scope, fields, site, inScope: true }));
      const cursor =
        page.next === null
          ? cursorText({ kind: 'since', since: next })
          : cursorText({ kind: 'all', since: next, token: page.next });
      yield { records, cursor, end: page.next === null };
    }
  }

  async function* changes(
    scope: Scope,
    stored: string | null,
    fields: readonly string[],
    ask: Ask,
  ): AsyncGenerator<ChangePage, void> {
    const cursor = parseCursor(stored);
    if (cursor?.kind === 'since') return yield* since(scope, cursor.since, fields, ask);
    if (cursor?.kind !== 'all') return yield* all(scope, null, fields, ask);
    let begun = false;
    try {
      for await (const page of all(scope, cursor, fields, ask)) {
        begun = true;
        yield page;
      }
    } catch (error) {
      // The token was spent by a process that died before it stored its page, or is a week old: begin again.
      if (begun || !(error instanceof RejectedError)) throw error;
      yield* all(scope, null, fields, ask);
    }
  }

  return { changes };
}

function lastChange(records: readonly SourceRecord[]): number {
  return records.at(-1)?.updatedAt ?? 0;
}

function endless(): BadResponseError {
  return new BadResponseError(
    'Jira’s search does not come to an end: a page token repeats, or a page is empty and still has one',
    'It is tried again by itself; if it lasts, narrow `where` of the profile.',
    { path: 'nextPageToken', excerpt: '' },
  );
}
