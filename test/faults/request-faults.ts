// Every way in which a request can fail, on its way, in the product and on the way back, in the vendors' own words.
import { AxiosError } from 'axios';
import type { Side } from '../../src/model.ts';
import type { Product, SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import type { Call } from './border.ts';
import { partFault, partFaultsOf } from './part-faults.ts';

export type FaultAsk = {
  readonly side: Side;
  readonly request: SandboxRequest;
  readonly handle: Product['handle'];
  readonly clock: VirtualClock;
  /** The daemon dies here. */
  readonly dead: () => Promise<never>;
};

type Run = (ask: FaultAsk) => Promise<SandboxResponse>;
type RequestCall = Extract<Call, { kind: 'request' }>;
type Fault = { readonly meets: (call: RequestCall) => boolean; readonly run: Run };

const DROPPED: SandboxResponse = { status: 0, headers: {}, body: '', drop: true };
/** Longer than the daemon waits for any answer. */
const TOO_LATE_MS = 50_000;
const FOR_EVER_MS = 600_000;

const any = () => true;
const writing = ({ writes }: RequestCall) => writes;
const toJira = ({ side }: RequestCall) => side === 'jira';
const toBitrix = ({ side }: RequestCall) => side === 'crm';

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Run {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html' : 'application/json; charset=utf-8';
  return async () => ({
    status,
    headers: { 'content-type': type, ...headers },
    body: isText ? body : JSON.stringify(body),
  });
}

/** As each vendor words it. */
function vendors(status: number, jira: string, crm: readonly [error: string, description: string]): Run {
  const ofJira = answer(status, { errorMessages: [jira], errors: {} });
  const ofBitrix = answer(status, { error: crm[0], error_description: crm[1] });
  return (ask) => (ask.side === 'jira' ? ofJira(ask) : ofBitrix(ask));
}

function after(spoil: (good: SandboxResponse) => SandboxResponse): Run {
  return async ({ handle, request }) => spoil(await handle(request));
}

const half = (good: SandboxResponse): SandboxResponse => {
  const bytes = Buffer.from(good.body as string);
  return { ...good, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
};

/** A proxy's page in the middle of an answer. */
const damaged = (good: SandboxResponse): SandboxResponse => {
  const bytes = Buffer.from(Buffer.from(good.body as string));
  for (let at = 1; at < bytes.length; at += 7) bytes[at] = 0xff;
  return { ...good, status: 200, body: bytes.length === 0 ? Buffer.from([0xff, 0xfe]) : bytes };
};

const PAGE = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue</body></html>';

export const REQUEST_FAULTS: Readonly<Record<string, Fault>> = {
  'refused connection': {
    meets: any,
    run: async () => {
      throw new AxiosError('connect ECONNREFUSED', 'ECONNREFUSED');
    },
  },
  'reset before': { meets: any, run: async () => DROPPED },
  'reset after': { meets: writing, run: after(() => DROPPED) },
  'time-out before': { meets: any, run: ({ clock }) => clock.sleep(FOR_EVER_MS).then(() => DROPPED) },
  'time-out after': {
    meets: writing,
    run: async ({ handle, request, clock }) => {
      await handle(request);
      await clock.sleep(FOR_EVER_MS);
      return DROPPED;
    },
  },
  'done when nobody waits': {
    meets: writing,
    run: ({ handle, request, clock }) => clock.sleep(TOO_LATE_MS).then(() => handle(request)),
  },
  401: {
    meets: any,
    run: vendors(401, 'Client must be authenticated to access this resource.', [
      'INVALID_CREDENTIALS',
      'Invalid request credentials',
    ]),
  },
  403: { meets: any, run: vendors(403, 'Forbidden', ['ACCESS_DENIED', 'Access denied']) },
  404: { meets: any, run: vendors(404, 'Not Found', ['ERROR_METHOD_NOT_FOUND', 'Method not found!']) },
  '400 for the record': { meets: writing, run: vendors(400, 'Not allowed.', ['ERROR_CORE', 'Not allowed.']) },
  '429 with Retry-After': {
    meets: any,
    run: (ask) =>
      ask.side === 'jira'
        ? answer(
            429,
            { errorMessages: ['Rate limit exceeded'] },
            { 'Retry-After': '20', 'RateLimit-Reason': 'jira-burst-based' },
          )(ask)
        : answer(
            429,
            { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' },
            { 'Retry-After': '20' },
          )(ask),
  },
  '429 without Retry-After': { meets: any, run: answer(429, 'Too Many Requests') },
  '500 before': { meets: any, run: answer(500, 'Internal Server Error') },
  '500 after': { meets: writing, run: after(() => ({ status: 500, headers: {}, body: 'Internal Server Error' })) },
  503: { meets: any, run: answer(503, 'Service Unavailable', { 'Retry-After': '5' }) },
  'a page instead': { meets: any, run: answer(200, PAGE) },
  'damaged answer': { meets: any, run: after(damaged) },
  'half an answer': { meets: any, run: after(half) },
  'crash before': { meets: any, run: ({ dead }) => dead() },
  'crash after': { meets: writing, run: ({ handle, request, dead }) => handle(request).then(dead) },

  'Jira: answered as nobody': {
    meets: toJira,
    run: after((good) => ({ ...good, headers: { ...good.headers, 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' } })),
  },
  'Jira: 400 for a field': { meets: (call) => toJira(call) && writing(call), run: (ask) => refusedField(ask) },
  'Jira: 409': {
    meets: (call) => toJira(call) && writing(call),
    run: answer(409, { errorMessages: ['The issue was changed by another user.'], errors: {} }),
  },
  'Bitrix24: QUERY_LIMIT_EXCEEDED': {
    meets: toBitrix,
    run: answer(503, { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' }),
  },
  'Bitrix24: OPERATION_TIME_LIMIT': {
    meets: toBitrix,
    run: answer(429, {
      error: 'OPERATION_TIME_LIMIT',
      error_description: 'Method is blocked due to operation time limit.',
    }),
  },
  'Bitrix24: INTERNAL_SERVER_ERROR': {
    meets: toBitrix,
    run: answer(500, { error: 'INTERNAL_SERVER_ERROR', error_description: 'Internal server error' }),
  },
  'Bitrix24: OVERLOAD_LIMIT': {
    meets: toBitrix,
    run: answer(503, { error: 'OVERLOAD_LIMIT', error_description: 'REST API is blocked due to overload.' }),
  },
  'Bitrix24: expired_token': {
    meets: toBitrix,
    run: answer(401, { error: 'expired_token', error_description: 'The access token provided has expired.' }),
  },
  'Bitrix24: an empty error in 200': {
    meets: toBitrix,
    run: answer(200, { error: '', error_description: 'Internal error' }),
  },
};

function refusedField(ask: FaultAsk): Promise<SandboxResponse> {
  const body =
    ask.request.body.length === 0 ? {} : (JSON.parse(Buffer.from(ask.request.body).toString('utf8')) as object);
  const { fields = {}, update = {} } = body as { fields?: object; update?: object };
  const field = Object.keys({ ...fields, ...update })[0] ?? 'summary';
  return answer(400, { errorMessages: [], errors: { [field]: `Field '${field}' cannot be set.` } })(ask);
}

export function requestFaultsOf(call: RequestCall): readonly string[] {
  const whole = Object.entries(REQUEST_FAULTS).flatMap(([name, { meets }]) => (meets(call) ? [name] : []));
  return [...whole, ...partFaultsOf(call.side, call.parts)];
}

export function requestFault(name: string): Run {
  return REQUEST_FAULTS[name]?.run ?? partFault(name);
}
