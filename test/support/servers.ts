// Real Redis and PostgreSQL servers for tests: Debian's programs (packages redis-server and postgresql), each on a free
// port of 127.0.0.1 with a folder of its own under the system's temporary one, gone when the test process ends.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.ts';

export type TestServer = {
  readonly url: string;
  readonly port: number;
  /** Its files; that of PostgreSQL also has its socket. */
  readonly folder: string;
  /** Of the server's process, for signals. */
  pid(): number;
  /** kill -9, of its children too: one of PostgreSQL's may answer on before it sees that it is alone. */
  kill(): Promise<void>;
  /** Again on the same port and folder, after `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
};

const REDIS = '/usr/bin/redis-server';
const POSTGRES_VERSIONS = '/usr/lib/postgresql';
const PATIENCE_MS = 120_000;
const AGAIN_MS = 25;
/** Children of a PostgreSQL that was killed hold its memory until they see that it is gone. */
const LEFT_BEHIND = /pre-existing shared memory block .* is still in use/;

/** Where Debian puts the programs; null: not on this machine. */
export function redisProgram(): string | null {
  return existsSync(REDIS) ? REDIS : null;
}

/** The folder with `initdb` and `postgres`, of the newest version. */
export function postgresPrograms(): string | null {
  if (!existsSync(POSTGRES_VERSIONS)) return null;
  const versions = readdirSync(POSTGRES_VERSIONS).sort((a, b) => Number(b) - Number(a));
  const folders = versions.map((version) => join(POSTGRES_VERSIONS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** `settings` are arguments of redis-server, `['--maxmemory-policy', 'allkeys-lru']`; later ones win. */
export async function startRedis(settings: readonly string[] = []): Promise<TestServer> {
  const program = redisProgram();
  if (program === null) throw new Error('redis-server is not installed: apt-get install redis-server');
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-redis-'));
  const port = await freePort();
  const args = [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'],
    ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no', ...settings],
  ];
  return runServer({ program, args, folder, port, url: `redis://127.0.0.1:${port}`, owner: {}, answers: redisAnswers });
}

/** Without `durable` it does not wait for the disk: faster, and enough where only our own processes die. */
export async function startPostgres(how: { readonly durable?: boolean } = {}): Promise<TestServer> {
  const programs = postgresPrograms();
  if (programs === null) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'jira-crm-sync-postgres-'));
  const owner = postgresOwner();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'sync', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), init, { ...owner, stdio: 'ignore', cwd: folder });
  const port = await freePort();
  const settings = [
    'max_connections=200',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    `port=${port}`,
  ];
  if (!how.durable) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const url = `postgres://sync@127.0.0.1:${port}/postgres`;
  return runServer({ program: join(programs, 'postgres'), args, folder, port, url, owner, answers: postgresAnswers });
}

type Owner = { readonly uid?: number; readonly gid?: number };

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function postgresOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function runServer(server: {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly url: string;
  readonly owner: Owner;
  readonly answers: (port: number) => Promise<boolean>;
}): Promise<TestServer> {
  const { program, args, folder, port, url, owner, answers } = server;
  let child: ChildProcess;
  const killNow = () => {
    child.kill('SIGKILL');
  };

  /** What stands against its start; null: it answers. */
  async function tryToStart(end: number): Promise<string | null> {
    child = spawn(program, [...args], { ...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-2_000);
    });
    const closed = once(child, 'close');
    while (!(await answers(port))) {
      if (child.exitCode !== null) await closed;
      if (child.exitCode !== null || Date.now() > end) return said;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    return null;
  }

  async function start(): Promise<void> {
    process.once('exit', killNow);
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const said = await tryToStart(end);
      if (said === null) return;
      if (!LEFT_BEHIND.test(said) || Date.now() > end) throw new Error(`${program} does not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    process.removeListener('exit', killNow);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  await start();
  return {
    url,
    port,
    folder,
    pid: () => child.pid ?? 0,
    async kill() {
      // Stopped, it gets no more of them.
      child.kill('SIGSTOP');
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
      await end('SIGKILL');
    },
    restart: start,
    async stop() {
      // For PostgreSQL a quick end: connections are cut. Redis takes it as the end, too.
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As Linux tells (proc_pid_task(5)). */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

/** While it reads what an earlier run left, it answers LOADING. */
function redisAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const say = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (answer) => say(`${answer}`.startsWith('+PONG')));
    socket.once('error', () => say(false));
    socket.once('end', () => say(false));
  });
}

/** It listens before it lets anybody in. */
async function postgresAnswers(port: number): Promise<boolean> {
  const client = new Client({ host: '127.0.0.1', port, user: 'sync', database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
