// The image of image.ts between the two sandboxes: compose's configuration with what differs from a real site, and the
// daemon started, looked at and stopped as ops does it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parseDocument } from 'yaml';
import type { Ready } from '../../src/sandbox/index.ts';
import type { Image } from './image.ts';
import { logged, type Running, until } from './real-processes.ts';
import type { Control } from './sandbox-control.ts';

export type ImageDaemon = Running & { readonly admin: string; readonly readyMs: number };

/** Addresses of real servers instead of those in compose's network; without them SQLite, and queued in the process. */
export type Servers = { readonly redis?: string; readonly postgres?: string };

type Status = {
  readonly running: boolean;
  readonly profiles: readonly { matched: boolean; counts: { dirty: { live: number; bulk: number } } }[];
};

/** Seals the image: nothing can be laid into it afterwards. */
export function createImageSite(image: Image, ready: Ready, control: Control, servers: Servers = {}) {
  const env = configure(image, ready, servers);
  image.seal();

  async function start(): Promise<ImageDaemon> {
    const from = performance.now();
    const running = image.run(env);
    const line = await until('the daemon has started', () => {
      if (running.child.exitCode !== null) throw new Error(running.output.err);
      return logged(running, 'daemon started');
    });
    await control.sendWebhooksTo(line.webhooks as string);
    const admin = line.admin as string;
    await until('the daemon is ready', async () => (await fetch(`${admin}/readyz`)).ok);
    return { ...running, admin, readyMs: performance.now() - from };
  }

  async function stop(daemon: ImageDaemon): Promise<{ code: number | null; err: string; ms: number }> {
    const from = performance.now();
    daemon.child.kill('SIGTERM');
    const { code, err } = await daemon.ended;
    return { code, err, ms: performance.now() - from };
  }

  async function status(): Promise<Status> {
    const { out, err } = await image.command(env, 'status', '--json');
    expect(err).toBe('');
    return JSON.parse(out) as Status;
  }

  async function inStep(): Promise<void> {
    await until('both sides are in step', async () => {
      const { profiles } = await status();
      const dirty = profiles[0]?.counts.dirty;
      return profiles[0]?.matched === true && dirty?.live === 0 && dirty.bulk === 0;
    });
  }

  return { env, start, stop, status, inStep };
}

/** config/container.yaml with what differs from a real site: no https, free ports, secrets of webhooks, one person. */
function configure(image: Image, ready: Ready, servers: Servers): Record<string, string> {
  const text = readFileSync('config/container.yaml', 'utf8').replaceAll('/run/secrets', image.inRoot('/run/secrets'));
  const config = parseDocument(text);
  const secret = (name: string) => `file:${image.inRoot(`/run/secrets/${name}`)}`;
  for (const name of ['jira', 'bitrix24']) config.setIn(['connections', name, 'insecure-http'], true);
  config.setIn(['connections', 'jira', 'webhook-secret'], secret('jira-webhook-secret'));
  config.setIn(['connections', 'bitrix24', 'application-token'], secret('b24-application-token'));
  for (const name of ['webhooks', 'admin']) config.setIn(['server', name, 'listen'], '127.0.0.1:0');
  config.setIn(['users', 'map'], [{ jira: 'i.ivanova@nordhafen.example', crm: 'ivanova@nordhafen.example' }]);
  config.setIn(['users', 'fallback'], { jira: 'sync@nordhafen.example', crm: 'sync@nordhafen.example' });
  if (servers.redis === undefined) config.delete('queue');
  else config.set('queue', servers.redis);
  if (servers.postgres !== undefined) config.set('state', servers.postgres);
  const files = {
    'config/container.yaml': String(config),
    'config/profiles/procurement.yaml': readFileSync('config/examples/procurement.yaml', 'utf8'),
    'run/secrets/jira-token': ready.jira.token,
    'run/secrets/b24-webhook': ready.bitrix24.webhook,
    'run/secrets/jira-webhook-secret': ready.jira.webhookSecret,
    'run/secrets/b24-application-token': ready.bitrix24.applicationToken,
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(image.inRoot(path), content);
  return {
    JIRA_URL: ready.jira.url,
    JIRA_EMAIL: ready.jira.email,
    B24_URL: ready.bitrix24.url,
    JIRA_CRM_SYNC_CONFIG: image.inRoot('/config/container.yaml'),
  };
}
