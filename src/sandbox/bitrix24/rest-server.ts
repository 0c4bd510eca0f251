// One call through the server's checks, in its order: rate limit, portal, method, authorization and scope, operating
// time, the method. Also the `time` block that every success carries.
import type { SandboxRequest } from '../http.ts';
import { runBatch } from './batch.ts';
import { inScope, type Method } from './call.ts';
import { printInstant } from './dates.ts';
import { methodNotFound, RestError, wrongAuthType } from './errors.ts';
import { type Params, readParams } from './form.ts';
import type { Limits } from './limits.ts';
import type { Answer } from './paging.ts';
import type { Portal, User } from './portal.ts';
import { APPLICATION_METHODS, METHODS } from './routes.ts';

export type Target = { readonly userId: string | null; readonly code: string | null; readonly method: string };
export type Timed = { readonly answer: Answer; readonly time: Record<string, unknown> };

const WEBHOOK_PATH = /^\/rest\/(\d+)\/([^/]+)\/([^/]+?)(?:\.json|\.xml)?\/?$/i;
const PLAIN_PATH = /^\/rest\/([^/]+?)(?:\.json|\.xml)?\/?$/i;

export function targetOf(path: string): Target | null {
  const hook = WEBHOOK_PATH.exec(path);
  if (hook) return { userId: hook[1] ?? null, code: hook[2] ?? null, method: (hook[3] ?? '').toLowerCase() };
  const plain = PLAIN_PATH.exec(path);
  return plain && { userId: null, code: null, method: (plain[1] ?? '').toLowerCase() };
}

export function callRest(portal: Portal, limits: Limits, request: SandboxRequest, target: Target): Timed {
  limits.admit();
  if (portal.settings.portalDeleted) {
    const status = portal.settings.variants['status-portal-deleted'] === 'A' ? 500 : 410;
    throw new RestError(status, 'PORTAL_DELETED', 'Portal was deleted');
  }
  if (target.method !== 'batch') findMethod(target.method);
  const params = readParams(request);
  const user = authorize(portal, target, params);
  const call = (name: string, inner: Params) => callMethod(portal, limits, user, name, inner);
  if (target.method !== 'batch') return call(target.method, params);
  failAsTold(portal, 'batch');
  return { answer: { result: runBatch(portal, params, call) }, time: timeOf(portal, limits, 'batch') };
}

/** Also the commands of a batch: each is looked up, checked and charged by itself. */
function callMethod(portal: Portal, limits: Limits, user: User, name: string, params: Params): Timed {
  const method = findMethod(name);
  if (APPLICATION_METHODS.has(name) && !(name === 'events' && allowsEvents(portal))) throw wrongAuthType();
  if (!inScope(portal, method)) throw outOfScope(portal);
  limits.checkOperating(name);
  failAsTold(portal, name);
  const answer = method.run({ portal, params, user });
  return { answer, time: timeOf(portal, limits, name) };
}

function failAsTold(portal: Portal, name: string): void {
  const told = portal.settings.failures.find((one) => one.method === '*' || one.method.toLowerCase() === name);
  if (told) throw new RestError(told.status, told.error, told.description);
}

function allowsEvents(portal: Portal): boolean {
  return portal.settings.variants['event-bind-by-webhook'] === 'B';
}

function findMethod(name: string): Method {
  const method = METHODS.get(name);
  if (method) return method;
  if (APPLICATION_METHODS.has(name)) return { scope: null, run: () => ({ result: null }) };
  throw methodNotFound();
}

function outOfScope(portal: Portal): RestError {
  const status = portal.settings.variants['status-insufficient-scope'] === 'A' ? 403 : 401;
  const text = 'The request requires higher privileges than provided by the webhook token';
  return new RestError(status, 'insufficient_scope', text);
}

function authorize(portal: Portal, target: Target, params: Params): User {
  const { credential, settings } = portal;
  if (target.code === null) {
    // Access tokens belong to applications, and this portal has none installed.
    if (params.auth !== undefined) throw new RestError(401, 'invalid_token', 'Unable to get application by token');
    throw new RestError(401, 'NO_AUTH_FOUND', 'Wrong authorization data');
  }
  const user = portal.users.find((candidate) => candidate.id === credential.userId);
  const known = target.code === credential.code && Number(target.userId) === credential.userId;
  const revoked = settings.revokeToken === '401' || settings.revokeToken === '403';
  if (!known || revoked || !user) {
    throw new RestError(
      settings.revokeToken === '403' ? 403 : 401,
      'INVALID_CREDENTIALS',
      'Invalid request credentials',
    );
  }
  return user;
}

function timeOf(portal: Portal, limits: Limits, method: string): Record<string, unknown> {
  const start = portal.clock.now() / 1000;
  const processing = limits.costOf(method);
  const duration = processing + 0.02;
  const offset = portal.settings.portalOffset;
  return {
    start,
    finish: start + duration,
    duration,
    processing,
    date_start: printInstant(start * 1000, offset),
    date_finish: printInstant((start + duration) * 1000, offset),
    ...limits.charge(method),
  };
}
