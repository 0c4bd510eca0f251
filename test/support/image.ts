// The image laid out in a folder, where no image can be built: what the Dockerfile's last stage copies lies where it would
// lie, belongs to whom it would belong to, and is started by the ENTRYPOINT as that user. Paths of the image are paths in
// the folder; nothing else differs.
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { createChildren, type Running } from './child-processes.ts';
import { healthCommand, readDockerfile, words } from './dockerfile.ts';

type Env = Readonly<Record<string, string>>;

const { all, copies, last, only } = readDockerfile();

export function layOutImage() {
  const place = mkdtempSync(join(tmpdir(), 'jira-crm-sync-image-'));
  chmodSync(place, 0o755);
  const built = join(place, 'build');
  const root = join(place, 'root');
  const inRoot = (path: string) => join(root, path);
  const children = createChildren();

  // What `npm run build && mkdir empty` leaves behind in the first stage.
  cpSync(dirname(inject('builtMain')), join(built, 'app', 'dist'), { recursive: true });
  mkdirSync(join(built, 'app', 'empty'));

  // The base image brings these.
  mkdirSync(inRoot('/nodejs/bin'), { recursive: true });
  copyFileSync(process.execPath, inRoot('/nodejs/bin/node'));
  for (const { from, paths, to } of copies(last)) {
    for (const path of paths) cpSync(from === null ? path : join(built, path), inRoot(to), { recursive: true });
  }
  mkdirSync(inRoot('/config/profiles'), { recursive: true });
  mkdirSync(inRoot('/run/secrets'), { recursive: true });
  mkdirSync(inRoot('/tmp'));

  const [uid = 0, gid = 0] = only('USER').split(':').map(Number);
  const asRoot = process.getuid?.() === 0;
  const writable = [...copies(last).flatMap(({ chown, to }) => (chown === null ? [] : [to])), '/tmp'];
  rmSync(built, { recursive: true });

  /** The root file system is read-only: for root by belonging to somebody else, for others by its rights. */
  function seal(): void {
    protect(root);
    for (const path of writable) {
      chmodSync(inRoot(path), 0o755);
      if (asRoot) chownSync(inRoot(path), uid, gid);
    }
  }

  function start(command: readonly string[], env: Env = {}): Running {
    const placed = command.map((word) => (word.startsWith('/') ? inRoot(word) : word));
    return children.start(placed, {
      cwd: inRoot(only('WORKDIR')),
      env: { ...imageEnv(), TMPDIR: inRoot('/tmp'), ...env },
      ...(asRoot ? { uid, gid } : {}),
    });
  }

  return {
    inRoot,
    seal,
    /** `docker run <image>`: the entrypoint with the default command. */
    run: (env: Env) => start([...words(only('ENTRYPOINT')), ...words(only('CMD'))], env),
    /** `docker run <image> <args>`, or the same beside it. */
    command: (env: Env, ...args: string[]) => start([...words(only('ENTRYPOINT')), ...args], env).ended,
    health: (env: Env) => start(healthCommand(only('HEALTHCHECK')), env).ended,
    /** Any program text under the image's Node and user. */
    evaluate: (code: string) => start(['/nodejs/bin/node', '-e', code]).ended,
    close(): void {
      children.killAll();
      open(root);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

export type Image = ReturnType<typeof layOutImage>;

function imageEnv(): Env {
  return Object.fromEntries(
    all('ENV', last).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function protect(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() || dirname(path).endsWith('/nodejs/bin') ? 0o555 : 0o444);
  }
  chmodSync(folder, 0o555);
}

/** So that whoever made it can take it away again. */
function open(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) open(join(folder, entry.name));
  }
}
