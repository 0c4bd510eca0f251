// How a call shows who it is: by the address of an incoming webhook, or by an application's token in its body.
import type { Params } from './batch.ts';
import type { Tokens } from './tokens.ts';

export type Access = {
  /** What methods stand under, without a slash at the end. */
  readonly path: string;
  /** Parameters of the call beside the method's own. */
  credential(): Promise<Params>;
  /** After a refusal of `credential`: whether the same call may leave again with another one. */
  renew(credential: Params): Promise<boolean>;
  secrets(): readonly string[];
  /** What a person calls the credential, and what to do when it is refused or lacks a scope. */
  readonly called: 'webhook' | 'application';
  readonly cure: string;
  readonly scopeCure: string;
};

export function webhookAccess(address: string): Access {
  const path = new URL(address).pathname.replace(/\/$/, '');
  const secrets = [address, path.split('/').at(-1) ?? ''];
  return {
    path,
    credential: async () => ({}),
    renew: async () => false,
    secrets: () => secrets,
    called: 'webhook',
    cure:
      'Make a new incoming webhook in Bitrix24 (as a user with CRM access, scopes crm, user, userfieldconfig) and put its ' +
      'whole address into the connection.',
    scopeCure: 'Edit the incoming webhook in Bitrix24 and give it the scopes crm, user and userfieldconfig.',
  };
}

export function applicationAccess(connection: string, clientSecret: string, tokens: Tokens): Access {
  return {
    path: '/rest',
    credential: async () => ({ auth: await tokens.access() }),
    async renew({ auth }) {
      await tokens.renew(String(auth));
      return true;
    },
    secrets: () => [clientSecret, ...tokens.secrets()],
    called: 'application',
    cure: `Run jira-crm-sync connect ${connection}: it checks the application and says how to install it again.`,
    scopeCure: 'Edit the local application in Bitrix24, give it the scopes crm, user and userfieldconfig, and save it.',
  };
}
