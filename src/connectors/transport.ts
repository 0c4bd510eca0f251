// The only door to the network for connectors: one connection's origin, no redirects, our own time limit, answers
// parsed by us, secrets removed from whatever is said about a failure. What a status means is the connector's business.
import http from 'node:http';
import https from 'node:https';
import axios, { type AxiosAdapter, AxiosError, type AxiosResponse } from 'axios';
import { BadResponseError, SyncError, UnavailableError } from '../errors.ts';
import { type Clock, type Log, type Random, withDeadline } from '../ports.ts';
import { createRedact, type Redact } from './redact.ts';

/** What every connector's factory gets besides its options. `adapter` carries the requests of tests and simulations. */
export type ConnectorDeps = {
  /** Name of the connection in the configuration. */
  readonly connection: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly adapter?: AxiosAdapter;
};

export type TransportOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Scheme, host and port, with a context path where the product lives under one. */
  readonly origin: string;
  readonly allowInsecureHttp?: boolean;
  /** What carries the requests; left out: Node's http and https. */
  readonly adapter?: AxiosAdapter;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Credentials and whatever else goes with every request; asked anew each time. */
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** By value: these never stand in an error or a log line. */
  readonly secrets?: readonly string[];
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

export type TransportResponse = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text where an error answer is not JSON; null for an empty body. */
  readonly data: unknown;
  readonly bytes: number;
};

export type Transport = {
  send(request: TransportRequest, ask?: { readonly signal?: AbortSignal | undefined }): Promise<TransportResponse>;
  /** Requests sent so far, repeats included. */
  requests(): number;
  /** How many of them came back without an answer. */
  failures(): number;
  readonly redact: Redact;
  close(): void;
};

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const EXCERPT_LENGTH = 200;
/** The connection was never made, so nothing can have been done. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$|CERT|ERR_TLS|UNABLE_TO_VERIFY/;

export function createTransport(options: TransportOptions): Transport {
  const base = originOf(options);
  const redact = createRedact(options.secrets ?? []);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const maxBytes = options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  let requests = 0;
  let failures = 0;

  const instance = axios.create({
    ...(options.adapter ? { adapter: options.adapter } : {}),
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
    if (address.origin !== base.origin || address.username !== '' || address.password !== '') {
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
    return withDeadline(options.clock, timeoutMs, outer, (signal) =>
      orAbort(
        signal,
        instance.request({
          url,
          method: request.method,
          signal,
          data: request.form || payload === undefined ? payload : JSON.stringify(payload),
          headers: {
            Accept: 'application/json',
            'User-Agent': options.userAgent,
            // Jira answers 415 to a bodyless DELETE without it.
            ...(request.method === 'GET' ? {} : { 'Content-Type': contentType(request) }),
            ...request.headers,
            ...options.headers?.(),
          },
        }),
      ),
    );
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
        const response = await exchange(request, url, ask.signal);
        return parse(request, response, maxBytes, redact);
      } catch (error) {
        if (error instanceof BadResponseError) throw error;
        failures += 1;
        if (reads && ask.signal?.aborted) throw ask.signal.reason;
        if (reads && attempt === 1 && isBrokenConnection(error)) {
          options.log.debug('read repeated after a broken connection', { method: request.method, origin: base.origin });
          continue;
        }
        throw failure(error, reads, base.origin, maxBytes, redact);
      }
    }
  }

  function close(): void {
    agents.http.destroy();
    agents.https.destroy();
  }

  return { send, requests: () => requests, failures: () => failures, redact, close };
}

function originOf({ origin, allowInsecureHttp }: TransportOptions): URL {
  const url = new URL(origin);
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

function parse(
  request: TransportRequest,
  response: AxiosResponse,
  maxBytes: number,
  redact: Redact,
): TransportResponse {
  const raw = bytesOf(response.data);
  if (raw.byteLength > maxBytes) throw tooLarge(maxBytes);
  const good = response.status >= 200 && response.status <= 299;
  // What a refusal says is shown to people, so it loses its secrets before anybody can quote it.
  const text = good ? raw.toString('utf8') : redact(raw.toString('utf8'));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  const result = { status: response.status, headers, bytes: raw.byteLength };
  if (text.trim() === '') return { ...result, data: null };
  try {
    return { ...result, data: JSON.parse(text) };
  } catch (cause) {
    // Gateways answer failures in HTML; their status says enough.
    if (!good) return { ...result, data: text.slice(0, 1000) };
    throw new BadResponseError(
      `The answer to ${request.method} ${pathOf(request, redact)} is not JSON`,
      'Open the address of the connection in a browser: a login page, proxy or maintenance page may stand in between.',
      { path: '', excerpt: excerptOf(text, redact) },
      new Error(redact(cause instanceof Error ? cause.message : String(cause))),
    );
  }
}

function bytesOf(data: unknown): Buffer {
  if (data === undefined || data === null) return Buffer.alloc(0);
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(JSON.stringify(data), 'utf8');
}

/** The path without its query, which may hold what a person typed. */
function pathOf(request: TransportRequest, redact: Redact): string {
  return redact(request.path ?? new URL(request.url ?? '').pathname);
}

/** Redacted before it is cut, so that no half of a secret is left at the end. */
export function excerptOf(text: string, redact: Redact): string {
  const line = redact(text).replace(/\s+/g, ' ').trim();
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line;
}

function tooLarge(maxBytes: number): BadResponseError {
  return new BadResponseError(
    `The answer is larger than ${maxBytes} bytes`,
    'Map fewer or smaller fields in the profile.',
    { path: '', excerpt: '' },
  );
}

function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof AxiosError)) return false;
  return error.code !== AxiosError.ERR_CANCELED && !isTooLarge(error);
}

function isTooLarge(error: AxiosError): boolean {
  return error.message.startsWith('maxContentLength');
}

function failure(error: unknown, reads: boolean, origin: string, maxBytes: number, redact: Redact): Error {
  if (error instanceof AxiosError && isTooLarge(error)) return tooLarge(maxBytes);
  const code = error instanceof AxiosError ? (error.code ?? '') : '';
  const reason = redact(error instanceof Error ? error.message : String(error));
  const ambiguous = !reads && !NEVER_SENT.test(code);
  // The client's own error carries the request with its credentials; only code and message may travel further.
  const cause = Object.assign(new Error(reason), { code });
  return new UnavailableError(
    `${origin} did not answer: ${reason || code || 'the connection broke'}`,
    'It is tried again by itself; check the address, the network and the vendor’s status page if it lasts.',
    { ambiguous, cause },
  );
}
