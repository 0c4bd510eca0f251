// Admin webhooks over REST. Dynamic webhooks belong to apps and refuse an API token.

import { created, general, noContent, ok } from '../answer.ts';
import { type Call, forbidWhen, type Handler, readObject, stringList } from '../call.ts';
import type { Json } from '../render.ts';
import type { Webhook } from '../webhooks.ts';

const MEMBERS = ['name', 'url', 'events', 'filters', 'excludeBody', 'enabled', 'secret', 'description', 'jqlFilter'];
const FILTER = 'issue-related-events-section';

/** The secret is never shown; `isSigned` tells that there is one. */
function record({ world }: Call, hook: Webhook): Json {
  return {
    name: hook.name,
    url: hook.url,
    events: hook.events,
    filters: { [FILTER]: hook.filter },
    excludeBody: hook.excludeBody,
    enabled: hook.enabled,
    isSigned: hook.secret !== null,
    self: `${world.url()}/rest/webhooks/1.0/webhook/${hook.id}`,
    lastUpdatedUser: world.syncAccount.accountId,
    lastUpdatedDisplayName: world.syncAccount.name,
    lastUpdated: hook.lastUpdated,
  };
}

function needAdmin(call: Call): void {
  forbidWhen(call, 'admin', 'Only Jira administrators can manage webhooks.');
}

function hookOf(call: Call): Webhook {
  needAdmin(call);
  const hook = call.hooks.list().find((candidate) => String(candidate.id) === call.param('webhook'));
  if (!hook) throw general(404, 'The webhook does not exist.');
  return hook;
}

function apply(hook: Omit<Webhook, 'id'>, body: Json): void {
  if (typeof body.name === 'string') hook.name = body.name;
  if (typeof body.url === 'string') hook.url = body.url;
  if (body.events !== undefined) hook.events = stringList(body.events, 'events');
  if (typeof body.excludeBody === 'boolean') hook.excludeBody = body.excludeBody;
  if (typeof body.enabled === 'boolean') hook.enabled = body.enabled;
  // Without a secret in the body the old one stays.
  if (typeof body.secret === 'string') hook.secret = body.secret === '' ? null : body.secret;
  const filter = (body.filters as Json | undefined)?.[FILTER];
  if (typeof filter === 'string') hook.filter = filter;
}

export const listWebhooks: Handler = (call) => {
  needAdmin(call);
  return ok(call.hooks.list().map((hook) => record(call, hook)));
};

export const getWebhook: Handler = (call) => ok(record(call, hookOf(call)));

export const postWebhook: Handler = (call) => {
  needAdmin(call);
  const body = readObject(call, MEMBERS);
  if (typeof body.name !== 'string' || body.name === '') throw general(400, 'A webhook needs a name.');
  if (typeof body.url !== 'string' || !URL.canParse(body.url)) throw general(400, 'A webhook needs a valid URL.');
  const blank = { name: '', url: '', secret: null, events: [], filter: '', excludeBody: false, enabled: true };
  const hook = { ...blank, lastUpdated: 0 };
  apply(hook, body);
  return created(record(call, call.hooks.add(hook)));
};

export const putWebhook: Handler = (call) => {
  const hook = hookOf(call);
  apply(
    hook,
    readObject(call, [...MEMBERS, 'isSigned', 'self', 'lastUpdated', 'lastUpdatedUser', 'lastUpdatedDisplayName']),
  );
  hook.lastUpdated = call.world.clock.now();
  return ok(record(call, hook));
};

export const deleteWebhook: Handler = (call) => {
  call.hooks.remove(hookOf(call).id);
  return noContent;
};

export const dynamicWebhooks: Handler = () => {
  throw general(403, "The caller isn't an app.");
};
