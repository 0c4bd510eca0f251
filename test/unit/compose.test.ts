// compose.yaml, read as Docker reads it: every service keeps the rules for containers, and the three lines that a
// newcomer writes are enough for a configuration without problems.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { connectorTypes } from '../../src/connectors/registry.ts';
import { healthCommand, readDockerfile } from '../support/dockerfile.ts';

type Service = {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly stop_grace_period: string;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};

const compose = parse(readFileSync('compose.yaml', 'utf8')) as {
  readonly services: Readonly<Record<'daemon' | 'redis' | 'postgres', Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file?: string }>>;
};
const { daemon, redis, postgres } = compose.services;
const services = Object.entries(compose.services);
/** What would give a container more than it needs, whatever it is set to. */
const FORBIDDEN = [
  'privileged',
  'cap_add',
  'devices',
  'pid',
  'ipc',
  'network_mode',
  'userns_mode',
  'env_file',
  'group_add',
];

describe.each(services)('the service %s', (_name, service) => {
  it('has a read-only root, no capabilities, no way to gain any, and a numbered user without rights', () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(Object.keys(service).filter((key) => FORBIDDEN.includes(key))).toEqual([]);
    for (const place of service.tmpfs ?? [])
      expect(place).toMatch(/^\/(tmp|run\/postgresql):rw,noexec,nosuid,nodev,size=\d+m,mode=1777$/);
  });

  it('has an image of a named version', () => {
    expect(service.image).toMatch(/^[a-z-]+:\d+\.\d+(\.\d+)?(-alpine)?$/);
  });

  it('says how it is, and gets time to end', () => {
    expect(service.healthcheck.test[0]).toBe('CMD');
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThanOrEqual(30);
  });

  it('mounts nothing of the machine but the configuration, and that read-only', () => {
    const mounts = (service.volumes ?? []).map((volume) => volume.split(':'));
    for (const [from = '', , mode] of mounts) {
      if (Object.hasOwn(compose.volumes, from)) continue;
      expect([from, mode]).toEqual(['./config', 'ro']);
    }
  });

  it('has no secret in its environment or its command', () => {
    const texts = [...Object.values(service.environment ?? {}), ...(service.command ?? [])];
    const named = Object.keys(service.environment ?? {}).filter((name) => /TOKEN|SECRET|PASSWORD|WEBHOOK/.test(name));
    expect(named.filter((name) => !name.endsWith('_FILE'))).toEqual([]);
    expect(texts.filter((text) => /[a-f0-9]{24}|:\/\/[^/]*:[^/]*@/.test(text))).toEqual([]);
    for (const secret of service.secrets ?? []) expect(compose.secrets[secret]?.file).toBe(`./secrets/${secret}`);
  });
});

describe('the daemon', () => {
  it('is the image of the Dockerfile, under the version of the package', () => {
    const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
    expect([daemon.build, daemon.image]).toEqual(['.', `${name}:${version}`]);
    const { only } = readDockerfile();
    expect(daemon.user).toBe(only('USER'));
    expect(daemon.volumes).toContain(`state:${only('VOLUME')}`);
    expect(daemon.healthcheck.test).toEqual(['CMD', ...healthCommand(only('HEALTHCHECK'))]);
    expect(daemon.tmpfs?.[0]).toMatch(/^\/tmp:/);
  });

  it('is reached from this machine only', () => {
    expect(daemon.ports).toEqual(['127.0.0.1:8080:8080']);
    expect([redis.ports, postgres.ports]).toEqual([undefined, undefined]);
  });

  it('needs three lines beside two credentials, and compose says which one is missing', () => {
    const asked = Object.entries(daemon.environment ?? {}).filter(([, value]) => value.startsWith('${'));
    for (const [name, value] of asked)
      expect(value).toMatch(new RegExp(`^\\$\\{${name}:\\?write ${name}=\\S+ into \\.env\\}$`));
    const env = Object.fromEntries(asked.map(([name, value]) => [name, /=(\S+) into/.exec(value)?.[1]]));
    expect(Object.keys(env)).toHaveLength(3);
    const path = daemon.environment?.JIRA_CRM_SYNC_CONFIG?.slice(1) ?? '';
    const files: Record<string, string> = {
      '/run/secrets/jira-token': 'a-token-of-jira',
      '/run/secrets/b24-webhook': `${env.B24_URL}/rest/1/abcdefgh12345678/`,
    };
    expect(Object.keys(files).sort()).toEqual(daemon.secrets?.map((name) => `/run/secrets/${name}`).sort());
    const readSecret = (file: string) => files[file] ?? '';
    const { config, problems } = loadConfig(readFileSync(path, 'utf8'), path, env, readSecret, connectorTypes);
    expect(problems).toEqual([]);
    expect(config?.server.webhooks?.listen).toBe('0.0.0.0:8080');
    expect(`http://${config?.server.admin.listen}/healthz`).toBe(
      readDockerfile()
        .all('ENV')
        .find((rest) => rest.startsWith('HEALTH_URL='))
        ?.slice('HEALTH_URL='.length),
    );
  });

  it('keeps its credentials out of the image and out of the repository', () => {
    expect(readFileSync('.gitignore', 'utf8').split('\n')).toEqual(expect.arrayContaining(['secrets/', '.env']));
    expect(readFileSync('.dockerignore', 'utf8').split('\n')).toContain('*');
  });
});

describe('what it works with', () => {
  it('is a Redis that neither evicts nor forgets', () => {
    const options = redis.command ?? [];
    const after = (option: string) => options[options.indexOf(option) + 1];
    expect([after('--appendonly'), after('--maxmemory-policy')]).toEqual(['yes', 'noeviction']);
    expect(redis.volumes).toEqual(['redis:/data']);
    expect(daemon.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  });

  it('is a PostgreSQL only where it is asked for, with its password in a file', () => {
    expect(postgres.profiles).toEqual(['postgres']);
    expect(postgres.environment?.POSTGRES_PASSWORD_FILE).toBe('/run/secrets/postgres-password');
    expect(postgres.volumes).toEqual(['postgres:/var/lib/postgresql/data']);
  });

  it('has no way out of the machine', () => {
    expect(compose.networks.inside?.internal).toBe(true);
    expect([redis.networks, postgres.networks]).toEqual([['inside'], ['inside']]);
  });
});
