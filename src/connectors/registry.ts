// Every product that a connection may name. A new connector is one line here and a folder beside the others.
import type { z } from 'zod';
import { type Bitrix24Options, bitrix24Options, createBitrix24Connector, isApplication } from './bitrix24/index.ts';
import type { Connector } from './connector.ts';
import { createJiraConnector, type JiraOptions, jiraOptions } from './jira/index.ts';
import type { ConnectorDeps } from './transport.ts';

export type { ConnectorDeps } from './transport.ts';

export type ConnectionOptions = JiraOptions | Bitrix24Options;

export type ConnectorType<Options> = {
  /** Strict; durations are milliseconds and secrets plain text by the time they get here. */
  readonly options: z.ZodType<Options>;
  readonly create: (options: Options, deps: ConnectorDeps) => Connector;
  /** Whether a connection with these options needs `ConnectorDeps.vault`. */
  keepsTokens?(options: Options): boolean;
};

export const connectorTypes: {
  readonly jira: ConnectorType<JiraOptions>;
  readonly bitrix24: ConnectorType<Bitrix24Options>;
} = {
  jira: { options: jiraOptions, create: createJiraConnector },
  bitrix24: { options: bitrix24Options, create: createBitrix24Connector, keepsTokens: isApplication },
};

/** Builds the connector that the options' `type` names. */
export function createConnector(options: ConnectionOptions, deps: ConnectorDeps): Connector {
  return options.type === 'jira' ? createJiraConnector(options, deps) : createBitrix24Connector(options, deps);
}
