// Comments of an issue.

import { type AdfDocument, isAdfDocument, wikiOf } from '../adf.ts';
import { created, general, invalid, JiraRefusal, noContent, ok } from '../answer.ts';
import { type Call, callerOf, forbidWhen, type Handler, issueOf, offsetPage, queryList, readObject } from '../call.ts';
import { readProperties } from '../field-input.ts';
import { commentJson } from '../render.ts';
import type { Comment, Issue } from '../world.ts';
import { touchIssue } from '../writes.ts';

type Properties = Comment['properties'];
const NOT_FOUND = 'Can not find a comment for the id: ';

function readBody(raw: unknown): AdfDocument {
  if (raw === undefined || raw === null) throw invalid({ comment: 'Comment body can not be empty!' });
  if (!isAdfDocument(raw)) throw invalid({ comment: 'Comment body is not valid!' });
  if (raw.content.length === 0) throw invalid({ comment: 'Comment body can not be empty!' });
  if (wikiOf(raw).length > 32_767) {
    throw invalid({ comment: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.' });
  }
  return raw;
}

function commentOf(call: Call, issue: Issue): Comment {
  const comment = issue.comments.find((candidate) => candidate.id === call.param('comment'));
  if (!comment) throw general(404, `${NOT_FOUND}${call.param('comment')}.`);
  return comment;
}

/** Adds a comment, moves `updated`, tells the webhooks. */
export function storeComment(
  call: Pick<Call, 'world' | 'tell' | 'caller'>,
  issue: Issue,
  body: AdfDocument,
  properties: Properties,
): Comment {
  const { world } = call;
  const by = (call.caller ?? world.syncAccount).accountId;
  touchIssue(world, issue);
  const at = issue.data.updated;
  const id = String(world.next('comment', 10_201));
  const comment: Comment = { id, author: by, body, updateAuthor: by, created: at, updated: at, properties };
  issue.comments = [...issue.comments, comment];
  call.tell({ kind: 'comment_created', issue, by, comment });
  return comment;
}

export const listComments: Handler = (call) => {
  const issue = issueOf(call);
  const newestFirst = call.request.query.get('orderBy') === '-created';
  const ordered = newestFirst ? [...issue.comments].reverse() : issue.comments;
  const { startAt, maxResults, total, values } = offsetPage(call, ordered, 100, 100);
  const withProperties = queryList(call, 'expand').includes('properties');
  const comments = values.map((comment) => ({
    ...commentJson(call.world, issue.id, comment),
    ...(withProperties ? { properties: comment.properties } : {}),
  }));
  return ok({ startAt, maxResults, total, comments });
};

export const getComment: Handler = (call) => {
  const issue = issueOf(call);
  return ok(commentJson(call.world, issue.id, commentOf(call, issue)));
};

export const addComment: Handler = (call) => {
  const issue = issueOf(call);
  const input = readObject(call, ['body', 'visibility', 'properties', 'jsdPublic']);
  forbidWhen(call, 'comment', 'You do not have the permission to comment on this issue.', 400);
  const body = readBody(input.body);
  if (issue.comments.length >= call.world.settings.commentLimit) {
    throw new JiraRefusal({
      status: 413,
      body: { errorMessages: ['The issue has reached its limit of comments.'], errors: {} },
    });
  }
  const comment = storeComment(call, issue, body, readProperties(input.properties));
  return created(commentJson(call.world, issue.id, comment));
};

export const updateComment: Handler = (call) => {
  const { world } = call;
  const issue = issueOf(call);
  const before = commentOf(call, issue);
  const input = readObject(call, ['body', 'visibility', 'properties', 'jsdPublic']);
  forbidWhen(call, 'comment', 'You do not have the permission to edit this comment.', 400);
  const body = readBody(input.body);
  const by = callerOf(call).accountId;
  const updated = Math.max(world.clock.now(), before.updated + 1);
  const properties = input.properties === undefined ? before.properties : readProperties(input.properties);
  const comment: Comment = { ...before, body, updateAuthor: by, updated, properties };
  issue.comments = issue.comments.map((candidate) => (candidate.id === before.id ? comment : candidate));
  if (world.settings.commentEditMovesUpdated) touchIssue(world, issue);
  call.tell({ kind: 'comment_updated', issue, by, comment });
  return ok(commentJson(world, issue.id, comment));
};

export const deleteComment: Handler = (call) => {
  const { world } = call;
  const issue = issueOf(call);
  const comment = commentOf(call, issue);
  forbidWhen(call, 'comment', 'You do not have the permission to delete this comment.', 400);
  issue.comments = issue.comments.filter((candidate) => candidate.id !== comment.id);
  if (world.settings.commentEditMovesUpdated) touchIssue(world, issue);
  call.tell({ kind: 'comment_deleted', issue, by: callerOf(call).accountId, comment });
  return noContent;
};
