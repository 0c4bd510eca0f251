// Webhook bodies: the v2 representation, whatever API version the change came through.

import { commentJson, issueFields, type Json, userJson } from './render.ts';
import type { Issue, World } from './world.ts';
import type { Happening } from './writes.ts';

export function eventOf(happening: Happening): string {
  return happening.kind.startsWith('comment_') ? happening.kind : `jira:issue_${happening.kind}`;
}

function issueBody(world: World, issue: Issue, only?: readonly string[]): Json {
  const all = issueFields(world, issue.data, only ? null : issue.comments, 2);
  const fields = only ? Object.fromEntries(only.map((id) => [id, all[id] ?? null])) : all;
  return { id: issue.id, self: `${world.url()}/rest/api/2/issue/${issue.id}`, key: issue.data.key, fields };
}

const COMMENTED = ['summary', 'issuetype', 'project', 'assignee', 'priority', 'status'];

export function bodyOf(world: World, happening: Happening): Json {
  const { issue } = happening;
  const head = { timestamp: world.clock.now(), webhookEvent: eventOf(happening) };
  if ('comment' in happening) {
    // No `user` here on Cloud: the actor is comment.updateAuthor.
    return {
      ...head,
      comment: commentJson(world, issue.id, happening.comment, 2),
      issue: issueBody(world, issue, COMMENTED),
      eventType: 'primaryAction',
    };
  }
  const user = userJson(world, happening.by, 2);
  if (happening.kind === 'deleted') return { ...head, user, issue: issueBody(world, issue) };
  const { history } = happening;
  const told = happening.kind === 'updated' || world.settings.createdHookChangelog;
  return {
    ...head,
    issue_event_type_name: happening.typeName,
    user,
    issue: issueBody(world, issue),
    ...(told ? { changelog: { id: history.id, items: history.items } } : {}),
  };
}
