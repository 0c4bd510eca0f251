// Who calls: the owner of the incoming webhook, or a user by an access token of the application.
import type { SandboxRequest } from '../http.ts';
import { RestError } from './errors.ts';
import type { Params } from './form.ts';
import { type Acting, nextId, type Portal, type User } from './portal.ts';
import { hasFeature } from './rights.ts';
import { findAccess } from './tokens.ts';

export type Caller = {
  readonly user: User;
  readonly acting: Acting;
  /** The operating limit counts per webhook and per application. */
  readonly credential: string;
};

type Address = { readonly userId: string | null; readonly code: string | null };

export function authorize(portal: Portal, address: Address, request: SandboxRequest, params: Params): Caller {
  if (address.code !== null) return byWebhook(portal, address);
  const token = tokenOf(portal, request, params);
  if (token === null) throw new RestError(401, 'NO_AUTH_FOUND', 'Wrong authorization data');
  return byToken(portal, token, params);
}

function byWebhook(portal: Portal, address: Address): Caller {
  const { credential, settings } = portal;
  const user = portal.users.find((candidate) => candidate.id === credential.userId);
  const known = address.code === credential.code && Number(address.userId) === credential.userId;
  const revoked = settings.revokeToken === '401' || settings.revokeToken === '403';
  if (!known || revoked || !user) {
    throw new RestError(
      settings.revokeToken === '403' ? 403 : 401,
      'INVALID_CREDENTIALS',
      'Invalid request credentials',
    );
  }
  const acting = { userId: user.id, byApp: false, connector: '', hops: 0, hit: nextId(portal, 'hit') };
  return { user, acting, credential: 'webhook' };
}

function tokenOf(portal: Portal, request: SandboxRequest, params: Params): string | null {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  // Where the header is read at all it is read first.
  if (bearer !== undefined && portal.settings.variants['oauth-bearer'] === 'B') return bearer.trim();
  return params.auth === undefined ? null : String(params.auth);
}

function byToken(portal: Portal, value: string, params: Params): Caller {
  const token = findAccess(portal, value);
  if (!token) throw new RestError(401, 'invalid_token', 'Unable to get application by token');
  if (!portal.app.installed) throw new RestError(401, 'ERROR_OAUTH', 'Application not installed');
  if (token.expired) throw new RestError(401, 'expired_token', 'The access token provided has expired.');
  const user = portal.users.find((candidate) => candidate.id === token.userId);
  if (!user?.active || portal.settings.appDeniedFor.includes(user.key)) {
    throw new RestError(403, 'user_access_error', 'The user does not have access to the application.');
  }
  const connector = String(params.auth_connector ?? '');
  if (connector !== '' && !hasFeature(portal, 'rest_auth_connector')) {
    throw new RestError(403, 'ACCESS_DENIED', 'License check failed. auth_connector');
  }
  const acting = { userId: user.id, byApp: true, connector, hops: token.hops, hit: nextId(portal, 'hit') };
  return { user, acting, credential: 'application' };
}
