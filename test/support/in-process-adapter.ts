// An axios adapter that hands requests to a sandbox product instead of a socket: same request, same answer, no port.
import {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';

export type Handle = (request: SandboxRequest) => Promise<SandboxResponse>;

function requestUrl(config: InternalAxiosRequestConfig): URL {
  const path = config.url ?? '';
  const absolute = /^[a-z][a-z\d+.-]*:\/\//i.test(path) || !config.baseURL;
  const joined = absolute ? path : `${config.baseURL?.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  const url = new URL(joined, 'http://sandbox.invalid');
  const { params } = config;
  if (!params) return url;
  if (params instanceof URLSearchParams) {
    for (const [name, value] of params) url.searchParams.append(name, value);
    return url;
  }
  for (const [name, value] of Object.entries(params as Record<string, unknown>)) {
    if (value === undefined || value === null) continue;
    // axios' own default for lists is `name[]=`; a serializer set on the request decides otherwise.
    for (const item of Array.isArray(value) ? value : [value]) {
      url.searchParams.append(Array.isArray(value) ? `${name}[]` : name, String(item));
    }
  }
  return url;
}

function serializedUrl(config: InternalAxiosRequestConfig): URL {
  const serializer = config.paramsSerializer;
  const serialize = typeof serializer === 'function' ? serializer : serializer?.serialize;
  if (!config.params || !serialize) return requestUrl(config);
  const { params: _params, ...bare } = config;
  const url = requestUrl(bare as InternalAxiosRequestConfig);
  const text = serialize(config.params, {});
  url.search = [url.search.replace(/^\?/, ''), text].filter(Boolean).join('&');
  return url;
}

function bodyBytes(data: unknown): Uint8Array {
  if (data === undefined || data === null) return new Uint8Array();
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof URLSearchParams) return Buffer.from(data.toString(), 'utf8');
  return Buffer.from(JSON.stringify(data), 'utf8');
}

function toSandboxRequest(config: InternalAxiosRequestConfig): SandboxRequest {
  const url = serializedUrl(config);
  const headers: Record<string, string> = { host: url.host };
  for (const [name, value] of Object.entries(AxiosHeaders.from(config.headers).toJSON())) {
    if (value !== null && value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  const auth = config.auth;
  if (auth) headers.authorization = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  const body = bodyBytes(config.data);
  if (body.length > 0) headers['content-length'] = String(body.length);
  return {
    method: (config.method ?? 'get').toUpperCase(),
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers,
    body,
  };
}

function networkError(config: InternalAxiosRequestConfig, code: string, message: string): AxiosError {
  return new AxiosError(message, code, config, {});
}

function responseData(config: InternalAxiosRequestConfig, body: string | Uint8Array): unknown {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body);
  return config.responseType === 'arraybuffer' ? bytes : bytes.toString('utf8');
}

/** Node's http names headers in lower case, whatever the server wrote. */
function lowerCase(headers: Readonly<Record<string, string>>): AxiosHeaders {
  return AxiosHeaders.from(
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  );
}

async function exchange(config: InternalAxiosRequestConfig, handle: Handle): Promise<AxiosResponse> {
  const answer = await handle(toSandboxRequest(config));
  if (answer.drop) throw networkError(config, 'ECONNRESET', 'socket hang up');
  const response: AxiosResponse = {
    data: responseData(config, answer.body),
    status: answer.status,
    statusText: '',
    headers: lowerCase(answer.headers),
    config,
    request: {},
  };
  if (!config.validateStatus || config.validateStatus(answer.status)) return response;
  const code = answer.status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE;
  throw new AxiosError(`Request failed with status code ${answer.status}`, code, config, {}, response);
}

/** Several products by origin: `{ 'https://jira.sandbox': jira.handle }`; an unknown origin is refused as a socket would. */
export function createInProcessRouter(products: Readonly<Record<string, Handle>>): AxiosAdapter {
  return async (config) => {
    const { origin } = requestUrl(config);
    const handle = products[origin];
    if (!handle) throw networkError(config, 'ECONNREFUSED', `connect ECONNREFUSED ${origin}`);
    return createInProcessAdapter(handle)(config);
  };
}

export function createInProcessAdapter(handle: Handle): AxiosAdapter {
  return (config) =>
    new Promise((resolve, reject) => {
      const signal = config.signal;
      if (signal?.aborted) return reject(new CanceledError(undefined, config));
      const onAbort = () => reject(new CanceledError(undefined, config));
      signal?.addEventListener?.('abort', onAbort);
      // An abort only stops the waiting: the product goes on with its work, as a server behind a socket does.
      exchange(config, handle)
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener?.('abort', onAbort));
    });
}
