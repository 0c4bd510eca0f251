// The two listeners: one that the vendors reach, with nothing on it but webhooks, and one for the operator. Both only
// carry bytes to and from the pure handlers.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SyncError } from '../errors.ts';
import { type AdminHandlers, type AdminOptions, createAdminHandlers } from './admin.ts';
import {
  type Carrier,
  createLimitedServer,
  isLoopback,
  LIMITS,
  type Limits,
  listenOn,
  parseListen,
  type RunningServer,
} from './listen.ts';
import type { WebhookHandlers } from './webhooks.ts';

export type { RunningServer };

function headersOf(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function respond(
  reply: FastifyReply,
  answer: { status: number; headers?: Readonly<Record<string, string>>; body: string },
): FastifyReply {
  return reply
    .code(answer.status)
    .headers({ 'content-type': 'text/plain; charset=utf-8', ...answer.headers })
    .send(answer.body);
}

export type WebhookServerOptions = {
  /** `0.0.0.0:8080` */
  readonly listen: string;
  readonly handlers: WebhookHandlers;
  readonly limits?: Partial<Limits>;
};

export async function startWebhookServer(options: WebhookServerOptions): Promise<RunningServer> {
  const listen = parseListen(options.listen);
  const server = createLimitedServer({ ...LIMITS, ...options.limits });
  // Signatures cover the raw bytes, so nothing is parsed here; every other content type is answered with 415.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    ['application/json', 'application/x-www-form-urlencoded'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  server.post<{ Params: { connection: string } }>('/webhooks/:connection', async (request, reply) => {
    if (request.params.connection === '') return reply.callNotFound();
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    return respond(
      reply,
      await options.handlers.handle(request.params.connection, { headers: headersOf(request), body }),
    );
  });
  return listenOn(server, listen);
}

export type AdminServerOptions = Omit<AdminOptions, 'token'> & {
  /** `127.0.0.1:8081` */
  readonly listen: string;
  readonly token?: string | null;
  readonly limits?: Partial<Limits>;
};

export async function startAdminServer(options: AdminServerOptions): Promise<RunningServer> {
  const listen = parseListen(options.listen);
  const token = options.token ?? null;
  if (token === null && !isLoopback(listen.host)) {
    throw new SyncError(
      `the admin listener on ${options.listen} would be open to everybody`,
      'Set server.admin.token, or listen on 127.0.0.1.',
    );
  }
  const handlers: AdminHandlers = createAdminHandlers({ ...options, token });
  const carry: Carrier = async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const { method, ip: address } = request;
    return respond(
      reply,
      await handlers.handle({ method, path, authorization: request.headers.authorization, address }),
    );
  };
  // There are no routes here: every path goes to the handlers, so an unknown one does not answer without the token either.
  const server = createLimitedServer({ ...LIMITS, ...options.limits }, carry);
  return listenOn(server, listen);
}
