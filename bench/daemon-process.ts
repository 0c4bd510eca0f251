// The daemon as operators run it: a process of its own, with a configuration and a state in a folder of its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../src/sandbox/index.ts';
import { freePort } from '../test/support/free-port.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'src/cli/main.ts');
const BUILT = join(ROOT, 'dist/main.js');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-proto=delete', '--max-semi-space-size=4'];
const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 25;

const CONFIG = `
connections:
  jira:
    type: jira
    url: "\${JIRA_URL}"
    auth: { email: "\${JIRA_EMAIL}", token: "\${JIRA_TOKEN}" }
    webhook-secret: "\${JIRA_WEBHOOK_SECRET}"
    insecure-http: true
    limits: LIMITS
  bitrix24:
    type: bitrix24
    url: "\${B24_URL}"
    auth: { webhook: "\${B24_WEBHOOK}" }
    application-token: "\${B24_APPLICATION_TOKEN}"
    member-id: "\${B24_MEMBER_ID}"
    plan: PLAN
    insecure-http: true
    limits: LIMITS
state: sqlite:state.db
server:
  webhooks: { listen: "127.0.0.1:0" }
  admin: { listen: "127.0.0.1:ADMIN" }
users:
  by: email
  map: [ { jira: i.ivanova@nordhafen.example, crm: ivanova@nordhafen.example } ]
  fallback: { jira: sync@nordhafen.example, crm: sync@nordhafen.example }
profiles: profiles/*.yaml
`;

export type Folder = {
  readonly path: string;
  readonly state: string;
  readonly config: string;
  readonly profile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly adminPort: number;
  remove(): void;
};

export type FolderOptions = {
  readonly ready: Ready;
  readonly limits: 'vendor' | 'off';
  readonly plan?: 'standard' | 'enterprise';
};

export async function makeFolder({ ready, limits, plan = 'standard' }: FolderOptions): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'jira-crm-sync-bench-'));
  const adminPort = await freePort();
  mkdirSync(join(path, 'config', 'profiles'), { recursive: true });
  const text = CONFIG.replaceAll('LIMITS', limits).replace('PLAN', plan).replace('ADMIN', String(adminPort));
  writeFileSync(join(path, 'config', 'sync.yaml'), text);
  const profile = readFileSync(join(ROOT, 'config/examples/procurement.yaml'), 'utf8');
  writeFileSync(join(path, 'config', 'profiles', 'procurement.yaml'), profile);
  return {
    path,
    state: join(path, 'state.db'),
    config: text,
    profile,
    adminPort,
    env: {
      JIRA_URL: ready.jira.url,
      JIRA_EMAIL: ready.jira.email,
      JIRA_TOKEN: ready.jira.token,
      JIRA_WEBHOOK_SECRET: ready.jira.webhookSecret,
      B24_URL: ready.bitrix24.url,
      B24_WEBHOOK: ready.bitrix24.webhook,
      B24_APPLICATION_TOKEN: ready.bitrix24.applicationToken,
      B24_MEMBER_ID: ready.bitrix24.memberId,
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Which program is measured, and what Node is told besides. */
export type Program = { readonly built: boolean; readonly nodeFlags: readonly string[] };

export function hasBuild(): boolean {
  return existsSync(BUILT);
}

export type DaemonProcess = {
  readonly pid: number;
  readonly webhooks: string;
  readonly admin: string;
  /** From the start of the process to the first 200 of /readyz. */
  readonly readyMs: number;
  logged(message: string): readonly Record<string, unknown>[];
  stop(): Promise<void>;
};

export async function startDaemonProcess(folder: Folder, program: Program): Promise<DaemonProcess> {
  const begunAt = performance.now();
  const main = program.built ? BUILT : SOURCES;
  const child = spawn(process.execPath, [...FLAGS, ...program.nodeFlags, main, 'run'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', HOME: folder.path, ...folder.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const logged = (message: string) =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line.message === message);

  const admin = `http://127.0.0.1:${folder.adminPort}`;
  const deadline = begunAt + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`the daemon did not start\n${err}${out}`);
    // The listener answers a limited number of questions per second.
    if (logged('daemon started').length > 0 && (await isReady(admin))) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const readyMs = performance.now() - begunAt;
  const [started] = logged('daemon started');
  return {
    pid: child.pid ?? 0,
    webhooks: String(started?.webhooks),
    admin,
    readyMs,
    logged,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isReady(admin: string): Promise<boolean> {
  try {
    const answer = await fetch(`${admin}/readyz`);
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
