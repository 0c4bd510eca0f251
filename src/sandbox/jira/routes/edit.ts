// PUT and DELETE of an issue.

import { general, noContent, ok } from '../answer.ts';
import {
  callerOf,
  conflictWhenAsked,
  forbidWhen,
  type Handler,
  issueOf,
  queryFlag,
  queryList,
  readObject,
} from '../call.ts';
import { readFieldInput, readProperties } from '../field-input.ts';
import { changeIssue, removeIssue } from '../writes.ts';
import { storeComment } from './comments.ts';
import { issueJson } from './issues.ts';

export const editIssue: Handler = (call) => {
  const { world, tell } = call;
  const issue = issueOf(call);
  // `transition` is accepted and has no effect.
  const body = readObject(call, ['fields', 'update', 'properties', 'transition', 'historyMetadata']);
  forbidWhen(call, 'edit', 'You do not have permission to edit issues in this project.');
  if (call.request.query.has('overrideScreenSecurity') || call.request.query.has('overrideEditableFlag')) {
    throw general(403, 'Only Connect and Forge apps can override screen security.');
  }
  const { values, comments } = readFieldInput(world, issue, () => true, body, []);
  const properties = readProperties(body.properties);
  conflictWhenAsked(call);
  const by = callerOf(call).accountId;
  changeIssue(world, tell, issue, { by, values, historyMetadata: body.historyMetadata });
  for (const { key, value } of properties) issue.properties.set(key, value);
  for (const comment of comments) storeComment(call, issue, comment, []);
  if (!queryFlag(call, 'returnIssue')) return noContent;
  const expand = queryList(call, 'expand').filter(
    (part) => part !== 'changelog' || world.settings.returnIssueChangelog,
  );
  return ok(issueJson(call, issue, issue.data, { fields: ['*all'], expand, properties: [] }));
};

export const deleteIssue: Handler = (call) => {
  const issue = issueOf(call);
  forbidWhen(call, 'delete', 'You do not have permission to delete issues in this project.');
  removeIssue(call.world, call.tell, issue, callerOf(call).accountId);
  return noContent;
};
