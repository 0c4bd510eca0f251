// The control routes of a sandbox server, for tests, demos and people: look inside, act as a person, break things.
// They live beside the vendor's routes and need the control token.
import { timingSafeEqual } from 'node:crypto';
import type { Faults } from './faults.ts';
import { type Product, type SandboxEdit, SandboxEditError, type SandboxRequest, type SandboxResponse } from './http.ts';
import type { RequestLog } from './request-log.ts';

export const CONTROL_PREFIX = '/__sandbox/';

export type ControlOptions = {
  readonly token: string;
  readonly product: Product;
  readonly faults: Faults;
  readonly log: RequestLog;
};

type Route = (request: SandboxRequest) => unknown;

function json(status: number, value: unknown): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value ?? null),
  };
}

function authorized(request: SandboxRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bodyOf(request: SandboxRequest): unknown {
  try {
    return JSON.parse(Buffer.from(request.body).toString('utf8'));
  } catch {
    throw new SandboxEditError('The body must be JSON.');
  }
}

function objectOf(request: SandboxRequest): Record<string, unknown> {
  const body = bodyOf(request);
  if (isObject(body)) return body;
  throw new SandboxEditError('The body must be a JSON object.');
}

function editOf(request: SandboxRequest): SandboxEdit {
  const body = objectOf(request);
  if (body.op !== 'create' && body.op !== 'update' && body.op !== 'delete') {
    throw new SandboxEditError('"op" must be create, update or delete.');
  }
  if (typeof body.in !== 'string') {
    throw new SandboxEditError(
      '"in" must name the project key (Jira) or the entity (Bitrix24: deal, lead, contact, company).',
    );
  }
  // People type ids as numbers; both products name them as text.
  const id = typeof body.id === 'number' ? String(body.id) : body.id;
  if (body.op !== 'create' && typeof id !== 'string') throw new SandboxEditError(`"id" is needed to ${body.op}.`);
  if (body.user !== undefined && typeof body.user !== 'string') throw new SandboxEditError('"user" must be a text.');
  if (body.fields !== undefined && !isObject(body.fields)) throw new SandboxEditError('"fields" must be an object.');
  return { ...body, ...(id === undefined ? {} : { id }) } as SandboxEdit;
}

/** Where webhooks go and how: `{url, …}` or a list is short for `{webhooks: […]}`. */
function webhookSettings(body: unknown): Record<string, unknown> {
  if (Array.isArray(body)) return { webhooks: body };
  if (!isObject(body)) throw new SandboxEditError('Send {"webhooks": [{"url": …}]}, a list of them, or one of them.');
  if ('url' in body) {
    const { webhookMode, ...webhook } = body;
    return webhookMode === undefined ? { webhooks: [webhook] } : { webhooks: [webhook], webhookMode };
  }
  return body;
}

function sinceOf(query: URLSearchParams): number | undefined {
  const text = query.get('since');
  if (text === null) return undefined;
  const since = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(since)) throw new SandboxEditError('"since" must be epoch milliseconds or an ISO 8601 time.');
  return since;
}

/** Answers control requests; null for every other path. */
export function createControl(options: ControlOptions): (request: SandboxRequest) => SandboxResponse | null {
  const { product, faults, log, token } = options;
  const routes: Readonly<Record<string, Route>> = {
    'GET state': () => product.state(),
    'POST edit': (request) => product.edit(editOf(request)),
    'GET log': (request) => ({ requests: log.list(sinceOf(request.query)) }),
    'DELETE log': () => {
      log.clear();
      return { cleared: true };
    },
    'GET faults': () => ({ rules: faults.list() }),
    'POST faults': (request) => {
      faults.replace(bodyOf(request));
      return { rules: faults.list() };
    },
    'POST webhooks': (request) => product.configure(webhookSettings(bodyOf(request))) ?? { configured: true },
    'POST settings': (request) => product.configure(objectOf(request)) ?? { configured: true },
  };

  return function control(request) {
    if (!request.path.startsWith(CONTROL_PREFIX)) return null;
    if (!authorized(request, token)) {
      return json(401, { error: 'The control routes need "Authorization: Bearer <control token>".' });
    }
    const route = routes[`${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`];
    if (!route) return json(404, { error: 'No such control route.', routes: Object.keys(routes) });
    try {
      return json(200, route(request));
    } catch (error) {
      if (error instanceof SandboxEditError) return json(400, { error: error.message });
      throw error;
    }
  };
}
