// The only door to the network for connectors: one connection's origin, no redirects, our own time limit, answers
// parsed by us, secrets removed from whatever is said about a failure. What a status means is the connector's business.
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import axios, { type AxiosAdapter, AxiosHeaders, type AxiosResponse } from 'axios';
import { BadResponseError, SyncError } from '../errors.ts';
import { type Clock, type Log, type Random, type Vault, withDeadline } from '../ports.ts';
import { createGuardedLookup, kindOfHost } from './address.ts';
import { createRedact, type Redact } from './redact.ts';
import {
  errorKind,
  failureOf,
  isBrokenConnection,
  parseResponse,
  statusKind,
  type TransportResponse,
} from './response.ts';
import { createTally, type Tally } from './tally.ts';

export { excerptOf, type TransportResponse } from './response.ts';

/** What every connector's factory gets besides its options. `adapter` carries the requests of tests and simulations. */
export type ConnectorDeps = {
  /** Name of the connection in the configuration. */
  readonly connection: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly adapter?: AxiosAdapter;
  /** Where tokens are kept; only connections that get theirs at run time need it. */
  readonly vault?: Vault;
  /** Every secret of the configuration: one product may repeat what belongs to another. */
  readonly secrets?: readonly string[];
};

export type TransportOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Scheme, host and port, with a context path where the product lives under one. */
  readonly origin: string;
  readonly allowInsecureHttp?: boolean;
  /** What carries the requests; left out: Node's http and https. */
  readonly adapter?: AxiosAdapter;
  /** Instead of the system's resolver. */
  readonly lookup?: LookupFunction;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Credentials and whatever else goes with every request; asked anew each time. */
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** By value: these never stand in an error or a log line. A function where they change. */
  readonly secrets?: readonly string[] | (() => readonly string[]);
  /** Where several transports of one connection count together. */
  readonly tally?: Tally;
};

export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

export type TransportRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the origin, starting with `/`, segments already encoded. */
  readonly path?: string;
  /** Instead of `path`: an address that the vendor handed out; refused unless it is within the origin. */
  readonly url?: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form, instead of `body`. */
  readonly form?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  /** A POST that only reads: may be repeated once on a broken connection, and its failure leaves no doubt. */
  readonly reads?: boolean;
};

export type Transport = {
  send(request: TransportRequest, ask?: { readonly signal?: AbortSignal | undefined }): Promise<TransportResponse>;
  /** Requests sent so far, repeats included. */
  requests(): number;
  /** How many of them came back without an answer. */
  failures(): number;
  readonly redact: Redact;
  readonly tally: Tally;
  close(): void;
};

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const base = originOf(options);
  const { secrets = [] } = options;
  const redact =
    typeof secrets === 'function' ? (text: string) => createRedact(secrets())(text) : createRedact(secrets);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const maxBytes = options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
  const how = { keepAlive: true, lookup: createGuardedLookup(options.lookup) };
  const agents = { http: new http.Agent(how), https: new https.Agent(how) };
  const tally = options.tally ?? createTally();
  let requests = 0;
  let failures = 0;

  // Handed straight to what carries it: of what axios does besides for each request (merging settings, interceptors,
  // transforming bodies) nothing is wanted here, and it takes as long as the rest of the request.
  const carry = options.adapter ?? axios.getAdapter('http');
  const { defaults } = axios.create({
    httpAgent: agents.http,
    httpsAgent: agents.https,
    // A redirected POST loses its body, and a redirected request takes its credentials along.
    maxRedirects: 0,
    // The environment is read in one place, and it is not here.
    proxy: false,
    maxContentLength: maxBytes,
    maxBodyLength: Number.POSITIVE_INFINITY,
    responseType: 'arraybuffer',
    transformRequest: [(data) => data],
    transformResponse: [(data) => data],
    validateStatus: () => true,
  });

  function addressOf(request: TransportRequest): string {
    const address = new URL(request.url ?? `${base.href.replace(/\/$/, '')}${request.path ?? '/'}`);
    // A blob's origin is that of the address inside it, hence the scheme besides.
    const elsewhere = address.origin !== base.origin || address.protocol !== base.protocol;
    if (elsewhere || address.username !== '' || address.password !== '') {
      throw new SyncError(
        `${redact(address.origin)} is not the address of this connection (${base.origin})`,
        'Nothing was sent. If the product moved, change `url` of the connection.',
      );
    }
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value === undefined) continue;
      for (const single of Array.isArray(value) ? value : [value]) address.searchParams.append(name, String(single));
    }
    return address.href;
  }

  async function exchange(request: TransportRequest, url: string, outer?: AbortSignal): Promise<AxiosResponse> {
    const payload = request.form ? request.form.toString() : request.body;
    requests += 1;
    const headers = new AxiosHeaders({
      Accept: 'application/json',
      'User-Agent': options.userAgent,
      // Jira answers 415 to a bodyless DELETE without it.
      ...(request.method === 'GET' ? {} : { 'Content-Type': contentType(request) }),
      ...request.headers,
      ...options.headers?.(),
    });
    const data = request.form || payload === undefined ? payload : JSON.stringify(payload);
    return withDeadline(options.clock, timeoutMs, outer, (signal) => {
      signal.throwIfAborted();
      return orAbort(signal, carry({ ...defaults, url, method: request.method, signal, data, headers }));
    });
  }

  function count({ status, headers }: AxiosResponse): void {
    const kind = statusKind(status);
    if (kind !== null) tally.error(kind);
    const told = Date.parse(String(headers.date ?? ''));
    if (!Number.isNaN(told)) tally.skew(told - options.clock.now());
  }

  async function send(
    request: TransportRequest,
    ask: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TransportResponse> {
    ask.signal?.throwIfAborted();
    const url = addressOf(request);
    const reads = request.reads ?? request.method === 'GET';
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!reads) tally.write();
        const response = await exchange(request, url, ask.signal);
        count(response);
        return parseResponse(response, { what: `${request.method} ${pathOf(request)}`, maxBytes, redact });
      } catch (error) {
        if (!ask.signal?.aborted) tally.error(errorKind(error));
        if (error instanceof BadResponseError) throw error;
        failures += 1;
        if (reads && ask.signal?.aborted) throw ask.signal.reason;
        if (reads && attempt === 1 && isBrokenConnection(error)) {
          options.log.debug('read repeated after a broken connection', { method: request.method, origin: base.origin });
          continue;
        }
        throw failureOf(error, { reads, origin: base.origin, maxBytes, redact });
      }
    }
  }

  function close(): void {
    agents.http.destroy();
    agents.https.destroy();
  }

  return { send, requests: () => requests, failures: () => failures, redact, tally, close };
}

function originOf({ origin, allowInsecureHttp }: TransportOptions): URL {
  const url = new URL(origin);
  if (kindOfHost(url.hostname) === 'forbidden') {
    throw new SyncError(
      `${url.origin} is no address of a product: link-local and metadata addresses are never asked`,
      'Correct `url` of the connection.',
    );
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && allowInsecureHttp)) return url;
  throw new SyncError(
    `${url.origin} is not an https address`,
    'Use https, or set `insecure-http: true` on the connection if the network in between is trusted.',
  );
}

function contentType(request: TransportRequest): string {
  return request.form ? 'application/x-www-form-urlencoded' : 'application/json';
}

/** An adapter of a test or a simulation may not watch the signal; the time limit holds all the same. */
function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The path without its query, which may hold what a person typed. */
function pathOf(request: TransportRequest): string {
  return request.path ?? new URL(request.url ?? '').pathname;
}
