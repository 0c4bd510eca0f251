// The Bitrix24 connector: classic REST through an incoming webhook or as a local application. See README.md for what
// the portal makes us do.
import type { Connector, Delivery, Verdict } from '../connector.ts';
import { createTally } from '../tally.ts';
import type { ConnectorDeps } from '../transport.ts';
import { webhookAccess } from './access.ts';
import { identifyAccount, listPeople } from './account.ts';
import { createApplication } from './application.ts';
import { billOf } from './bill.ts';
import { sweepChanges } from './changes.ts';
import { createClient } from './client.ts';
import { createCommands } from './commands.ts';
import { writeCursor } from './cursor.ts';
import { describeScope } from './describe.ts';
import { createLookUp } from './look-up.ts';
import { type Bitrix24Options, DEFAULT_OVERLAP_MS } from './options.ts';
import { createReads } from './reads.ts';
import { removeRecord } from './remove.ts';
import { updateRecord } from './update.ts';
import { receiveEvent } from './webhook.ts';
import { createRecord, stampRecord } from './writes.ts';

export { type Bitrix24Options, bitrix24Options, isApplication } from './options.ts';

export function createBitrix24Connector(options: Bitrix24Options, deps: ConnectorDeps): Connector {
  const { clock, connection } = deps;
  const tally = createTally();
  const application = createApplication(options, deps, tally);
  const client = createClient(options, deps, application?.access ?? webhookAccess(options.auth.webhook ?? ''), tally);
  const commands = createCommands(client);
  const describing = { client, commands, connection };
  const reads = createReads(describing);
  const writing = { client, commands, schemaOf: reads.schemaOf, readRaw: reads.readRaw };
  const overlapMs = options.overlap ?? DEFAULT_OVERLAP_MS;
  const sweeping = { client, schemaOf: reads.schemaOf, now: () => clock.now(), overlapMs };
  const applicationToken = options['application-token'];
  const memberId = options['member-id'] ?? null;
  const events = application?.events(client);

  function receive(delivery: Delivery): Verdict {
    const proof = applicationToken === undefined ? application?.proof() : { applicationToken, memberId };
    return proof ? receiveEvent(delivery, proof) : { accepted: false, reason: 'the application is not installed' };
  }

  return {
    connection,
    identify: async (ask) => identifyAccount(client, (await application?.memberId()) ?? memberId, ask),
    describe: async (spec, ask) => {
      // Asked here, so that the first write need not wait for it.
      await client.prepareWrites();
      const { description, fields } = await describeScope(describing, spec, ask);
      if (fields !== null) reads.remember(fields);
      return description;
    },
    people: (ask) => listPeople(client, ask),
    read: reads.read,
    create: (scope, values, marker, fields, ask) => createRecord(writing, scope, values, marker, fields, ask),
    update: (scope, id, patch, _expected, fields, ask) => updateRecord(writing, scope, id, patch, fields, ask),
    stamp: (scope, id, marker, fields, ask) => stampRecord(writing, scope, id, marker, fields, ask),
    remove: (scope, id, ask) => removeRecord(writing, scope, id, ask),
    hides: reads.hides,
    changes: (scope, cursor, fields, ask) => sweepChanges(sweeping, scope, cursor, fields, ask),
    cursorAt: (time) => writeCursor({ since: Math.floor(time), afterId: 0, next: null }),
    findByKey: reads.findByKey,
    beforeCreate: async () => null,
    lookUp: createLookUp(reads.findByKey, clock, options['time-limit'] ?? 0),
    // Without the token nothing tells a real event from a forged one.
    ...(applicationToken === undefined && application === null ? {} : { receive }),
    ...(events ? { events } : {}),
    bill: billOf(options.plan ?? 'standard', options.limits),
    usage: client.usage,
    async close() {
      client.close();
      application?.close();
    },
  };
}
