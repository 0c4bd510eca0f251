// Requests for sandbox handlers, and a product that only counts, for tests of what is around the products.
import type { Product, SandboxEdit, SandboxRequest, SandboxResponse } from '../../src/sandbox/http.ts';

export function sandboxRequest(
  method: string,
  address: string,
  options: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): SandboxRequest {
  const url = new URL(address, 'http://sandbox.invalid');
  const { body } = options;
  const isText = typeof body === 'string';
  const text = body === undefined ? '' : isText ? body : JSON.stringify(body);
  const type: Readonly<Record<string, string>> =
    body === undefined || isText ? {} : { 'content-type': 'application/json' };
  return {
    method,
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: { ...type, ...options.headers },
    body: Buffer.from(text, 'utf8'),
  };
}

export type CountingProduct = Product & {
  readonly requests: SandboxRequest[];
  readonly edits: SandboxEdit[];
  readonly settings: Readonly<Record<string, unknown>>[];
};

export const COUNTED: SandboxResponse = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"done":true,"text":"привет"}',
};

export function createCountingProduct(answer: SandboxResponse = COUNTED): CountingProduct {
  const requests: SandboxRequest[] = [];
  const edits: SandboxEdit[] = [];
  const settings: Readonly<Record<string, unknown>>[] = [];
  return {
    requests,
    edits,
    settings,
    async handle(request) {
      requests.push(request);
      return answer;
    },
    edit(edit) {
      edits.push(edit);
      return { id: '10001', key: 'BUY-1' };
    },
    state: () => ({ requests: requests.length }),
    configure(given) {
      settings.push(given);
      return given;
    },
    close() {},
  };
}
