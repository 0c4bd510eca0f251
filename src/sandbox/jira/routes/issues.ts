// Reading issues by id or key: always the truth, never the index.

import { general, malformed, ok } from '../answer.ts';
import { type Call, type Handler, issueOf, queryList, readObject, splitList, stringList } from '../call.ts';
import { expandedChangelog } from '../changelog.ts';
import { issueFields, type Json, restLink } from '../render.ts';
import { byId } from '../schema.ts';
import { canSee, type Issue, type IssueData, lookUpIssue } from '../world.ts';
import { fieldSchema, NAVIGABLE_NOT } from './site.ts';
import { transitionList } from './transitions.ts';

export type Wanted = {
  /** Field ids, `*all`, `*navigable`, `-id`. */
  readonly fields: readonly string[];
  readonly expand: readonly string[];
  readonly properties: readonly string[];
};

const EXPANDS = 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations';

function chosen(all: Json, fields: readonly string[]): Json {
  const minus = new Set(fields.filter((id) => id.startsWith('-')).map((id) => id.slice(1)));
  const plus = fields.filter((id) => !id.startsWith('-'));
  const everything = plus.includes('*all');
  // `-x` alone means navigable without x.
  const navigable = plus.includes('*navigable') || plus.length === 0;
  const kept: Json = {};
  for (const [id, value] of Object.entries(all)) {
    if (minus.has(id)) continue;
    if (everything || plus.includes(id) || (navigable && !NAVIGABLE_NOT.includes(id))) kept[id] = value;
  }
  return kept;
}

/** `data` differs from the issue's own when the search index lags. */
export function issueJson(call: Call, issue: Issue, data: IssueData, wanted: Wanted): Json {
  const { world } = call;
  const comments = wanted.fields.some((id) => id === '*all' || id === 'comment') ? issue.comments : null;
  const fields = chosen(issueFields(world, data, comments), wanted.fields);
  const json: Json = {
    expand: EXPANDS,
    id: data.id,
    self: restLink(world, `issue/${data.id}`),
    key: data.key,
    fields,
  };
  if (wanted.properties.length > 0) {
    const all = wanted.properties.includes('*all');
    json.properties = Object.fromEntries(
      [...issue.properties].filter(([key]) => all || wanted.properties.includes(key)),
    );
  }
  if (wanted.expand.includes('changelog')) json.changelog = expandedChangelog(world, issue.histories);
  if (wanted.expand.includes('transitions')) json.transitions = transitionList(call, issue, false);
  const defs = Object.keys(fields).flatMap((id) => byId(world.fields, id) ?? []);
  if (wanted.expand.includes('names')) json.names = Object.fromEntries(defs.map((field) => [field.id, field.name]));
  if (wanted.expand.includes('schema'))
    json.schema = Object.fromEntries(defs.map((field) => [field.id, fieldSchema(field)]));
  return json;
}

export const getIssue: Handler = (call) => {
  const issue = issueOf(call);
  const fields = queryList(call, 'fields');
  return ok(
    issueJson(call, issue, issue.data, {
      fields: fields.length === 0 ? ['*all'] : fields,
      expand: queryList(call, 'expand'),
      properties: queryList(call, 'properties'),
    }),
  );
};

/** `expand` of a POST body: an array, or a comma separated string. */
export function expandOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return typeof value === 'string' ? splitList(value) : stringList(value, 'expand');
}

export const bulkFetch: Handler = (call) => {
  const body = readObject(call, ['issueIdsOrKeys', 'fields', 'fieldsByKeys', 'expand', 'properties']);
  const wanted = stringList(body.issueIdsOrKeys, 'issueIdsOrKeys');
  if (wanted.length === 0) throw malformed('issueIdsOrKeys must not be empty');
  if (wanted.length > 100) throw general(400, 'The number of issues to fetch must not exceed 100.');
  const properties = body.properties === undefined ? [] : stringList(body.properties, 'properties');
  if (properties.length > 5) throw general(400, 'The number of properties must not exceed 5.');
  const fields = body.fields === undefined ? ['*navigable'] : stringList(body.fields, 'fields');
  const expand = expandOf(body.expand);
  const found = new Map<string, Issue>();
  for (const idOrKey of wanted) {
    const issue = lookUpIssue(call.world, idOrKey);
    // What is unknown or hidden is missing, without an error.
    if (issue && canSee(call.world, call.caller, issue.data)) found.set(issue.id, issue);
  }
  const issues = [...found.values()].sort((a, b) => Number(a.id) - Number(b.id));
  return ok({
    issues: issues.map((issue) => issueJson(call, issue, issue.data, { fields, expand, properties })),
    issueErrors: [],
  });
};
