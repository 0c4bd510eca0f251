// The route table: every path that the emulated site knows.

import type { Handler } from './call.ts';
import { bulkChangelog, changelogList, issueChangelog } from './routes/changelog.ts';
import { addComment, deleteComment, getComment, listComments, updateComment } from './routes/comments.ts';
import { bulkCreate, createIssue } from './routes/create.ts';
import { deleteIssue, editIssue } from './routes/edit.ts';
import { bulkFetch, getIssue } from './routes/issues.ts';
import { createFields, createIssueTypes, editMeta } from './routes/meta.ts';
import { myPermissions } from './routes/permissions.ts';
import { deleteProperty, getProperty, listProperties, putProperty } from './routes/properties.ts';
import { deleteRemoteLink, deleteRemoteLinkById, getRemoteLinks, postRemoteLink } from './routes/remote-links.ts';
import { approximateCount, jqlMatch, jqlParse, removedSearch, searchGet, searchPost } from './routes/search.ts';
import {
  fieldList,
  getProject,
  issueTypes,
  myself,
  projectSearch,
  projectStatuses,
  serverInfo,
  tenantInfo,
} from './routes/site.ts';
import { getTransitions, postTransition } from './routes/transitions.ts';
import { allUsers, assignableUsers, bulkUsers, getUser, searchUsers } from './routes/users.ts';
import {
  deleteWebhook,
  dynamicWebhooks,
  getWebhook,
  listWebhooks,
  postWebhook,
  putWebhook,
} from './routes/webhooks.ts';

export type Route = {
  readonly method: string;
  readonly pattern: string;
  readonly handler: Handler;
  /** Answered without a user too (possibly with nothing in it). */
  readonly anonymous: boolean;
  /** Counts against the write limit of the issue in the path. */
  readonly writesIssue: boolean;
  readonly parts: readonly string[];
};

type Access = 'anonymous' | 'user' | 'issue-write';

const V3 = '/rest/api/3';
const ISSUE = `${V3}/issue/{issue}`;
const HOOKS = '/rest/webhooks/1.0/webhook';

const TABLE: readonly (readonly [string, string, Access, Handler])[] = [
  ['GET', '/_edge/tenant_info', 'anonymous', tenantInfo],
  ['GET', `${V3}/serverInfo`, 'anonymous', serverInfo],
  ['GET', `${V3}/myself`, 'user', myself],
  ['GET', `${V3}/mypermissions`, 'anonymous', myPermissions],
  ['GET', `${V3}/field`, 'anonymous', fieldList],
  ['GET', `${V3}/issuetype`, 'anonymous', issueTypes],
  ['GET', `${V3}/project/search`, 'anonymous', projectSearch],
  ['GET', `${V3}/project/{project}`, 'anonymous', getProject],
  ['GET', `${V3}/project/{project}/statuses`, 'anonymous', projectStatuses],
  ['GET', `${V3}/issue/createmeta/{project}/issuetypes`, 'user', createIssueTypes],
  ['GET', `${V3}/issue/createmeta/{project}/issuetypes/{type}`, 'user', createFields],
  ['POST', `${V3}/issue`, 'user', createIssue],
  ['POST', `${V3}/issue/bulk`, 'user', bulkCreate],
  ['POST', `${V3}/issue/bulkfetch`, 'anonymous', bulkFetch],
  ['GET', ISSUE, 'anonymous', getIssue],
  ['PUT', ISSUE, 'issue-write', editIssue],
  ['DELETE', ISSUE, 'issue-write', deleteIssue],
  ['GET', `${ISSUE}/editmeta`, 'anonymous', editMeta],
  ['GET', `${ISSUE}/transitions`, 'anonymous', getTransitions],
  ['POST', `${ISSUE}/transitions`, 'issue-write', postTransition],
  ['GET', `${ISSUE}/changelog`, 'anonymous', issueChangelog],
  ['POST', `${ISSUE}/changelog/list`, 'anonymous', changelogList],
  ['POST', `${V3}/changelog/bulkfetch`, 'anonymous', bulkChangelog],
  ['GET', `${ISSUE}/properties`, 'anonymous', listProperties],
  ['GET', `${ISSUE}/properties/{key}`, 'anonymous', getProperty],
  ['PUT', `${ISSUE}/properties/{key}`, 'issue-write', putProperty],
  ['DELETE', `${ISSUE}/properties/{key}`, 'issue-write', deleteProperty],
  ['GET', `${ISSUE}/comment`, 'anonymous', listComments],
  ['POST', `${ISSUE}/comment`, 'issue-write', addComment],
  ['GET', `${ISSUE}/comment/{comment}`, 'anonymous', getComment],
  ['PUT', `${ISSUE}/comment/{comment}`, 'issue-write', updateComment],
  ['DELETE', `${ISSUE}/comment/{comment}`, 'issue-write', deleteComment],
  ['GET', `${ISSUE}/remotelink`, 'anonymous', getRemoteLinks],
  ['POST', `${ISSUE}/remotelink`, 'issue-write', postRemoteLink],
  ['DELETE', `${ISSUE}/remotelink`, 'issue-write', deleteRemoteLink],
  ['DELETE', `${ISSUE}/remotelink/{link}`, 'issue-write', deleteRemoteLinkById],
  ['GET', `${V3}/search/jql`, 'anonymous', searchGet],
  ['POST', `${V3}/search/jql`, 'anonymous', searchPost],
  ['POST', `${V3}/search/approximate-count`, 'anonymous', approximateCount],
  ['GET', `${V3}/search`, 'anonymous', removedSearch],
  ['POST', `${V3}/search`, 'anonymous', removedSearch],
  ['POST', `${V3}/jql/parse`, 'anonymous', jqlParse],
  ['POST', `${V3}/jql/match`, 'anonymous', jqlMatch],
  ['GET', `${V3}/user`, 'user', getUser],
  ['GET', `${V3}/user/search`, 'user', searchUsers],
  ['GET', `${V3}/user/assignable/search`, 'user', assignableUsers],
  ['GET', `${V3}/user/bulk`, 'user', bulkUsers],
  ['GET', `${V3}/users`, 'user', allUsers],
  ['GET', `${V3}/users/search`, 'user', allUsers],
  ['GET', HOOKS, 'user', listWebhooks],
  ['POST', HOOKS, 'user', postWebhook],
  ['GET', `${HOOKS}/{webhook}`, 'user', getWebhook],
  ['PUT', `${HOOKS}/{webhook}`, 'user', putWebhook],
  ['DELETE', `${HOOKS}/{webhook}`, 'user', deleteWebhook],
  ['GET', `${V3}/webhook`, 'user', dynamicWebhooks],
  ['POST', `${V3}/webhook`, 'user', dynamicWebhooks],
  ['PUT', `${V3}/webhook/refresh`, 'user', dynamicWebhooks],
  ['DELETE', `${V3}/webhook`, 'user', dynamicWebhooks],
];

export const ROUTES: readonly Route[] = TABLE.map(([method, pattern, access, handler]) => ({
  method,
  pattern,
  handler,
  anonymous: access === 'anonymous',
  writesIssue: access === 'issue-write',
  parts: pattern.split('/'),
}));

function paramsOf(route: Route, parts: readonly string[]): Map<string, string> | null {
  if (route.parts.length !== parts.length) return null;
  const params = new Map<string, string>();
  for (const [i, want] of route.parts.entries()) {
    const have = parts[i] ?? '';
    if (want.startsWith('{') && have !== '') params.set(want.slice(1, -1), have);
    else if (want !== have) return null;
  }
  return params;
}

export type Match =
  | { kind: 'route'; route: Route; params: ReadonlyMap<string, string> }
  | { kind: 'wrong method'; allowed: readonly string[] }
  | { kind: 'none' };

/** The route with the most fixed parts wins: `/issue/bulkfetch` over `/issue/{issue}`. */
export function matchRoute(method: string, path: string): Match {
  const parts = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/');
  const fitting: { route: Route; params: ReadonlyMap<string, string> }[] = [];
  for (const route of ROUTES) {
    const params = paramsOf(route, parts);
    if (params) fitting.push({ route, params });
  }
  if (fitting.length === 0) return { kind: 'none' };
  const ofMethod = fitting.filter(({ route }) => route.method === method).sort((a, b) => a.params.size - b.params.size);
  const best = ofMethod[0];
  if (!best) return { kind: 'wrong method', allowed: [...new Set(fitting.map(({ route }) => route.method))] };
  return { kind: 'route', ...best };
}
