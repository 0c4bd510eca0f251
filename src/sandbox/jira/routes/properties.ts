// Issue properties: any JSON under a key, replaced as a whole.

import { general, noContent, ok } from '../answer.ts';
import { type Call, forbidWhen, type Handler, issueOf, readJson } from '../call.ts';
import { readProperty } from '../field-input.ts';
import { restLink } from '../render.ts';
import type { Issue } from '../world.ts';
import { touchIssue } from '../writes.ts';

const linkOf = (call: Call, issue: Issue, key: string) =>
  restLink(call.world, `issue/${issue.data.key}/properties/${encodeURIComponent(key)}`);

function missing(key: string) {
  return general(404, `The property with the key '${key}' does not exist.`);
}

export const listProperties: Handler = (call) => {
  const issue = issueOf(call);
  return ok({ keys: [...issue.properties.keys()].map((key) => ({ self: linkOf(call, issue, key), key })) });
};

export const getProperty: Handler = (call) => {
  const issue = issueOf(call);
  const key = call.param('key');
  if (!issue.properties.has(key)) throw missing(key);
  return ok({ key, value: issue.properties.get(key) });
};

export const putProperty: Handler = (call) => {
  const issue = issueOf(call);
  forbidWhen(call, 'edit', 'You do not have permission to edit issues in this project.');
  const { key, value } = readProperty(call.param('key'), readJson(call));
  const status = issue.properties.has(key) ? 200 : 201;
  issue.properties.set(key, value);
  if (call.world.settings.propertyMovesUpdated) touchIssue(call.world, issue);
  return { status };
};

export const deleteProperty: Handler = (call) => {
  const issue = issueOf(call);
  forbidWhen(call, 'edit', 'You do not have permission to edit issues in this project.');
  const key = call.param('key');
  if (!issue.properties.delete(key)) throw missing(key);
  return noContent;
};
