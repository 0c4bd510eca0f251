// config/sync.yaml: the connections, where state lives, who listens, who is who. Read strictly, all problems at once,
// and with every secret value at hand so that logs can leave them out.

import { ADMIN, CONFIG, FALLBACK, PERSON_PAIR, SERVER, USERS, WEBHOOKS } from './config/config-keys.ts';
import { type ConnectorTypes, readConnections } from './config/connections.ts';
import { type QueueConfig, readQueue } from './config/queue.ts';
import { createReferences, type References } from './config/references.ts';
import { type Retention, readRetention } from './config/retention.ts';
import { readState } from './config/state.ts';
import type { ConnectionOptions } from './connectors/registry.ts';
import type { Problem } from './errors.ts';
import { quoted } from './nearest.ts';
import { type Block, createReader, type Entry, isEmpty, type Reader } from './profiles/reader.ts';
import { readYaml } from './profiles/yaml-source.ts';

export { configJsonSchema } from './config/config-keys.ts';

export type Config = {
  readonly connections: Readonly<Record<string, ConnectionOptions>>;
  /**
   * `sqlite:data/state.db`; the path is relative to where the daemon is started. Or `postgres://…`, with its password:
   * never to be shown.
   */
  readonly state: string;
  /** Null: work is queued in the process. */
  readonly queue: QueueConfig | null;
  readonly server: {
    readonly webhooks: { readonly listen: string; readonly publicUrl: string | null } | null;
    readonly admin: { readonly listen: string; readonly token: string | null };
  };
  readonly retention: Retention;
  readonly users: {
    readonly map: readonly { readonly jira: string; readonly crm: string }[];
    readonly fallback: { readonly jira?: string; readonly crm?: string };
  };
  /** A file pattern, relative to the file. */
  readonly profiles: string;
  /** What stored tokens are encrypted with; null where no connection has any. */
  readonly secretsKey: string | null;
  /** Every secret value, for redaction. */
  readonly secrets: readonly string[];
};

const DEFAULT_ADMIN = '127.0.0.1:8081';
const LEAST_KEY_BYTES = 32;
const DEFAULT_PROFILES = 'profiles/*.yaml';

export function loadConfig(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  connectorTypes: ConnectorTypes,
): { config: Config | null; problems: readonly Problem[] } {
  const source = readYaml(text, file);
  const { problems } = source;
  if (source.root === null) return { config: null, problems: problems.all() };
  const reader = createReader(source);
  const block = reader.block(source.root, CONFIG);
  if (block === null) return { config: null, problems: problems.all() };
  const references = createReferences(env, readFile, problems);
  const get = (key: string) => block.entries.get(key);

  const secretsKey = readSecretsKey(reader, get('secrets-key'), references);
  const connections = readConnections(
    reader,
    get('connections'),
    connectorTypes,
    references,
    get('secrets-key') !== undefined,
  );
  const queue = readQueue(reader, get('queue'), references);
  const config = {
    connections,
    state: readState(reader, get('state'), references),
    queue,
    server: readServer(reader, get('server'), references),
    retention: readRetention(reader, get('retention')),
    users: readUsers(reader, get('users')),
    profiles: reader.text(get('profiles'))?.value ?? DEFAULT_PROFILES,
    secretsKey,
    secrets: references.found(),
  };
  const found = problems.all();
  return { config: found.length === 0 ? config : null, problems: found };
}

function readSecretsKey(reader: Reader, entry: Entry | undefined, references: References): string | null {
  const written = reader.text(entry);
  if (written === null) return null;
  const key = references.secret('secrets-key', written.value, written.at) ?? null;
  if (key !== null && Buffer.byteLength(key) < LEAST_KEY_BYTES) {
    reader.problems.add(
      written.at,
      `\`secrets-key\` has fewer than ${LEAST_KEY_BYTES} bytes.`,
      'Use a longer one; `openssl rand -hex 32` makes one.',
    );
  }
  return key;
}

function readServer(reader: Reader, entry: Entry | undefined, references: References): Config['server'] {
  const block = blockAt(reader, entry, SERVER);
  const webhooks = blockAt(reader, block?.entries.get('webhooks'), WEBHOOKS);
  const admin = blockAt(reader, block?.entries.get('admin'), ADMIN);
  const listen = readListen(reader, webhooks?.entries.get('listen'));
  const token = reader.text(admin?.entries.get('token'));
  return {
    webhooks: listen === null ? null : { listen, publicUrl: readUrl(reader, webhooks?.entries.get('public-url')) },
    admin: {
      listen: readListen(reader, admin?.entries.get('listen')) ?? DEFAULT_ADMIN,
      token: token === null ? null : (references.secret('token', token.value, token.at) ?? null),
    },
  };
}

function readListen(reader: Reader, entry: Entry | undefined): string | null {
  const listen = reader.text(entry);
  if (listen === null) return null;
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/.exec(listen.value)?.[1];
  if (port === undefined || Number(port) > 65_535) {
    reader.problems.add(
      listen.at,
      `${quoted(listen.value)} is not an address to listen on.`,
      'Write host and port, for example `127.0.0.1:8081` or `[::1]:8081`.',
    );
  }
  return listen.value;
}

function readUrl(reader: Reader, entry: Entry | undefined): string | null {
  const url = reader.text(entry);
  if (url === null) return null;
  if (!/^https?:\/\//.test(url.value) || !URL.canParse(url.value)) {
    reader.problems.add(
      url.at,
      `${quoted(url.value)} is not an address.`,
      'Write for example `https://sync.acme.example`.',
    );
  }
  return url.value;
}

function readUsers(reader: Reader, entry: Entry | undefined): Config['users'] {
  const block = blockAt(reader, entry, USERS);
  reader.choice(block?.entries.get('by'), ['email']);
  const map: { jira: string; crm: string }[] = [];
  const mapEntry = block?.entries.get('map');
  const items =
    mapEntry === undefined || isEmpty(mapEntry.node)
      ? []
      : (reader.list(mapEntry.node, '`map`', 'map: [{ jira: a@acme.example, crm: b@acme.example }]') ?? []);
  for (const item of items) {
    const pair = reader.block(item, PERSON_PAIR);
    const jira = reader.text(pair?.entries.get('jira'));
    const crm = reader.text(pair?.entries.get('crm'));
    if (jira !== null && crm !== null) map.push({ jira: jira.value, crm: crm.value });
  }
  const fallback = blockAt(reader, block?.entries.get('fallback'), FALLBACK);
  const jira = reader.text(fallback?.entries.get('jira'))?.value;
  const crm = reader.text(fallback?.entries.get('crm'))?.value;
  return { map, fallback: { ...(jira === undefined ? {} : { jira }), ...(crm === undefined ? {} : { crm }) } };
}

function blockAt(reader: Reader, entry: Entry | undefined, section: Parameters<Reader['block']>[1]): Block | null {
  return entry === undefined || isEmpty(entry.node) ? null : reader.block(entry.node, section, entry.key.at);
}
