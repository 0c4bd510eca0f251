// A local application is installed by a person in the portal, which then sends the first tokens to our address. Anybody
// can send something there, so nothing in it is believed: the refresh token has to be worth new tokens to the
// authorization server, for our client id and for the portal of the configuration.
import { AuthError } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Delivery, Signal } from '../connector.ts';
import type { Installation } from '../event-source.ts';
import { type FormMap, textAt } from './form.ts';
import type { AuthServer, Grant } from './oauth.ts';
import type { ApplicationKeys, Bitrix24Options } from './options.ts';
import type { Tokens } from './tokens.ts';
import { doubtOf, type EventProof, formOf } from './webhook.ts';

export type InstallParts = {
  readonly connection: string;
  readonly options: Bitrix24Options;
  readonly keys: ApplicationKeys;
  readonly server: AuthServer;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly log: Log;
};

export type InstallHooks = {
  readonly takeIn: (delivery: Delivery) => Promise<Signal | null>;
  /** What later events are proven by; null while it is not known. */
  readonly proof: () => EventProof | null;
  readonly installation: Installation;
};

/** Events whose refresh token may make them the new installation. */
const INSTALLS = new Set(['ONAPPINSTALL', 'ONAPPUPDATE', 'ONAPPTEST']);
const SIGNALS: Readonly<Record<string, Signal>> = {
  ONOFFLINEEVENT: 'queue',
  ONAPPUNINSTALL: 'removed',
  ONAPPTEST: 'test',
};
const FIRST_QUIET_MS = 2_000;
const LONGEST_QUIET_MS = 5 * 60_000;
const SCOPES = 'CRM (crm), Users (user), User fields (userfieldconfig)';

export function createInstallation(parts: InstallParts): InstallHooks {
  const { connection, options, keys, server, tokens, clock, log } = parts;
  const portal = new URL(options.url).origin;
  let proof: EventProof | null = null;
  let verifying = false;
  let refusals = 0;
  let quietUntil = 0;

  /** What another process has stored meanwhile counts too. */
  async function learnProof(form: FormMap): Promise<EventProof | null> {
    if (proof !== null && doubtOf(form, proof) === null) return proof;
    const kept = await tokens.reload();
    const applicationToken = kept?.applicationToken ?? options['application-token'];
    const memberId = options['member-id'] ?? kept?.memberId ?? null;
    proof = applicationToken === undefined ? null : { applicationToken, memberId };
    return proof;
  }

  async function takeIn(delivery: Delivery): Promise<Signal | null> {
    const form = formOf(delivery);
    if (form === null) return null;
    const event = (textAt(form, 'event') ?? '').toUpperCase();
    const known = await learnProof(form);
    const proven = known !== null && doubtOf(form, known) === null;
    const isInstall = event === 'ONAPPINSTALL' || event === 'ONAPPUPDATE';
    if (isInstall || (INSTALLS.has(event) && !proven)) return (await install(form, event)) ? signalOf(event) : null;
    if (!proven) return null;
    if (event === 'ONAPPUNINSTALL') {
      await tokens.forget();
      log.warn('the application was removed from the portal', { connection });
    }
    const spare = textAt(form, 'auth', 'refresh_token');
    // We asked for that event ourselves, so what it carries is for our own user.
    if (event === 'ONAPPTEST' && spare !== null) await tokens.keepSpare(spare);
    return SIGNALS[event] ?? null;
  }

  async function install(form: FormMap, event: string): Promise<boolean> {
    const refresh = textAt(form, 'auth', 'refresh_token');
    const applicationToken = textAt(form, 'auth', 'application_token');
    // One at a time, and ever more rarely: whoever sends many of these must not make us ask the vendor as often.
    if (verifying || !refresh || !applicationToken || clock.now() < quietUntil) return false;
    verifying = true;
    try {
      const at = server.choose(portal, textAt(form, 'auth', 'server_endpoint'));
      await adopt(await tokens.spend(at, refresh), applicationToken);
      proof = null;
      refusals = 0;
      await learnProof(form);
      log.info('the application is installed', { connection, event });
      return true;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      refusals += 1;
      quietUntil = clock.now() + Math.min(LONGEST_QUIET_MS, FIRST_QUIET_MS * 2 ** (refusals - 1));
      log.warn('an installation was not believed', { connection, event, error });
      return false;
    } finally {
      verifying = false;
    }
  }

  async function adopt(grant: Grant, applicationToken: string | null): Promise<void> {
    const member = options['member-id'];
    const foreign = grant.portal !== null && grant.portal !== portal;
    if (foreign || (member !== undefined && grant.memberId !== member)) {
      throw new AuthError(
        `These tokens belong to ${foreign ? grant.portal : 'another portal'}, not to ${portal}`,
        'Install the application in the portal that `url` and `member-id` of the connection name.',
      );
    }
    await tokens.adopt(grant, applicationToken);
  }

  return {
    takeIn,
    proof: () => proof,
    installation: {
      installed: async () => (await tokens.reload().catch(() => null))?.tokens != null,
      card: (handler) => [
        { label: 'Type', value: 'server, without a user interface ("the script uses only the API")' },
        { label: 'Path of your handler', value: handler },
        { label: 'Path for the initial installation', value: handler },
        { label: 'Permissions', value: SCOPES },
      ],
      codeAddress: codeAddress(portal, keys),
      exchange: async (code) => adopt(await server.exchange(server.choose(portal, null), code), null),
    },
  };
}

function signalOf(event: string): Signal {
  return event === 'ONAPPTEST' ? 'test' : 'installed';
}

function codeAddress(portal: string, { clientId }: ApplicationKeys): string {
  const address = new URL('/oauth/authorize/', portal);
  address.searchParams.set('client_id', clientId);
  return address.href;
}
