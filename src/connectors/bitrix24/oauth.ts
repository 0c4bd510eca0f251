// The authorization server: a code or a refresh token for a new pair of tokens. Only servers that the vendor names or
// the configuration sets are ever asked, because the application's secret goes along.
import { z } from 'zod';
import { AuthError, BadResponseError, UnavailableError } from '../../errors.ts';
import { type ConnectorDeps, createTransport, type Transport, type TransportResponse } from '../transport.ts';
import { type Failure, failureOf, isNamed, shownFailure } from './failures.ts';
import type { ApplicationKeys } from './options.ts';

/** `server`: origin of the authorization server to ask next time. */
export type Grant = {
  readonly access: string;
  readonly refresh: string;
  readonly server: string;
  readonly memberId: string | null;
  readonly userId: string | null;
  /** Origin of the portal that the tokens are for. */
  readonly portal: string | null;
};

export type AuthServer = {
  /** Which server a portal's tokens come from; `named`: what a delivery says about itself. */
  choose(portal: string, named: string | null): string;
  refresh(server: string, token: string): Promise<Grant>;
  exchange(server: string, code: string): Promise<Grant>;
  close(): void;
};

const WEST = 'https://oauth.bitrix.info';
const EAST = 'https://oauth.bitrix24.tech';
const EASTERN_PORTAL = /\.bitrix24\.(ru|by|kz)$/;

const GRANT_TYPES = new Set(['refresh_token', 'authorization_code']);

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  client_endpoint: z.string().nullish(),
  server_endpoint: z.string().nullish(),
  member_id: z.string().nullish(),
  user_id: z.coerce.string().nullish(),
});

/** Nobody else has the code or the token, so these end the installation. */
const GRANT_CODES = ['INVALID_GRANT', 'EXPIRED_TOKEN', 'INVALID_TOKEN'];
const FINAL_CODES = [
  ...GRANT_CODES,
  'INVALID_CLIENT',
  'WRONG_CLIENT',
  'PAYMENT_REQUIRED',
  'INVALID_SCOPE',
  'INSUFFICIENT_SCOPE',
];

export function createAuthServer(
  application: ApplicationKeys,
  options: Omit<ConnectorDeps, 'random' | 'vault' | 'secrets'> & {
    readonly insecure: boolean;
    readonly secrets: () => readonly string[];
  },
): AuthServer {
  const transports = new Map<string, Transport>();
  /** The docs show GET alone; a form keeps the secrets out of addresses and works as well, where it does. */
  let byForm = true;
  /** On their way just now, so that nothing that is said about a failure repeats them. */
  let asking: readonly string[] = [];

  function choose(portal: string, named: string | null): string {
    if (application.server !== null) return new URL(application.server).origin;
    return vendorsOwn(originOf(named)) ?? (EASTERN_PORTAL.test(new URL(portal).hostname) ? EAST : WEST);
  }

  function transportTo(server: string): Transport {
    const known = transports.get(server);
    if (known) return known;
    const opened = createTransport({
      clock: options.clock,
      log: options.log,
      origin: server,
      allowInsecureHttp: options.insecure,
      userAgent: 'jira-crm-sync',
      secrets: () => [application.clientSecret, ...asking, ...options.secrets()],
      ...(options.adapter ? { adapter: options.adapter } : {}),
    });
    transports.set(server, opened);
    return opened;
  }

  async function ask(server: string, grant: Readonly<Record<string, string>>): Promise<Grant> {
    const query = { client_id: application.clientId, client_secret: application.clientSecret, ...grant };
    const path = '/oauth/token/';
    asking = Object.values(grant).filter((value) => !GRANT_TYPES.has(value));
    // Never repeated by the transport: a refresh whose answer is lost may have used the token up.
    const send = (form: boolean) =>
      transportTo(server).send(
        form
          ? { method: 'POST', path, form: new URLSearchParams(query), reads: false }
          : { method: 'GET', path, query, reads: false },
      );
    let response = await send(byForm);
    let failure = failureOf(response.status, response.data);
    if (byForm && failure !== null && !isFinal(failure) && response.status < 500) {
      response = await send(false);
      failure = failureOf(response.status, response.data);
      byForm = failure !== null;
    }
    if (failure !== null) {
      throw refused(shownFailure(failure, transportTo(server).redact), response, options.connection);
    }
    return grantOf(response.data, server);
  }

  return {
    choose,
    refresh: (server, token) => ask(server, { grant_type: 'refresh_token', refresh_token: token }),
    exchange: (server, code) => ask(server, { grant_type: 'authorization_code', code }),
    close: () => {
      for (const transport of transports.values()) transport.close();
    },
  };
}

function isFinal(failure: Failure): boolean {
  return FINAL_CODES.some((code) => isNamed(failure, code));
}

function vendorsOwn(origin: string | null): string | null {
  return origin === WEST || origin === EAST ? origin : null;
}

function grantOf(data: unknown, asked: string): Grant {
  const parsed = answer.safeParse(data);
  if (!parsed.success) {
    // Without an excerpt: half a token is still a token.
    throw new BadResponseError('The authorization server of Bitrix24 answered no tokens', 'Try again later.', {
      path: parsed.error.issues[0]?.path.join('.') ?? '',
      excerpt: '',
    });
  }
  const { access_token, refresh_token, client_endpoint, server_endpoint, member_id, user_id } = parsed.data;
  return {
    access: access_token,
    refresh: refresh_token,
    server: vendorsOwn(asked) === null ? asked : (vendorsOwn(originOf(server_endpoint ?? null)) ?? asked),
    memberId: member_id ?? null,
    userId: user_id ?? null,
    portal: originOf(client_endpoint ?? null),
  };
}

function originOf(address: string | null): string | null {
  return address !== null && URL.canParse(address) ? new URL(address).origin : null;
}

function refused(failure: Failure, { status }: TransportResponse, connection: string): Error {
  const said = [failure.code, failure.description].filter((part) => part !== '').join(': ') || `HTTP ${status}`;
  const message = `The authorization server of Bitrix24 refused: ${said}`;
  const again = `Run jira-crm-sync connect ${connection} and install the application again.`;
  if (GRANT_CODES.some((code) => isNamed(failure, code))) return new AuthError(message, again);
  if (isNamed(failure, 'PAYMENT_REQUIRED')) return new AuthError(message, 'Renew the Bitrix24 subscription.');
  if (isFinal(failure)) {
    return new AuthError(message, `Compare client-id and client-secret with the card of the application. ${again}`);
  }
  if (status >= 500 || status === 429) {
    // It may have issued the tokens before it failed.
    return new UnavailableError(message, 'It is tried again by itself.', { ambiguous: status !== 429 });
  }
  return new AuthError(message, again);
}
