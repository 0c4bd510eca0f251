// Sends every call through a connection's health, so that nobody else has to think of it.
import type { Connector } from '../connectors/connector.ts';
import type { ConnectionHealth } from './connection-health.ts';

export function watchedConnector(connector: Connector, { through, pages }: ConnectionHealth): Connector {
  const { unlisted, remove, hides } = connector;
  return {
    ...connector,
    identify: (ask) => through(() => connector.identify(ask)),
    describe: (spec, ask) => through(() => connector.describe(spec, ask)),
    people: (ask) => through(() => connector.people(ask)),
    read: (scope, id, fields, ask) => through(() => connector.read(scope, id, fields, ask)),
    create: (scope, values, marker, fields, ask) => through(() => connector.create(scope, values, marker, fields, ask)),
    update: (scope, id, patch, expected, fields, ask) =>
      through(() => connector.update(scope, id, patch, expected, fields, ask)),
    stamp: (scope, id, marker, fields, ask) => through(() => connector.stamp(scope, id, marker, fields, ask)),
    changes: (scope, cursor, fields, ask) => pages(() => connector.changes(scope, cursor, fields, ask)),
    beforeCreate: (scope, ask) => through(() => connector.beforeCreate(scope, ask)),
    lookUp: (scope, key, sent, fields, ask) => through(() => connector.lookUp(scope, key, sent, fields, ask)),
    ...(remove === undefined ? {} : { remove: (scope, id, ask) => through(() => remove(scope, id, ask)) }),
    ...(hides === undefined ? {} : { hides: (scope, id, ask) => through(() => hides(scope, id, ask)) }),
    ...(unlisted === undefined
      ? {}
      : { unlisted: (scope, fields, ask) => through(() => unlisted(scope, fields, ask)) }),
    findByKey: (scope, key, fields, ask) => through(() => connector.findByKey(scope, key, fields, ask)),
  };
}
