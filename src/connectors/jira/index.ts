// Jira Cloud, REST v3, behind the contract of ../connector.ts.
import type { Ask, Connector } from '../connector.ts';
import { UNLIMITED } from '../limiter.ts';
import { type ConnectorDeps, createTransport } from '../transport.ts';
import { identify, people, serverInfo, whoAmI } from './account.ts';
import { billOf } from './bill.ts';
import { createSweeper } from './changes.ts';
import { createClient } from './client.ts';
import { createCreator } from './create.ts';
import { cursorText } from './cursor.ts';
import { createFinder } from './find.ts';
import { createIndexLag } from './index-lag.ts';
import { budgetOf } from './limits.ts';
import { createLookUp } from './look-up.ts';
import { DEFAULT_OVERLAP_MS, type JiraOptions } from './options.ts';
import { createReader } from './read.ts';
import { createRemover } from './remove.ts';
import { rightsOf } from './rights.ts';
import { describe } from './schema.ts';
import { createSubscribe } from './subscribe.ts';
import { createUpdater } from './update.ts';
import { receive } from './webhook.ts';

export { type JiraOptions, jiraOptions } from './options.ts';

/** JQL knows minutes, not seconds: less overlap would lose changes. */
const LEAST_OVERLAP_MS = 60_000;

export function createJiraConnector(options: JiraOptions, deps: ConnectorDeps): Connector {
  const { connection, clock, random, log } = deps;
  const { email, token } = options.auth;
  const secrets = [options['webhook-secret'] ?? []].flat();
  // Of two, the second is the new one.
  const secret = secrets.at(-1);
  const site = options.url.replace(/\/+$/, '');
  const basic = Buffer.from(`${email}:${token}`).toString('base64');

  const transport = createTransport({
    clock,
    log,
    origin: site,
    allowInsecureHttp: options['insecure-http'] ?? false,
    ...(deps.adapter ? { adapter: deps.adapter } : {}),
    ...(options['time-limit'] === undefined ? {} : { timeoutMs: options['time-limit'] }),
    headers: () => ({ Authorization: `Basic ${basic}` }),
    // A browser's name would make Jira check for forged forms on every write.
    userAgent: 'jira-crm-sync',
    secrets: [token, basic, ...secrets, ...(deps.secrets ?? [])],
  });
  const budgets = options.limits === 'off' ? () => UNLIMITED : budgetOf;
  const client = createClient({ transport, clock, random, log, budgetOf: budgets });
  const reader = createReader(client, site);
  const create = createCreator(client, reader, clock);
  const find = createFinder(client, reader);
  const { note, ...lookingUp } = createLookUp(client, reader, find, clock, options['time-limit'] ?? 0);

  const accountId = async (ask: Ask) => client.account() ?? (await whoAmI(client, { lane: ask.lane })).accountId;
  const { update, stamp } = createUpdater({ client, reader, site, clock, accountId });
  const overlapMs = Math.max(LEAST_OVERLAP_MS, options['index-lag'] ?? DEFAULT_OVERLAP_MS);
  const serverTime = async (ask: Ask) => (await serverInfo(client, ask)).now;
  const { changes } = createSweeper({ client, site, overlapMs, serverTime, tally: transport.tally });
  const indexLag = createIndexLag(clock, transport.tally);

  return {
    connection,
    identify: (ask) => identify(client, site, ask),
    describe: (spec, ask) => describe(client, connection, spec, ask),
    people: (ask) => people(client, ask),
    rights: (uses, ask) => rightsOf(client, uses, secret !== undefined, ask),
    async read(scope, id, fields, ask) {
      const record = await reader.read(scope, id, fields, ask);
      indexLag.note(scope, id, record);
      return record;
    },
    async create(scope, values, marker, fields, ask) {
      const record = await create(scope, values, marker, fields, ask);
      note(record.key);
      indexLag.note(scope, record.ref.id, record);
      return record;
    },
    ...lookingUp,
    async update(scope, id, patch, expected, fields, ask) {
      const written = await update(scope, id, patch, expected, fields, ask);
      indexLag.note(scope, id, written.record);
      return written;
    },
    stamp,
    remove: createRemover(client),
    changes: indexLag.watch(changes),
    cursorAt: (time) => cursorText({ kind: 'since', since: time }),
    findByKey: find,
    ...(secret === undefined
      ? {}
      : {
          receive: (delivery) => receive(delivery, secrets),
          events: { subscribe: createSubscribe(client, secret) },
        }),
    bill: billOf(budgets),
    usage: client.usage,
    close: async () => transport.close(),
  };
}
