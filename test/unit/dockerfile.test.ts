// The image cannot be built in every place where the tests run, so its rules are read from the Dockerfile, and its
// health check is run as it stands there.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

type Instruction = { readonly name: string; readonly rest: string };

function readInstructions(): Instruction[] {
  const text = readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, rest: rest.join(' ') };
  });
}

const instructions = readInstructions();
const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const all = (name: string, of = instructions) => of.filter((one) => one.name === name).map((one) => one.rest);
const only = (name: string) => all(name, last)[0] ?? '';
const words = (json: string) => JSON.parse(json) as string[];

describe('the image', () => {
  it('stands on the slim image of the Node that the sources need', () => {
    expect(all('FROM').map((rest) => rest.split(' ')[0])).toEqual(['node:26-slim', 'node:26-slim']);
  });

  it('holds neither tests nor another Node, and no script of a dependency ran', () => {
    const [install = ''] = all('RUN').filter((rest) => rest.includes('npm'));
    expect(install).toBe('npm ci --omit=dev --omit=optional --ignore-scripts');
    expect(all('RUN', last).some((rest) => /npm|apt|curl|wget/.test(rest))).toBe(false);
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(optionalDependencies).every((name) => /^node-/.test(name))).toBe(true);
  });

  it('runs as a numbered user without rights, to the end', () => {
    expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const after = last.slice(last.findIndex(({ name }) => name === 'USER') + 1);
    expect(after.map(({ name }) => name)).toEqual(['EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
  });

  it('starts the daemon as `npm run cli` does, with no shell in between that would swallow a signal', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(words(only('ENTRYPOINT')).join(' ')).toBe(scripts.cli);
    expect(words(only('CMD'))).toEqual(['run']);
  });

  it('writes into a volume of its user only', () => {
    expect(all('VOLUME', last)).toEqual(['/app/data']);
    expect(only('RUN')).toContain(`chown ${only('USER')} /app/data`);
    expect(only('WORKDIR')).toBe('/app');
  });

  it('copies named things that exist, and nothing secret', () => {
    expect(all('ADD')).toEqual([]);
    const sources = all('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
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
    const [, ...args] = words(only('HEALTHCHECK').slice(only('HEALTHCHECK').indexOf('[')));
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
