// What both listeners share: addresses, and the limits that keep slow, huge and endless requests off.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SyncError } from '../errors.ts';

export type Listen = { readonly host: string; readonly port: number };

export type Limits = {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headers: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly connections: number;
  /** How often connections are looked at for the two time limits. */
  readonly checkMs: number;
};

export const LIMITS: Limits = {
  bodyBytes: 2 * 1024 * 1024,
  headerBytes: 16 * 1024,
  headers: 100,
  headersMs: 10_000,
  requestMs: 15_000,
  keepAliveMs: 5_000,
  connections: 4_000,
  checkMs: 1_000,
};

const LARGEST_BODY = 25 * 1024 * 1024;

/** `0.0.0.0:8080`, `[::1]:8081`, `localhost:0`. */
export function parseListen(text: string): Listen {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(parts?.[3]);
  const host = parts?.[1] ?? parts?.[2];
  if (!host || port > 65_535) {
    throw new SyncError(`"${text}" is no address to listen on`, 'Write host and port: 127.0.0.1:8081, or [::1]:8081.');
  }
  return { host, port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function checkLimits(limits: Limits): void {
  for (const [name, value] of Object.entries(limits)) {
    // A limit that does not parse would silently be no limit at all.
    if (Number.isInteger(value) && value > 0 && (name !== 'bodyBytes' || value <= LARGEST_BODY)) continue;
    const cure = `Use a whole number above 0${name === 'bodyBytes' ? `, at most ${LARGEST_BODY} bytes` : ''}.`;
    throw new SyncError(`the server limit ${name} is ${value}`, cure);
  }
}

export type Carrier = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

async function answerNotFound(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.code(404).send({ error: 'not found' });
}

function noSchemas(): never {
  throw new Error('routes have no schemas here');
}

/** A Fastify instance under the limits; it logs nothing by itself and tells a caller nothing about the inside. */
export function createLimitedServer(limits: Limits, notFound: Carrier = answerNotFound): FastifyInstance {
  checkLimits(limits);
  const server = Fastify({
    logger: false,
    // Nothing here has a schema; without these two Fastify loads a compiler of schemas, a tenth of our memory.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    // What is being worked on was waited for before; the rest, slow callers and idle connections, is cut off.
    forceCloseConnections: true,
    http: {
      headersTimeout: limits.headersMs,
      maxHeaderSize: limits.headerBytes,
      connectionsCheckingInterval: limits.checkMs,
    },
  });
  server.server.maxConnections = limits.connections;
  // Node drops headers above the count without a word; one more is let through so that the excess can be refused.
  server.server.maxHeadersCount = limits.headers + 1;
  server.addHook('onRequest', async (request, reply) => {
    if (request.raw.rawHeaders.length / 2 > limits.headers) return reply.code(431).send({ error: 'too many headers' });
  });
  server.setNotFoundHandler(notFound);
  server.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const texts: Readonly<Record<number, string>> = {
      413: 'body too large',
      415: 'content type not supported',
      500: 'failed',
    };
    return reply.code(status).send({ error: texts[status] ?? 'bad request' });
  });
  return server;
}

/** Answers everything that has arrived whole, then ends. A webhook that was stored must not look lost to its sender. */
function createGracefulClose(server: FastifyInstance): () => Promise<void> {
  const answering = new Set<Promise<void>>();
  let closing: Promise<void> | null = null;
  server.addHook('onRequest', async (_request, reply) => {
    if (closing)
      return reply.code(503).headers({ connection: 'close', 'retry-after': '30' }).send({ error: 'stopping' });
  });
  server.addHook('preHandler', async (_request, reply) => {
    // 'close' comes after the last byte, and also when the caller goes away before.
    const done = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    answering.add(done);
    void done.then(() => answering.delete(done));
  });
  async function close(): Promise<void> {
    while (answering.size > 0) await Promise.all(answering);
    await server.close();
  }
  return () => {
    closing ??= close();
    return closing;
  };
}

export type RunningServer = {
  /** With the real port, also when port 0 was asked for. */
  readonly url: string;
  /** Finishes what has arrived, then ends the listener and its connections; a second call is harmless. */
  readonly close: () => Promise<void>;
};

/** Starts it and answers the address it really has. */
export async function listenOn(server: FastifyInstance, listen: Listen): Promise<RunningServer> {
  const close = createGracefulClose(server);
  try {
    // As many may wait to be let in as may be in. Of a burst above Node's 511 the kernel drops the rest, good callers among
    // them: they come through seconds later, or are reset where it answered with SYN cookies meanwhile.
    await server.listen({ host: listen.host, port: listen.port, backlog: server.server.maxConnections });
  } catch (error) {
    const cure = `Free the port, or choose another one in server: of the configuration.`;
    throw new SyncError(`cannot listen on ${listen.host}:${listen.port}`, cure, error);
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : listen.port;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return { url: `http://${host}:${port}`, close };
}
