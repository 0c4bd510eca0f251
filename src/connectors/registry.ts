// Every product that a connection may name, as much of it as reading a configuration takes: `status` and `explain` never
// load what speaks to a product. A new connector is one line here, one in create-connector.ts, and a folder beside the others.
import type { z } from 'zod';
import { type Bitrix24Options, bitrix24Options, isApplication } from './bitrix24/options.ts';
import { type JiraOptions, jiraOptions } from './jira/options.ts';

export type ConnectionOptions = JiraOptions | Bitrix24Options;

export type ConnectorType<Options> = {
  /** Strict; durations are milliseconds and secrets plain text by the time they get here. */
  readonly options: z.ZodType<Options>;
  /** Whether a connection with these options needs `ConnectorDeps.vault`. */
  keepsTokens?(options: Options): boolean;
};

export const connectorTypes: {
  readonly jira: ConnectorType<JiraOptions>;
  readonly bitrix24: ConnectorType<Bitrix24Options>;
} = {
  jira: { options: jiraOptions },
  bitrix24: { options: bitrix24Options, keepsTokens: isApplication },
};
