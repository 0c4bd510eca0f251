// Tells a connection's health of every answer and every failure, so that nobody else has to.
import type { Connector } from '../connectors/connector.ts';
import type { ConnectionHealth } from './connection-health.ts';

export function watchedConnector(connector: Connector, health: ConnectionHealth): Connector {
  async function watch<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      health.worked();
      return result;
    } catch (error) {
      health.failed(error);
      throw error;
    }
  }
  async function* watchPages<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      for await (const page of pages) {
        health.worked();
        yield page;
      }
    } catch (error) {
      health.failed(error);
      throw error;
    }
  }
  const { unlisted, remove, hides } = connector;
  return {
    ...connector,
    identify: (ask) => watch(connector.identify(ask)),
    describe: (spec, ask) => watch(connector.describe(spec, ask)),
    people: (ask) => watch(connector.people(ask)),
    read: (scope, id, fields, ask) => watch(connector.read(scope, id, fields, ask)),
    create: (scope, values, marker, fields, ask) => watch(connector.create(scope, values, marker, fields, ask)),
    update: (scope, id, patch, expected, fields, ask) =>
      watch(connector.update(scope, id, patch, expected, fields, ask)),
    stamp: (scope, id, marker, fields, ask) => watch(connector.stamp(scope, id, marker, fields, ask)),
    changes: (scope, cursor, fields, ask) => watchPages(connector.changes(scope, cursor, fields, ask)),
    ids: (scope, ask) => watchPages(connector.ids(scope, ask)),
    beforeCreate: (scope, ask) => watch(connector.beforeCreate(scope, ask)),
    lookUp: (scope, key, sent, fields, ask) => watch(connector.lookUp(scope, key, sent, fields, ask)),
    ...(remove === undefined ? {} : { remove: (scope, id, ask) => watch(remove(scope, id, ask)) }),
    ...(hides === undefined ? {} : { hides: (scope, id, ask) => watch(hides(scope, id, ask)) }),
    ...(unlisted === undefined ? {} : { unlisted: (scope, fields, ask) => watch(unlisted(scope, fields, ask)) }),
    findByKey: (scope, key, fields, ask) => watch(connector.findByKey(scope, key, fields, ask)),
  };
}
