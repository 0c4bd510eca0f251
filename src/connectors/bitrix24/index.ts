// The Bitrix24 connector: classic REST through an incoming webhook. See README.md for what the portal makes us do.
import type { Connector } from '../connector.ts';
import type { ConnectorDeps } from '../transport.ts';
import { identifyAccount, listPeople } from './account.ts';
import { sweepChanges, sweepIds } from './changes.ts';
import { createClient } from './client.ts';
import { createCommands } from './commands.ts';
import { describeScope } from './describe.ts';
import { type Bitrix24Options, DEFAULT_OVERLAP_MS } from './options.ts';
import { createReads } from './reads.ts';
import { receiveEvent } from './webhook.ts';
import { createRecord, stampRecord, updateRecord } from './writes.ts';

export { type Bitrix24Options, bitrix24Options } from './options.ts';

export function createBitrix24Connector(options: Bitrix24Options, deps: ConnectorDeps): Connector {
  const { clock, connection } = deps;
  const client = createClient(options, deps);
  const commands = createCommands(client);
  const describing = { client, commands, connection };
  const reads = createReads(describing);
  const writing = { client, commands, schemaOf: reads.schemaOf, readRaw: reads.readRaw };
  const overlapMs = options.overlap ?? DEFAULT_OVERLAP_MS;
  const sweeping = { client, schemaOf: reads.schemaOf, now: () => clock.now(), overlapMs };
  const applicationToken = options['application-token'];
  const memberId = options['member-id'] ?? null;

  return {
    connection,
    identify: (ask) => identifyAccount(client, memberId, ask),
    describe: async (spec, ask) => {
      const { description, fields } = await describeScope(describing, spec, ask);
      if (fields !== null) reads.remember(fields);
      return description;
    },
    people: (ask) => listPeople(client, ask),
    read: reads.read,
    create: (scope, values, marker, fields, ask) => createRecord(writing, scope, values, marker, fields, ask),
    update: (scope, id, patch, _expected, fields, ask) => updateRecord(writing, scope, id, patch, fields, ask),
    stamp: (scope, id, marker, fields, ask) => stampRecord(writing, scope, id, marker, fields, ask),
    changes: (scope, cursor, fields, ask) => sweepChanges(sweeping, scope, cursor, fields, ask),
    ids: (scope, ask) => sweepIds(sweeping, scope, ask),
    findByKey: reads.findByKey,
    // Without the token nothing tells a real event from a forged one.
    ...(applicationToken === undefined
      ? {}
      : { receive: (delivery) => receiveEvent(delivery, { applicationToken, memberId }) }),
    usage: client.usage,
    close: async () => client.close(),
  };
}
