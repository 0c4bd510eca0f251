// Everything that only a local application has: tokens, its installation, bindings and the queue.
import { SyncError } from '../../errors.ts';
import type { Ask, EventSource } from '../connector.ts';
import type { Tally } from '../tally.ts';
import type { ConnectorDeps } from '../transport.ts';
import { type Access, applicationAccess } from './access.ts';
import type { Client } from './client.ts';
import { CONNECTOR, createFeatures, type Features } from './features.ts';
import { createInstallation, type InstallHooks } from './installation.ts';
import { createAuthServer } from './oauth.ts';
import { applicationKeys, type Bitrix24Options } from './options.ts';
import { createQueue } from './queue.ts';
import { createSubscribe } from './subscribe.ts';
import { createTokens, type Tokens } from './tokens.ts';

export type Application = {
  readonly access: Access;
  readonly proof: InstallHooks['proof'];
  memberId(): Promise<string | null>;
  events(client: Client): EventSource;
  close(): void;
};

/** Null for a connection through an incoming webhook. */
export function createApplication(options: Bitrix24Options, deps: ConnectorDeps, tally: Tally): Application | null {
  const keys = applicationKeys(options);
  if (keys === null) return null;
  const { connection, clock, log } = deps;
  const insecure = options['insecure-http'] ?? false;
  // Both need the other; the tokens are asked for only when something is sent.
  const secrets = () => [...tokens.secrets(), ...(deps.secrets ?? [])];
  const server = createAuthServer(keys, { ...deps, insecure, secrets });
  const tokens: Tokens = createTokens({ connection, server, vault: deps.vault, clock, log, tally });
  const { takeIn, proof, installation } = createInstallation({ connection, options, keys, server, tokens, clock, log });

  function events(client: Client): EventSource {
    const features = createFeatures(client, clock);
    const bind = createSubscribe({ client, features });
    const marksFor = (known: Features | null) => (known?.connector ? { auth_connector: CONNECTOR } : {});
    client.markWrites(() => {
      const known = features.known();
      // Only the queue asks for it, and it copes without.
      return known ? marksFor(known) : features({ lane: 'live' }).then(marksFor, () => marksFor(null));
    });

    async function test({ lane }: Ask): Promise<void> {
      const outcome = await client.call({ method: 'event.test', params: {} }, { lane, writes: true });
      if (outcome.kind === 'failed') throw client.error(outcome.failure, 'event.test', false);
      if (outcome.kind === 'not-run') throw new SyncError('event.test was not run', 'Try again.');
    }

    return {
      async subscribe(ask) {
        const subscription = await bind(ask);
        // The test event brings the spare token.
        if (!ask.takeOver && (await tokens.kept())?.spare === null) await test(ask);
        return subscription;
      },
      test,
      pull: createQueue({ client, features, log }),
      takeIn,
      installation,
    };
  }

  return {
    access: applicationAccess(connection, keys.clientSecret, tokens),
    proof,
    memberId: async () => options['member-id'] ?? (await tokens.kept())?.memberId ?? null,
    events,
    close: server.close,
  };
}
