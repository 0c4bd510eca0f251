// The operations of jira.js that this connector uses, taken from their own modules: the package's one public entry
// loads 1,464 exports, which costs every start half a second and 50 MB. Only paths, parameters and bodies come from
// there; the requests leave through our client, and answers are parsed by wire.ts.
import type * as cloud from 'jira.js/cloud';

export type { Client as JiraClient, SendRequestOptions } from 'jira.js/core';

const entry = import.meta.resolve('jira.js/cloud');

async function operations(group: string): Promise<typeof cloud> {
  return await import(new URL(`./api/${group}.js`, entry).href);
}

const [fields, search, issues, myself, permissions, projects, server, users] = (await Promise.all(
  ['issueFields', 'issueSearch', 'issues', 'myself', 'permissions', 'projects', 'serverInfo', 'users'].map(operations),
)) as [typeof cloud, typeof cloud, typeof cloud, typeof cloud, typeof cloud, typeof cloud, typeof cloud, typeof cloud];

export const { getFields } = fields;
export const { searchAndReconsileIssuesUsingJqlPost: searchJql } = search;
export const {
  bulkFetchIssues,
  createIssue,
  createIssues,
  deleteIssue,
  doTransition,
  editIssue,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getIssue,
  getTransitions,
} = issues;
export const { getCurrentUser } = myself;
export const { getMyPermissions } = permissions;
export const { getAllStatuses, searchProjects } = projects;
export const { getServerInfo } = server;
export const { getAllUsers } = users;
