// Writes leave only while the lease is ours: asked when they are queued, and again right before every request.
import type { Connector, WriteAsk } from '../connectors/connector.ts';
import type { Tenure } from './tenure.ts';

export function leasedConnector(connector: Connector, { check }: Pick<Tenure, 'check'>): Connector {
  const { remove } = connector;
  const leased = (ask: WriteAsk): WriteAsk => ({ ...ask, mayLeave: check });
  return {
    ...connector,
    async create(scope, values, marker, fields, ask) {
      check();
      return connector.create(scope, values, marker, fields, leased(ask));
    },
    async update(scope, id, patch, expected, fields, ask) {
      check();
      return connector.update(scope, id, patch, expected, fields, leased(ask));
    },
    async stamp(scope, id, marker, fields, ask) {
      check();
      return connector.stamp(scope, id, marker, fields, leased(ask));
    },
    ...(remove === undefined
      ? {}
      : {
          async remove(scope, id, ask) {
            check();
            return remove(scope, id, leased(ask));
          },
        }),
  };
}
