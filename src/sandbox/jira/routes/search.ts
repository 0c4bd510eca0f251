// Search by JQL: token paging, bounded queries only, eventual consistency.

import { createHash } from 'node:crypto';
import { type Answer, general, malformed, ok } from '../answer.ts';
import { type Call, type Handler, queryList, queryNumber, readObject, stringList } from '../call.ts';
import { type CompiledJql, compileJql } from '../jql/compile.ts';
import type { Json } from '../render.ts';
import { restLink } from '../render.ts';
import { indexedIssues, searchIndex } from '../search-index.ts';
import { lookUpIssue, type World } from '../world.ts';
import { expandOf, issueJson, type Wanted } from './issues.ts';
import { takeToken, writeToken } from './page-tokens.ts';

type Search = {
  readonly jql: string;
  readonly token: string | null;
  readonly maxResults: number;
  readonly wanted: Wanted;
  readonly reconcile: readonly string[];
};

const WEEK_MS = 7 * 86_400_000;
const UNBOUNDED = 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.';

function readQuery(call: Call, jql: string): { query: CompiledJql; empty: boolean } {
  const query = compileJql(call.world, call.caller, jql);
  if (query.errors.length > 0) throw general(400, ...query.errors);
  if (!query.bounded) throw general(400, UNBOUNDED);
  if (query.unknown.length === 0) return { query, empty: false };
  // Anonymous callers get an empty answer in any case.
  if (call.caller && call.world.settings.unknownJqlValue === '400') throw general(400, ...query.unknown);
  return { query, empty: true };
}

const fingerprint = (jql: string) => createHash('sha256').update(jql).digest('hex').slice(0, 12);

function lastPage(world: World): Json {
  return world.settings.lastPageToken === 'null' ? { nextPageToken: null, isLast: true } : { isLast: true };
}

function search(call: Call, input: Search): Answer {
  const { world, caller } = call;
  const { maxResults, wanted, reconcile } = input;
  if (maxResults < 1 || maxResults > 5000) throw general(400, 'The value of maxResults must be between 1 and 5000.');
  if (reconcile.length > 50) throw general(400, 'At most 50 issues can be reconciled.');
  if (wanted.properties.length > 5) throw general(400, 'The number of properties must not exceed 5.');
  const { query, empty } = readQuery(call, input.jql);
  const after = input.token ? takeToken(world, input.token, fingerprint(input.jql), WEEK_MS) : null;
  if (empty) return ok({ issues: [], ...lastPage(world) });

  const idsOnly = wanted.fields.every((field) => field === 'id' || field === 'key');
  const size = idsOnly && wanted.expand.length === 0 ? maxResults : Math.min(maxResults, 100);
  // One more than the page tells whether there is another.
  const hits = searchIndex(world, caller, query, { reconcile, after, limit: size + 1 });
  const page = hits.slice(0, size);
  const keyAsked = wanted.fields.includes('key');
  const issues = page.map(({ issue, data }) => {
    if (!idsOnly) return issueJson(call, issue, data, wanted);
    const { properties, changelog } = issueJson(call, issue, data, { ...wanted, fields: ['id'] });
    const shown: Json = keyAsked
      ? { id: data.id, self: restLink(world, `issue/${data.id}`), key: data.key }
      : { id: data.id };
    if (properties) shown.properties = properties;
    if (changelog) shown.changelog = changelog;
    return shown;
  });
  const last = page.at(-1);
  if (!last || page.length === hits.length) return ok({ issues, ...lastPage(world) });
  return ok({ issues, nextPageToken: writeToken(world, fingerprint(input.jql), last.data), isLast: false });
}

export const searchGet: Handler = (call) => {
  const fields = queryList(call, 'fields');
  return search(call, {
    jql: call.request.query.get('jql') ?? '',
    token: call.request.query.get('nextPageToken'),
    maxResults: queryNumber(call, 'maxResults', 50),
    wanted: {
      fields: fields.length === 0 ? ['id'] : fields,
      expand: queryList(call, 'expand'),
      properties: queryList(call, 'properties'),
    },
    reconcile: queryList(call, 'reconcileIssues'),
  });
};

const MEMBERS = [
  'jql',
  'nextPageToken',
  'maxResults',
  'fields',
  'fieldsByKeys',
  'expand',
  'properties',
  'reconcileIssues',
];

export const searchPost: Handler = (call) => {
  const body = readObject(call, MEMBERS);
  if (body.jql !== undefined && typeof body.jql !== 'string') throw malformed('jql must be a string');
  if (body.maxResults !== undefined && !Number.isInteger(body.maxResults))
    throw malformed('maxResults must be a number');
  const fields = body.fields === undefined ? [] : stringList(body.fields, 'fields');
  return search(call, {
    jql: (body.jql as string | undefined) ?? '',
    token: typeof body.nextPageToken === 'string' ? body.nextPageToken : null,
    maxResults: (body.maxResults as number | undefined) ?? 50,
    wanted: {
      fields: fields.length === 0 ? ['id'] : fields,
      expand: expandOf(body.expand),
      properties: body.properties === undefined ? [] : stringList(body.properties, 'properties'),
    },
    reconcile: body.reconcileIssues === undefined ? [] : stringList(body.reconcileIssues, 'reconcileIssues'),
  });
};

export const approximateCount: Handler = (call) => {
  const { jql } = readObject(call, ['jql']);
  const { query, empty } = readQuery(call, typeof jql === 'string' ? jql : '');
  const hits = empty ? [] : indexedIssues(call.world, call.caller, []).filter(({ data }) => query.test(data));
  return ok({ count: hits.length });
};

export const removedSearch: Handler = () => {
  throw general(
    410,
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  );
};

export const jqlParse: Handler = (call) => {
  const { queries } = readObject(call, ['queries']);
  const strict = (call.request.query.get('validation') ?? 'strict') === 'strict';
  return ok({
    queries: stringList(queries, 'queries').map((query) => {
      const { errors, unknown } = compileJql(call.world, call.caller, query);
      const all = strict ? [...errors, ...unknown] : errors;
      return all.length > 0 ? { query, errors: all } : { query };
    }),
  });
};

export const jqlMatch: Handler = (call) => {
  const body = readObject(call, ['jqls', 'issueIds']);
  const ids = stringList(body.issueIds, 'issueIds');
  return ok({
    matches: stringList(body.jqls, 'jqls').map((jql) => {
      const { errors, unknown, test } = compileJql(call.world, call.caller, jql);
      if (errors.length + unknown.length > 0) return { matchedIssues: [], errors: [...errors, ...unknown] };
      const hits = ids.filter((id) => {
        const issue = lookUpIssue(call.world, id);
        return issue !== null && test(issue.data);
      });
      return { matchedIssues: hits.map(Number), errors: [] };
    }),
  });
};
