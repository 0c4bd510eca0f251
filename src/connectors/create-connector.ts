// Builds the connector of any product. Apart from registry.ts, because it loads all of them.
import { createBitrix24Connector } from './bitrix24/index.ts';
import type { Connector } from './connector.ts';
import { createJiraConnector } from './jira/index.ts';
import type { ConnectionOptions } from './registry.ts';
import type { ConnectorDeps } from './transport.ts';

export type { ConnectorDeps } from './transport.ts';

/** The one that the options' `type` names. */
export function createConnector(options: ConnectionOptions, deps: ConnectorDeps): Connector {
  return options.type === 'jira' ? createJiraConnector(options, deps) : createBitrix24Connector(options, deps);
}
