// The operations of jira.js that this connector uses, taken from their own modules: the package's one public entry
// loads 1,464 exports, which costs every start half a second and 50 MB. Only paths, parameters and bodies come from
// there; the requests leave through our client, and answers are parsed by wire.ts.
export { getFields } from '../../../node_modules/jira.js/dist/cloud/api/issueFields.js';
export { searchAndReconsileIssuesUsingJqlPost as searchJql } from '../../../node_modules/jira.js/dist/cloud/api/issueSearch.js';
export {
  bulkFetchIssues,
  createIssue,
  createIssues,
  doTransition,
  editIssue,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getIssue,
  getTransitions,
} from '../../../node_modules/jira.js/dist/cloud/api/issues.js';
export { getCurrentUser } from '../../../node_modules/jira.js/dist/cloud/api/myself.js';
export { getAllStatuses, searchProjects } from '../../../node_modules/jira.js/dist/cloud/api/projects.js';
export { getServerInfo } from '../../../node_modules/jira.js/dist/cloud/api/serverInfo.js';
export { getAllUsers } from '../../../node_modules/jira.js/dist/cloud/api/users.js';
export type { Client as JiraClient } from '../../../node_modules/jira.js/dist/core/interfaces/index.js';
export type { SendRequestOptions } from '../../../node_modules/jira.js/dist/core/schemas/index.js';
