// Who calls. Cloud's trap lives here: refused credentials are not an error where anonymous callers are allowed, only a
// header tells (facts: v3 intro, jira.js #418).

import { JiraRefusal } from './answer.ts';
import type { Person, World } from './world.ts';

export type Login = {
  readonly person: Person | null;
  /** X-Seraph-LoginReason, when credentials were sent and refused. */
  readonly reason: string | null;
};

export function logIn(world: World, token: string, authorization: string | undefined): Login {
  if (!authorization) return { person: null, reason: null };
  const match = /^basic\s+(\S+)$/i.exec(authorization);
  const text = match ? Buffer.from(match[1] ?? '', 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  const email = text.slice(0, Math.max(0, colon)).toLowerCase();
  const known = email === world.syncAccount.email.toLowerCase() && text.slice(colon + 1) === token;
  if (world.settings.revokeToken === 'denied') return { person: null, reason: 'AUTHENTICATION_DENIED' };
  if (!known || world.settings.revokeToken) return { person: null, reason: 'AUTHENTICATED_FAILED' };
  return { person: world.syncAccount, reason: null };
}

const REFUSED = 'Client must be authenticated to access this resource.';

/** The shape of Cloud's 401 body is not documented; a setting chooses. */
export function unauthorized(world: World): JiraRefusal {
  const shape = world.settings.unauthorizedBody;
  const headers = { 'WWW-Authenticate': 'OAuth realm="nordhafen"' };
  if (shape === 'text') {
    return new JiraRefusal({ status: 401, headers: { ...headers, 'Content-Type': 'text/plain' }, body: REFUSED });
  }
  const body =
    shape === 'message' ? { message: REFUSED, 'status-code': 401 } : { errorMessages: [REFUSED], errors: {} };
  return new JiraRefusal({ status: 401, headers, body });
}
