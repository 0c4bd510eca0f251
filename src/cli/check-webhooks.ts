// The part of `check` about deliveries: what `connect` registered in the products, compared with what is there now.
import type { Connector } from '../connectors/connector.ts';
import { type Problem, SyncError } from '../errors.ts';
import type { ScopeSpec } from '../model.ts';

export type Finding = {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  readonly cure: Problem['cure'];
};

export type Registered = {
  readonly name: string;
  readonly connector: Connector;
  /** Where deliveries have to arrive. */
  readonly handler: string;
  readonly specs: readonly ScopeSpec[];
};

/** Changes nothing; none for a connection whose deliveries somebody registered by hand. */
export async function checkWebhooks({ name, connector, handler, specs }: Registered): Promise<Finding[]> {
  if (connector.events === undefined) return [];
  try {
    const ask = { lane: 'live', handler, specs, takeOver: false, plan: true } as const;
    const { steps, missing } = await connector.events.subscribe(ask);
    const wrong = steps.filter(({ done }) => done !== 'kept');
    const lacks = missing.map(({ message, cure }) => warning(`Connection ${name}: ${message}`, cure));
    if (wrong.length + lacks.length > 0) {
      const cure = `The daemon puts it right within the hour, \`jira-crm-sync connect ${name}\` does so now.`;
      return [
        ...lacks,
        ...wrong.map(({ done, what }) => warning(`Connection ${name}: ${OUTLOOK[done]} ${what}.`, cure)),
      ];
    }
    return [{ level: 'ok', what: `Connection ${name} delivers to ${handler}.`, cure: '' }];
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return [warning(`Connection ${name}: its webhooks could not be looked at: ${error.message}`, error.cure)];
  }
}

const OUTLOOK = {
  kept: 'there is',
  made: 'there is no',
  repaired: 'not as it should be:',
  removed: 'too much:',
} as const;

function warning(what: string, cure: string): Finding {
  return { level: 'warning', what, cure };
}
