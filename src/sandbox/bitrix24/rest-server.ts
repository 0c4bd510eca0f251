// One call through the server's checks, in its order: rate limit, portal, method, authorization and scope, operating
// time, the method. Also the `time` block that every success carries.
import type { SandboxRequest } from '../http.ts';
import { authorize, type Caller } from './authorize.ts';
import { runBatch } from './batch.ts';
import { inScope, type Method } from './call.ts';
import { printInstant } from './dates.ts';
import { methodNotFound, RestError, wrongAuthType } from './errors.ts';
import { type Params, readParams } from './form.ts';
import type { Limits } from './limits.ts';
import type { Answer } from './paging.ts';
import { actAs, type Portal } from './portal.ts';
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
  const caller = authorize(portal, target, request, params);
  if (target.method !== 'batch') return callMethod(portal, limits, caller, target.method, params);
  failAsTold(portal, 'batch');
  const call = (name: string, inner: Params) => callMethod(portal, limits, inBatch(portal, caller, inner), name, inner);
  return { answer: { result: runBatch(portal, params, call) }, time: timeOf(portal, limits, caller, 'batch') };
}

/** The connector given beside `cmd` counts for every command and overrides one inside a command, or it does not. */
function inBatch(portal: Portal, caller: Caller, inner: Params): Caller {
  if (!caller.acting.byApp || portal.settings.variants['offline-suppress-in-batch'] === 'A') return caller;
  return { ...caller, acting: { ...caller.acting, connector: String(inner.auth_connector ?? '') } };
}

/** Also the commands of a batch: each is looked up, checked and charged by itself. */
function callMethod(portal: Portal, limits: Limits, caller: Caller, name: string, inner: Params): Timed {
  const method = findMethod(name);
  const { user, acting, credential } = caller;
  const wants = APPLICATION_METHODS.has(name) && !acting.byApp;
  if (wants && !(name === 'events' && allowsEvents(portal))) throw wrongAuthType();
  return actAs(portal, acting, () => {
    if (!inScope(portal, method)) throw outOfScope(portal);
    limits.checkOperating(name, credential);
    failAsTold(portal, name);
    const { auth: _, auth_connector: __, ...params } = inner;
    const answer = method.run({ portal, params, user });
    return { answer, time: timeOf(portal, limits, caller, name) };
  });
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
  if (!method) throw methodNotFound();
  return method;
}

function outOfScope(portal: Portal): RestError {
  const status = portal.settings.variants['status-insufficient-scope'] === 'A' ? 403 : 401;
  const text = 'The request requires higher privileges than provided by the webhook token';
  return new RestError(status, 'insufficient_scope', text);
}

function timeOf(portal: Portal, limits: Limits, caller: Caller, method: string): Record<string, unknown> {
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
    ...limits.charge(method, caller.credential),
  };
}
