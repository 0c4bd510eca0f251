// Remote links: created once per globalId, replaced afterwards.

import { general, invalid, noContent, ok } from '../answer.ts';
import { type Call, forbidWhen, type Handler, issueOf, readObject } from '../call.ts';
import { type Json, restLink } from '../render.ts';
import type { Issue, RemoteLink } from '../world.ts';
import { touchIssue } from '../writes.ts';

const linkSelf = (call: Call, issue: Issue, id: number) =>
  restLink(call.world, `issue/${issue.data.key}/remotelink/${id}`);

function linkJson(call: Call, issue: Issue, link: RemoteLink): Json {
  return {
    id: link.id,
    self: linkSelf(call, issue, link.id),
    ...(link.globalId === null ? {} : { globalId: link.globalId }),
    application: link.application,
    ...(link.relationship === null ? {} : { relationship: link.relationship }),
    object: link.object,
  };
}

export const getRemoteLinks: Handler = (call) => {
  const issue = issueOf(call);
  const globalId = call.request.query.get('globalId');
  if (globalId === null) return ok(issue.remoteLinks.map((link) => linkJson(call, issue, link)));
  const link = issue.remoteLinks.find((candidate) => candidate.globalId === globalId);
  if (!link) throw general(404, `The remote link with global id '${globalId}' does not exist.`);
  return ok(linkJson(call, issue, link));
};

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

function readLink(body: Json): Omit<RemoteLink, 'id'> {
  const object = asObject(body.object);
  const errors: Record<string, string> = {};
  for (const name of ['url', 'title']) {
    if (typeof object[name] !== 'string' || object[name] === '') errors[name] = `'${name}' is required.`;
    else if ((object[name] as string).length > 255 && name === 'title') errors[name] = "'title' is too long.";
  }
  const globalId = typeof body.globalId === 'string' ? body.globalId : null;
  if (globalId !== null && globalId.length > 255) errors.globalId = "'globalId' must be at most 255 characters.";
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return {
    globalId,
    application: asObject(body.application),
    relationship: typeof body.relationship === 'string' ? body.relationship : null,
    object: { ...object, icon: object.icon ?? {}, status: object.status ?? { icon: {} } },
  };
}

export const postRemoteLink: Handler = (call) => {
  const { world } = call;
  const issue = issueOf(call);
  const body = readObject(call, ['globalId', 'application', 'relationship', 'object']);
  forbidWhen(call, 'edit', 'You do not have permission to create remote issue links.');
  const input = readLink(body);
  const old = input.globalId === null ? undefined : issue.remoteLinks.find((link) => link.globalId === input.globalId);
  if (!old && issue.remoteLinks.length >= world.settings.remoteLinkLimit) {
    throw general(413, 'The issue has reached its limit of remote links.');
  }
  const link: RemoteLink = { ...input, id: old?.id ?? world.next('remote link', 10_001) };
  // What is not sent again is gone: the link is replaced, not merged.
  issue.remoteLinks = old
    ? issue.remoteLinks.map((candidate) => (candidate.id === old.id ? link : candidate))
    : [...issue.remoteLinks, link];
  if (JSON.stringify(old) !== JSON.stringify(link)) touchIssue(world, issue);
  return { status: old ? 200 : 201, body: { id: link.id, self: linkSelf(call, issue, link.id) } };
};

function remove(call: Call, fits: (link: RemoteLink) => boolean, what: string) {
  const issue = issueOf(call);
  forbidWhen(call, 'edit', 'You do not have permission to delete remote issue links.');
  const kept = issue.remoteLinks.filter((link) => !fits(link));
  if (kept.length === issue.remoteLinks.length) throw general(404, `The remote link ${what} does not exist.`);
  issue.remoteLinks = kept;
  touchIssue(call.world, issue);
  return noContent;
}

export const deleteRemoteLink: Handler = (call) => {
  const globalId = call.request.query.get('globalId');
  if (globalId === null || globalId === '') throw invalid({ globalId: "'globalId' is required." });
  return remove(call, (link) => link.globalId === globalId, `with global id '${globalId}'`);
};

export const deleteRemoteLinkById: Handler = (call) => {
  const id = call.param('link');
  return remove(call, (link) => String(link.id) === id, `'${id}'`);
};
