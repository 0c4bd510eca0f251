// Every key of config/sync.yaml except the options of a connection, which its connector defines.
import { z } from 'zod';
import { fileSchema, type JsonSchema, oneOf, type Section, sectionRef, TEXT } from '../profiles/key-table.ts';
import { isSecretKey } from './references.ts';

export const REFERENCE: JsonSchema = {
  type: 'string',
  pattern: '^(\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}|file:.+)$',
  description: `A reference: \${ENV_NAME} or file:/path`,
};

export const CONFIG: Section = {
  name: 'config',
  keys: [
    {
      key: 'connections',
      required: true,
      values: '`{ name: options }`',
      example: 'connections: { jira: { type: jira, … } }',
      about: 'The accounts of Jira and the CRM.',
      schema: { type: 'object', additionalProperties: sectionRef('connection') },
    },
    {
      key: 'state',
      values: '`sqlite:<file>`, `postgres://…`, a reference, or `{ url, password }`',
      default: '`sqlite:data/state.db`',
      example: 'state: sqlite:data/state.db',
      about: 'Where links, work and history are kept. Several processes share a PostgreSQL.',
      schema: {
        anyOf: [
          { type: 'string', pattern: '^(sqlite:.+|postgres(ql)?://.+|\\$\\{.+\\}|file:.+)$' },
          sectionRef('state'),
        ],
      },
    },
    {
      key: 'queue',
      values: '`redis://…`, `rediss://…`, a reference, or `{ url, username, password }`',
      default: 'in process',
      example: 'queue: redis://redis:6379',
      about: 'What carries work between several processes.',
      schema: { anyOf: [{ type: 'string', pattern: '^(rediss?://.+|\\$\\{.+\\}|file:.+)$' }, sectionRef('queue')] },
    },
    {
      key: 'server',
      values: '`{ webhooks, admin }`',
      default: 'no webhooks, admin on 127.0.0.1:8081',
      example: 'server: { webhooks: { listen: 0.0.0.0:8080 } }',
      about: 'The two listeners.',
      schema: sectionRef('server'),
    },
    {
      key: 'secrets-key',
      values: 'reference',
      example: `secrets-key: "\${SECRETS_KEY}"`,
      about: 'Encrypts tokens that must be stored.',
      schema: REFERENCE,
    },
    {
      key: 'retention',
      values: '`{ journal, conflicts, parked, commands }`',
      default: '180, 365, 30 and 7 days',
      example: 'retention: { journal: 90d }',
      about: 'How long the state keeps what is over.',
      schema: sectionRef('retention'),
    },
    {
      key: 'users',
      values: '`{ by, map, fallback }`',
      default: '`{ by: email }`',
      example: 'users: { by: email }',
      about: 'Who is who on the other side.',
      schema: sectionRef('users'),
    },
    {
      key: 'profiles',
      values: 'file pattern, relative to this file',
      default: '`profiles/*.yaml`',
      example: 'profiles: profiles/*.yaml',
      about: 'Which profiles run.',
      schema: TEXT,
    },
  ],
  later: { notify: 'Remove it; `jira-crm-sync status`, the log and the metrics say what needs a person.' },
};

export const STATE: Section = {
  name: 'state',
  keys: [
    {
      key: 'url',
      required: true,
      values: '`postgres://user@host:port/database`, with `?sslmode=…`, `&sslrootcert=…`, `&schema=…`',
      example: 'url: postgres://sync@db.acme.example/sync?sslmode=verify-full',
      about: 'The address of PostgreSQL.',
      schema: TEXT,
    },
    {
      key: 'password',
      values: 'reference',
      default: 'none',
      example: `password: "\${STATE_PASSWORD}"`,
      about: 'Of that user.',
      schema: REFERENCE,
    },
  ],
};

export const QUEUE: Section = {
  name: 'queue',
  keys: [
    {
      key: 'url',
      required: true,
      values: '`redis://host:port/db`, `rediss://…`',
      example: 'url: redis://redis:6379',
      about: 'The address of Redis.',
      schema: TEXT,
    },
    {
      key: 'username',
      values: 'name',
      default: 'the default user',
      example: 'username: sync',
      about: 'The user that Redis knows us as.',
      schema: TEXT,
    },
    {
      key: 'password',
      values: 'reference',
      default: 'none',
      example: `password: "\${REDIS_PASSWORD}"`,
      about: 'Its password.',
      schema: REFERENCE,
    },
  ],
};

export const SERVER: Section = {
  name: 'server',
  keys: [
    {
      key: 'webhooks',
      values: '`{ listen, public-url }`',
      default: 'no webhooks: sweeps only',
      example: 'webhooks: { listen: 0.0.0.0:8080 }',
      about: 'Where Jira and the CRM report changes.',
      schema: sectionRef('webhooks'),
    },
    {
      key: 'admin',
      values: '`{ listen, token }`',
      default: '`{ listen: 127.0.0.1:8081 }`',
      example: 'admin: { listen: 127.0.0.1:8081 }',
      about: 'Health, metrics and status.',
      schema: sectionRef('admin'),
    },
  ],
};

export const WEBHOOKS: Section = {
  name: 'webhooks',
  keys: [
    {
      key: 'listen',
      required: true,
      values: '`host:port`',
      example: 'listen: 0.0.0.0:8080',
      about: 'The address to listen on.',
      schema: TEXT,
    },
    {
      key: 'public-url',
      values: 'address',
      example: 'public-url: https://sync.acme.example',
      about: 'The address under which the vendors reach it.',
      schema: TEXT,
    },
  ],
};

export const ADMIN: Section = {
  name: 'admin',
  keys: [
    {
      key: 'listen',
      values: '`host:port`',
      default: '`127.0.0.1:8081`',
      example: 'listen: 127.0.0.1:8081',
      about: 'The address to listen on.',
      schema: TEXT,
    },
    {
      key: 'token',
      values: 'reference',
      default: 'none, on 127.0.0.1 only',
      example: `token: "\${ADMIN_TOKEN}"`,
      about: 'Must be sent as a bearer token.',
      schema: REFERENCE,
    },
  ],
};

const AGE: JsonSchema = { type: 'string', pattern: '^\\d{1,9}(ms|s|m|h|d)$' };

export const RETENTION: Section = {
  name: 'retention',
  keys: [
    {
      key: 'journal',
      values: 'duration, from 1d',
      default: '`180d`',
      example: 'journal: 90d',
      about: 'What we wrote, with the values before and after; what ended pairs last showed.',
      schema: AGE,
    },
    {
      key: 'conflicts',
      values: 'duration, from 1d',
      default: '`365d`',
      example: 'conflicts: 180d',
      about: 'Conflicts that are settled; open ones stay.',
      schema: AGE,
    },
    {
      key: 'parked',
      values: 'duration, from 1d',
      default: '`30d`',
      example: 'parked: 30d',
      about: 'What was parked of records that are gone; of others it stays until it is repaired.',
      schema: AGE,
    },
    {
      key: 'commands',
      values: 'duration, from 1d',
      default: '`7d`',
      example: 'commands: 7d',
      about: 'What commands answered.',
      schema: AGE,
    },
  ],
};

const PERSON: JsonSchema = { type: ['string', 'number'] };

export const USERS: Section = {
  name: 'users',
  keys: [
    {
      key: 'by',
      values: '`email`',
      default: '`email`',
      example: 'by: email',
      about: 'What makes two accounts one person.',
      schema: oneOf('email'),
    },
    {
      key: 'map',
      values: 'list of `{ jira, crm }`',
      example: 'map: [{ jira: i.ivanova@acme.example, crm: ivanova@acme.example }]',
      about: 'People whose e-mails differ or are hidden; e-mails or ids.',
      schema: { type: 'array', items: sectionRef('person') },
    },
    {
      key: 'fallback',
      values: '`{ jira, crm }`',
      default: 'the field is parked and reported',
      example: 'fallback: { jira: sync@acme.example }',
      about: 'Who is written for somebody unknown.',
      schema: sectionRef('fallback'),
    },
  ],
};

export const PERSON_PAIR: Section = {
  name: 'person',
  keys: [
    {
      key: 'jira',
      required: true,
      values: 'e-mail or id',
      example: 'jira: i.ivanova@acme.example',
      about: 'The person in Jira.',
      schema: PERSON,
    },
    {
      key: 'crm',
      required: true,
      values: 'e-mail or id',
      example: 'crm: ivanova@acme.example',
      about: 'The same person in the CRM.',
      schema: PERSON,
    },
  ],
};

export const FALLBACK: Section = {
  name: 'fallback',
  keys: [
    {
      key: 'jira',
      values: 'e-mail or id',
      example: 'jira: sync@acme.example',
      about: 'Written to Jira.',
      schema: PERSON,
    },
    {
      key: 'crm',
      values: 'e-mail or id',
      example: 'crm: sync@acme.example',
      about: 'Written to the CRM.',
      schema: PERSON,
    },
  ],
};

const SECTIONS = [STATE, QUEUE, SERVER, WEBHOOKS, ADMIN, RETENTION, USERS, PERSON_PAIR, FALLBACK];

export function configJsonSchema(
  connectorTypes: Readonly<Record<string, { readonly options: z.ZodType }>>,
): JsonSchema {
  const whole = fileSchema('jira-crm-sync config', CONFIG, SECTIONS) as { $defs: Record<string, unknown> };
  const connections = Object.values(connectorTypes).map((type) => {
    const { $schema: _dialect, ...json } = z.toJSONSchema(type.options, { io: 'input', unrepresentable: 'any' });
    return asWritten(json, '') as JsonSchema;
  });
  return { ...whole, $defs: { ...whole.$defs, connection: { anyOf: connections } } };
}

/** The connectors' schemas hold after references and durations are resolved; in the file both are texts. */
function asWritten(json: unknown, key: string): unknown {
  if (Array.isArray(json)) return json.map((part) => asWritten(part, key));
  if (json === null || typeof json !== 'object') return json;
  const schema = json as Record<string, unknown>;
  if (isSecretKey(key) && schema.type === 'string') return REFERENCE;
  if (schema.type === 'string' && schema.const === undefined && schema.enum === undefined) return { type: 'string' };
  if (schema.type === 'number' || schema.type === 'integer') return { type: ['string', 'number'] };
  const properties = schema.properties as Record<string, unknown> | undefined;
  const parts = Object.entries(schema).map(([name, part]) => [
    name,
    name === 'properties' ? part : asWritten(part, key),
  ]);
  if (properties === undefined) return Object.fromEntries(parts);
  const written = Object.entries(properties).map(([name, part]) => [name, asWritten(part, name)]);
  return { ...Object.fromEntries(parts), properties: Object.fromEntries(written) };
}
