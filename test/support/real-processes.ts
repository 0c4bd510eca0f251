// The program as a person starts it: real processes, sockets, signals and files, in a folder of its own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { DEMO_CONFIG } from '../../src/cli/demo-setup.ts';
import type { Ready } from '../../src/sandbox/index.ts';
import { createChildren, lastWords, type Running } from './child-processes.ts';

export type { Ended, Running } from './child-processes.ts';

const SOURCES = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../config/examples/procurement.yaml', import.meta.url));
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-proto=delete', '--max-semi-space-size=4'];
/** No bound on the product: a machine may be slow, and what never comes is missed in the end. */
const PATIENCE_MS = 300_000;

export type Daemon = Running & { readonly webhooks: string; readonly admin: string };

type Env = Readonly<Record<string, string>>;
type How = {
  /** Another user than our own. */
  readonly uid?: number;
  readonly gid?: number;
  /** A command that runs a command: `['prlimit', '--fsize=0:']`. */
  readonly through?: readonly string[];
};

export class OutOfTime extends Error {}

export async function until<T>(what: string, look: () => T | Promise<T>, ms = PATIENCE_MS): Promise<NonNullable<T>> {
  const endsAt = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as NonNullable<T>;
    if (performance.now() > endsAt) throw new OutOfTime(`not within ${ms} ms: ${what}${lastWords()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What is started is what ships, unless a test is about the sources. */
export function createPlayground(from: 'bundle' | 'sources' = 'bundle') {
  const main = from === 'bundle' ? inject('builtMain') : SOURCES;
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-'));
  const children = createChildren();

  function start(args: readonly string[], env: Env = {}, { through = [], ...owner }: How = {}): Running {
    const words = [...through, process.execPath, ...FLAGS, main, ...args];
    return children.start(words, {
      ...owner,
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: process.env.TMPDIR ?? tmpdir(), ...env },
    });
  }

  async function sandbox(issues: number, deals: number): Promise<Ready> {
    const { output } = start(['sandbox', '--seed', '7', '--issues', `${issues}`, '--deals', `${deals}`]);
    const line = await until('the sandbox is ready', () => /^.*\n/.exec(output.out)?.[0]);
    return JSON.parse(line) as Ready;
  }

  /** config/sync.yaml with everything that is secret in the environment, and the example profile. */
  function configure(
    ready: Ready,
    more: { readonly jiraUrl?: string; readonly state?: string; readonly admin?: string } = {},
  ): Env {
    mkdirSync(join(folder, 'config', 'profiles'), { recursive: true });
    const text = DEMO_CONFIG.replace(/^profiles: .*$/m, `state: sqlite:${more.state ?? 'data/state.db'}`);
    write('config/sync.yaml', text.replace(/(admin: \{ listen: ").*?"/, `$1${more.admin ?? '127.0.0.1:0'}"`));
    write('config/profiles/procurement.yaml', readFileSync(EXAMPLE, 'utf8'));
    return {
      JIRA_URL: more.jiraUrl ?? ready.jira.url,
      JIRA_EMAIL: ready.jira.email,
      JIRA_TOKEN: ready.jira.token,
      JIRA_WEBHOOK_SECRET: ready.jira.webhookSecret,
      B24_URL: ready.bitrix24.url,
      B24_WEBHOOK: ready.bitrix24.webhook,
      B24_APPLICATION_TOKEN: ready.bitrix24.applicationToken,
      B24_MEMBER_ID: ready.bitrix24.memberId,
    };
  }

  function write(file: string, text: string): void {
    writeFileSync(join(folder, file), text);
  }

  async function daemon(env: Env): Promise<Daemon> {
    const running = start(['run'], env);
    const line = await until('the daemon has started', () => {
      if (running.child.exitCode !== null) throw new Error(running.output.err);
      return logged(running, 'daemon started');
    });
    return { ...running, webhooks: line.webhooks as string, admin: line.admin as string };
  }

  return {
    folder,
    start,
    sandbox,
    configure,
    write,
    /** Another file like this one, with one text of it replaced. */
    copyWith(file: string, to: string, text: string, by: string): void {
      write(to, readFileSync(join(folder, file), 'utf8').replace(text, by));
    },
    daemon,
    /** Runs a command to its end. */
    run: (env: Env, ...args: string[]) => start(args, env).ended,
    close(): void {
      children.killAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Playground = ReturnType<typeof createPlayground>;

/** The first line of the log with this message; undefined while there is none. */
export function logged(running: Running, message: string): Record<string, unknown> | undefined {
  const lines = running.output.out.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line.message === message);
}
