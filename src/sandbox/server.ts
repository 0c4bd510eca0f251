// Real HTTP around a handler: loopback only, a limit on bodies, and "drop" really closes the socket.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SandboxRequest, SandboxResponse } from './http.ts';

export type SandboxServer = {
  readonly url: string;
  readonly port: number;
  /** Closes the listener and every connection; resolves when the port is free. */
  readonly close: () => Promise<void>;
};

const DEFAULT_BODY_LIMIT = 20 * 1024 * 1024;

class BodyTooLarge extends Error {}

async function readBody(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Without this option leaving the loop would destroy the socket before the 413 is written.
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

async function toRequest(message: IncomingMessage, limit: number): Promise<SandboxRequest> {
  const url = new URL(message.url ?? '/', 'http://127.0.0.1');
  return {
    method: message.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: headersOf(message),
    body: await readBody(message, limit),
  };
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(text);
}

function send(response: ServerResponse, answer: SandboxResponse): void {
  if (answer.drop) {
    response.socket?.destroy();
    return;
  }
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body, 'utf8') : Buffer.from(answer.body);
  // A 204 has no body and must not announce the length of one.
  const length: Record<string, string> = answer.status === 204 ? {} : { 'content-length': String(body.length) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(body);
}

export type ServerOptions = {
  /** 0: a free one. */
  readonly port: number;
  readonly handle: (request: SandboxRequest) => Promise<SandboxResponse>;
  readonly bodyLimit?: number;
};

export async function startServer(options: ServerOptions): Promise<SandboxServer> {
  const limit = options.bodyLimit ?? DEFAULT_BODY_LIMIT;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let request: SandboxRequest;
    try {
      request = await toRequest(message, limit);
    } catch (error) {
      if (error instanceof BodyTooLarge) return plain(response, 413, `The body is larger than ${limit} bytes.`);
      if (error instanceof URIError || error instanceof TypeError)
        return plain(response, 400, 'The address is malformed.');
      // The client went away in the middle of its request.
      response.socket?.destroy();
      return;
    }
    try {
      send(response, await options.handle(request));
    } catch (error) {
      plain(response, 500, `The sandbox failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
  }

  const server = createServer((message, response) => void answer(message, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
