// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references are written
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Config, configJsonSchema, loadConfig } from '../../src/config.ts';
import { connectorTypes } from '../../src/connectors/registry.ts';
import type { Problem } from '../../src/errors.ts';
import { shown } from '../support/profile-fixture.ts';

const ENV = {
  JIRA_TOKEN: 'jira-token-value',
  JIRA_WEBHOOK_SECRET: 'w'.repeat(32),
  B24_WEBHOOK: 'https://acme.bitrix24.example/rest/1/abcdef/',
  B24_APPLICATION_TOKEN: 'application-token-value',
  ADMIN_TOKEN: 'admin-token-value',
};
const MINIMAL = `connections:
  jira:
    type: jira
    url: https://acme.atlassian.net
    auth: { email: sync@acme.example, token: "\${JIRA_TOKEN}" }
`;

function load(
  text: string,
  env: Readonly<Record<string, string | undefined>> = ENV,
  readFile: (path: string) => string = () => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  },
): { config: Config | null; problems: readonly Problem[] } {
  return loadConfig(text, 'sync.yaml', env, readFile, connectorTypes);
}

describe('a connection that gets tokens', () => {
  const APPLICATION = `connections:
  bitrix24:
    type: bitrix24
    url: https://acme.bitrix24.example
    auth: { client-id: local.1, client-secret: "\${B24_CLIENT_SECRET}" }
`;
  const env = { ...ENV, B24_CLIENT_SECRET: 'client-secret-value', SECRETS_KEY: 'k'.repeat(32) };

  test('needs a key to encrypt them with', () => {
    const { config, problems } = load(APPLICATION, env);
    expect(config).toBeNull();
    expect(shown(problems).join()).toContain('secrets-key');
    expect(problems[0]).toMatchObject({ line: 2, cure: expect.stringContaining('openssl rand -hex 32') });
  });

  test('has one that is long enough, known for redaction', () => {
    const withKey = `${APPLICATION}secrets-key: "\${SECRETS_KEY}"\n`;
    const { config, problems } = load(withKey, env);
    expect(problems).toEqual([]);
    expect(config?.secretsKey).toBe(env.SECRETS_KEY);
    expect(config?.secrets).toEqual(expect.arrayContaining([env.SECRETS_KEY, env.B24_CLIENT_SECRET]));
    const short = load(withKey, { ...env, SECRETS_KEY: 'short' });
    expect(short.problems[0]?.message).toContain('fewer than 32 bytes');
  });

  test.each([
    ['client-secret: "${B24_CLIENT_SECRET}"', 'has no client-id'],
    ['client-id: local.1', 'has no client-secret'],
    ['webhook: "${B24_WEBHOOK}", client-id: local.1', 'keep one of them'],
    ['client-id: local.1, client-secret: "${B24_CLIENT_SECRET}", server: http://oauth.example', 'is not https'],
  ])('says what is wrong with { %s }', (auth, told) => {
    const text = APPLICATION.replace(/auth: .*/, () => `auth: { ${auth} }`);
    const { problems } = load(`${text}secrets-key: "\${SECRETS_KEY}"\n`, env);
    expect(shown(problems).join()).toContain(told);
  });
});

describe('the example configuration', () => {
  const text = readFileSync('config/sync.example.yaml', 'utf8');

  test('is valid, and every secret in it is known for redaction', () => {
    const { config, problems } = load(text);
    expect(problems).toEqual([]);
    expect(config?.connections).toEqual({
      jira: {
        type: 'jira',
        url: 'https://acme.atlassian.net',
        auth: { email: 'sync@acme.example', token: ENV.JIRA_TOKEN },
        'webhook-secret': ENV.JIRA_WEBHOOK_SECRET,
      },
      bitrix24: {
        type: 'bitrix24',
        url: 'https://acme.bitrix24.example',
        auth: { webhook: ENV.B24_WEBHOOK },
        'application-token': ENV.B24_APPLICATION_TOKEN,
        plan: 'standard',
      },
    });
    expect(config?.server).toEqual({
      webhooks: { listen: '0.0.0.0:8080', publicUrl: 'https://sync.acme.example' },
      admin: { listen: '127.0.0.1:8081', token: ENV.ADMIN_TOKEN },
    });
    expect(config?.users).toEqual({
      map: [{ jira: 'i.ivanova@acme.example', crm: 'ivanova@acme.example' }],
      fallback: { jira: 'sync@acme.example', crm: 'sync@acme.example' },
    });
    for (const secret of [...Object.values(ENV), '/rest/1/abcdef']) expect(config?.secrets).toContain(secret);
    expect(config?.secrets).not.toContain('https://acme.atlassian.net');
  });

  test('fits the JSON Schema as written', () => {
    const written = z.fromJSONSchema(configJsonSchema(connectorTypes) as Parameters<typeof z.fromJSONSchema>[0]);
    const plain = {
      connections: {
        jira: {
          type: 'jira',
          url: 'https://acme.atlassian.net',
          'index-lag': '30s',
          auth: { email: 'a@b', token: '${JIRA_TOKEN}' },
        },
      },
    };
    expect(written.safeParse(plain).success).toBe(true);
    plain.connections.jira.auth.token = 'literal';
    expect(written.safeParse(plain).success).toBe(false);
  });
});

test('what is left out has safe defaults', () => {
  const { config } = load(MINIMAL);
  expect(config).toMatchObject({
    state: 'sqlite:data/state.db',
    profiles: 'profiles/*.yaml',
    server: { webhooks: null, admin: { listen: '127.0.0.1:8081', token: null } },
    users: { map: [], fallback: {} },
  });
});

describe('secrets', () => {
  test('come from the environment or a file, trimmed', () => {
    const text = MINIMAL.replace('"${JIRA_TOKEN}"', 'file:/run/secrets/jira');
    const { config } = load(text, {}, (path) => `secret of ${path}\n`);
    expect(config?.connections.jira).toMatchObject({ auth: { token: 'secret of /run/secrets/jira' } });
    expect(config?.secrets).toEqual(['secret of /run/secrets/jira']);
  });

  const refused: [string, string, string][] = [
    [
      'a literal',
      'token: hunter2',
      '5:46 `token` is a secret and must not stand in the file. → Write `token: "${TOKEN}"` and set that variable, or `token: file:/run/secrets/token`.',
    ],
    ['a number', 'token: 12345', '5:46 `token` is a secret and must not stand in the file.'],
    [
      'a variable that is not set',
      'token: "${JIRA_TOKN}"',
      '5:46 The environment variable `JIRA_TOKN` is not set. → Did you mean `JIRA_TOKEN`?',
    ],
    ['a variable that is empty', 'token: "${EMPTY}"', '5:46 The environment variable `EMPTY` is empty. → '],
    [
      'a reference within a text',
      'token: "Bearer ${JIRA_TOKEN}"',
      '5:46 `token` mixes a reference with other text. → Write one reference alone',
    ],
    [
      'a file that is not there',
      'token: file:/run/secrets/none',
      '5:46 The file `/run/secrets/none` cannot be read (ENOENT). → Check the path and its permissions.',
    ],
  ];
  test.each(refused)('%s is refused with a hint, and the value is not repeated', (_name, line, expected) => {
    const found = shown(load(MINIMAL.replace('token: "${JIRA_TOKEN}"', line), { ...ENV, EMPTY: '' }).problems);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
    expect(found[0]).not.toMatch(/hunter2|12345|jira-token-value/);
  });

  test('a literal is refused in the server and for the key of stored secrets too', () => {
    const found = shown(
      load(`${MINIMAL}server: { admin: { listen: 127.0.0.1:1, token: abc } }\nsecrets-key: abc\n`).problems,
    );
    expect(found.map((line) => line.split('→')[0])).toEqual([
      '6:48 `token` is a secret and must not stand in the file. ',
      '7:14 `secrets-key` is a secret and must not stand in the file. ',
    ]);
  });
});

describe('options of a connection', () => {
  test('durations become milliseconds, other values stay, references work everywhere', () => {
    const text = `${MINIMAL.replace('https://acme.atlassian.net', '"${SITE}"')}    index-lag: 30s\n    time-limit: 2m\n    insecure-http: true\n`;
    const { config, problems } = load(text, { ...ENV, SITE: 'http://127.0.0.1:9' });
    expect(problems).toEqual([]);
    expect(config?.connections.jira).toMatchObject({
      url: 'http://127.0.0.1:9',
      'index-lag': 30_000,
      'time-limit': 120_000,
      'insecure-http': true,
    });
  });

  const wrong: [string, string, string][] = [
    ['an unknown key', MINIMAL.replace('url:', 'ulr:'), '4:5 `ulr` is not an option of `jira`. → Did you mean `url`?'],
    [
      'a missing key',
      MINIMAL.replace(/.*url.*\n/, ''),
      '2:3 `url` is missing in the connection `jira`. → Add `url: …`',
    ],
    [
      'an unknown key inside',
      MINIMAL.replace('email:', 'mail:'),
      '5:13 `mail` is not an option of `jira.auth`. → Did you mean `email`?',
    ],
    [
      'an unknown type',
      MINIMAL.replace('type: jira', 'type: jria'),
      '3:11 `jria` is not a type of connection. → Did you mean `jira`?',
    ],
    [
      'no type',
      MINIMAL.replace(/.*type.*\n/, ''),
      '2:3 The connection `jira` has no `type`. → Add `type:` with one of: jira, bitrix24.',
    ],
    [
      'a value the connector refuses',
      MINIMAL.replace('https', 'http'),
      '4:10 `url` must use https, or set `insecure-http: true`',
    ],
    [
      'no connection at all',
      'connections: {}\n',
      '1:1 `connections` names no connection. → Add one for Jira and one for the CRM.',
    ],
  ];
  test.each(wrong)('%s', (_name, text, expected) => {
    expect(shown(load(text).problems).join('\n')).toContain(expected);
  });
});

describe('a state in PostgreSQL', () => {
  const stated = (state: string, env: Readonly<Record<string, string>> = ENV) =>
    load(`${MINIMAL}state: ${state}\n`, env);

  test('is one text, a reference, or a block with its password apart', () => {
    expect(stated('postgres://sync@db/sync').config?.state).toBe('postgres://sync@db/sync');
    const env = { ...ENV, STATE_URL: 'postgres://sync:p%40ss@db/sync', STATE_PASSWORD: 'p@ss:word/1' };
    expect(stated('"${STATE_URL}"', env).config?.state).toBe(env.STATE_URL);
    const block = stated('{ url: "postgres://sync@db:6432/sync?schema=one", password: "${STATE_PASSWORD}" }', env);
    expect(block.problems).toEqual([]);
    expect(block.config?.state).toBe('postgres://sync:p%40ss%3Aword%2F1@db:6432/sync?schema=one');
  });

  test('hides its password in every form', () => {
    const env = { ...ENV, STATE_URL: 'postgres://sync:p%40ss@db/sync', STATE_PASSWORD: 'p@ss:word/1' };
    expect(stated('"${STATE_URL}"', env).config?.secrets).toEqual(expect.arrayContaining([env.STATE_URL, 'p@ss']));
    const { config } = stated('{ url: postgres://sync@db/sync, password: "${STATE_PASSWORD}" }', env);
    expect(config?.secrets).toEqual(expect.arrayContaining(['p@ss:word/1', 'p%40ss%3Aword%2F1']));
  });

  test('shows nothing of what a reference holds that is no state', () => {
    const { problems } = stated('"${STATE_URL}"', { ...ENV, STATE_URL: 'mysql://u:hunter2@db' });
    expect(shown(problems).join()).toContain('What the reference holds is not a place for the state.');
    expect(shown(problems).join()).not.toContain('hunter2');
  });
});

describe('a queue', () => {
  const queued = (queue: string, env: Readonly<Record<string, string>> = ENV) =>
    load(`${MINIMAL}queue: ${queue}\n`, env);
  const REDIS = { host: 'redis', port: 6379, db: 0, tls: false, username: null, password: null };

  test('is in the process when none is named', () => {
    expect(load(MINIMAL).config?.queue).toBeNull();
  });

  test.each([
    ['redis://redis', REDIS],
    ['redis://redis:6380/2', { ...REDIS, port: 6380, db: 2 }],
    ['rediss://sync@redis.example', { ...REDIS, host: 'redis.example', tls: true, username: 'sync' }],
    ['redis://[::1]:7000', { ...REDIS, host: '::1', port: 7000 }],
    [
      '{ url: rediss://redis, username: sync, password: "${ADMIN_TOKEN}" }',
      { ...REDIS, tls: true, username: 'sync', password: ENV.ADMIN_TOKEN },
    ],
  ])('%s', (written, expected) => {
    const { config, problems } = queued(written);
    expect(problems).toEqual([]);
    expect(config?.queue?.address).toEqual(expected);
  });

  test('may stand whole behind a reference, and neither it nor its password is ever shown', () => {
    const env = { ...ENV, REDIS_URL: 'redis://sync:p%40ss-word@redis:6379/3' };
    const { config, problems } = queued('"${REDIS_URL}"', env);
    expect(problems).toEqual([]);
    expect(config?.queue?.place).toEqual({ file: 'sync.yaml', line: 6, column: 8 });
    expect(config?.queue?.address).toEqual({ ...REDIS, db: 3, username: 'sync', password: 'p@ss-word' });
    expect(config?.secrets).toEqual(expect.arrayContaining([env.REDIS_URL, 'p@ss-word']));
    expect(config?.secrets).not.toContain('/3');
    expect(shown(queued('"${REDIS_URL}"', { ...ENV, REDIS_URL: 'http://:hunter2@redis' }).problems).join()).toBe(
      '6:8 What the reference holds is not the address of a Redis. → Write for example `queue: redis://redis:6379`.',
    );
  });
});

describe('the rest', () => {
  const wrong: [string, string][] = [
    ['queue: amqp://rabbit', '6:8 `amqp://rabbit` is not the address of a Redis. → Write for example `queue: redis'],
    ['queue: redis://redis/first', '6:8 `redis://redis/first` is not the address of a Redis.'],
    ['queue: redis://:hunter2@redis', '6:8 The password of `queue` is a secret and must not stand in the file.'],
    ['queue: amqp://u:hunter2@redis', '6:8 `amqp://u:…@redis` is not the address of a Redis.'],
    ['queue: "${NOT_THERE_AT_ALL}"', '6:8 The environment variable `NOT_THERE_AT_ALL` is not set.'],
    ['queue: { password: "${ADMIN_TOKEN}" }', '6:1 `url` is missing in `queue`.'],
    ['queue: { url: redis://redis, password: plain }', '6:40 `password` is a secret and must not stand in the file.'],
    ['queue: { url: redis://redis, pasword: x }', '6:30 `pasword` is not a key of `queue`. → Did you mean `password`?'],
    ['state: postgres://u:hunter2@db/x', '6:8 The password of `state` is a secret and must not stand in the file.'],
    ['state: postgres://u@db', '6:8 The `postgres://…` of `state` names no host or no database.'],
    ['state: postgres://u@db/x?sslmod=require', '6:8 The `postgres://…` of `state` has a parameter `sslmod`.'],
    [
      'state: { url: postgres://u@db/x, password: plain }',
      '6:44 `password` is a secret and must not stand in the file.',
    ],
    ['state: { url: sqlite:data/state.db, password: "${ADMIN_TOKEN}" }', '6:15 `sqlite:data/state.db` is not a place'],
    ['state: "${NOT_THERE_AT_ALL}"', '6:8 The environment variable `NOT_THERE_AT_ALL` is not set.'],
    ['state: data/state.db', '6:8 `data/state.db` is not a place for the state.'],
    ['notify: {}', '6:1 `notify` is not in this version. → Remove it'],
    ['profils: x', '6:1 `profils` is not a key of `config`. → Did you mean `profiles`?'],
    ['server: { webhooks: { listen: 8080 } }', '6:31 `8080` is not an address to listen on.'],
    ['server: { webhooks: { listen: "0.0.0.0:99999" } }', '6:31 `0.0.0.0:99999` is not an address to listen on.'],
    ['server: { webhooks: { listen: ":::1", public-url: acme } }', '6:51 `acme` is not an address.'],
    ['users: { by: name }', '6:14 `name` is not a value of `by`. → Write one of: `email`.'],
    ['users: { map: [ { jira: a@b } ] }', '6:17 `crm` is missing in `person`.'],
  ];
  test.each(wrong)('%s', (line, expected) => {
    const { config, problems } = load(`${MINIMAL}${line}\n`);
    expect(config).toBeNull();
    expect(shown(problems).join('\n')).toContain(expected);
    for (const problem of problems) expect(problem.cure).not.toBe('');
  });

  test('all problems come at once, in file order', () => {
    const text = `connections:\n  jira:\n    type: jira\n    ulr: x\n    auth: { email: a, token: b }\nstate: postgres://x\nnotify: {}\n`;
    expect(load(text).problems.map((problem) => problem.line)).toEqual([2, 4, 5, 6, 7]);
  });
});

describe('how long the state keeps what is over', () => {
  const DAY = 86_400_000;

  test('has limits of its own where the file names none, and takes those that it names', () => {
    const plain = load(MINIMAL).config?.retention;
    expect(plain).toEqual({ journal: 180 * DAY, conflicts: 365 * DAY, parked: 30 * DAY, commands: 7 * DAY });
    const { config } = load(`${MINIMAL}retention: { journal: 30d, commands: 48h }\n`);
    expect(config?.retention).toEqual({ ...plain, journal: 30 * DAY, commands: 2 * DAY });
  });

  test('is never less than a day', () => {
    const { config, problems } = load(`${MINIMAL}retention: { journal: 2h }\n`);
    expect(config).toBeNull();
    expect(problems).toMatchObject([{ line: 6, cure: 'Write `journal: 1d` or more.' }]);
  });
});
