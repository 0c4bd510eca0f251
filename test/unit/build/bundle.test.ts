// The bundle, built once for this file: what is in it and what is not. That it works is shown by test/integration.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputChunk } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../../build/bundle.ts';
import { fromPublicEntry } from '../../../build/jira-operations.ts';

const place = mkdtempSync(join(tmpdir(), 'jira-crm-sync-'));
const folder = join(place, 'dist');
let chunks: readonly OutputChunk[];

beforeAll(async () => {
  chunks = await bundle(folder);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** What is loaded before anything is asked for, from these chunks on. */
function loadedChunks(...names: readonly string[]): string[] {
  const seen = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    const chunk = chunks.find(({ fileName }) => fileName === name);
    if (chunk === undefined) continue;
    seen.add(name);
    open.push(...chunk.imports);
  }
  return [...seen];
}

function loadedBy(...names: readonly string[]): readonly string[] {
  const loaded = loadedChunks(...names);
  return chunks.filter(({ fileName }) => loaded.includes(fileName)).flatMap(({ moduleIds }) => moduleIds);
}

/** The chunks that hold the action of a command. */
function actionOf(command: string): string[] {
  const facade = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/src/cli/${command}.ts`));
  if (facade === undefined) throw new Error(`no chunk for ${command}`);
  return ['main.js', facade.fileName];
}

const HEAVY = /node_modules\/(fastify|bullmq|ioredis|pg|axios|jira\.js|prom-client)\/|\/src\/sync\/|\/src\/sandbox\//;

describe('what a command loads', () => {
  it('is nothing of the sort before one is chosen, not even the configuration', () => {
    const loaded = loadedBy('main.js');
    expect(loaded.some((path) => path.includes('node_modules/commander/'))).toBe(true);
    expect(loaded.filter((path) => HEAVY.test(path) || /node_modules\/(zod|yaml|pino)\//.test(path))).toEqual([]);
  });

  it.each(['status', 'explain', 'schema', 'hold'])(
    'leaves the connectors, the engine and the listeners out of %s',
    (command) => {
      expect(loadedBy(...actionOf(command)).filter((path) => HEAVY.test(path))).toEqual([]);
    },
  );

  it('is the daemon without the sandbox where it runs', () => {
    const loaded = loadedBy(...actionOf('run'));
    expect(loaded.some((path) => path.includes('node_modules/fastify/'))).toBe(true);
    expect(loaded.filter((path) => /node_modules\/(bullmq|ioredis|pg)\/|\/src\/sandbox\//.test(path))).toEqual([]);
  });
});

describe('the folder', () => {
  it('asks for nothing but Node itself', () => {
    const asked = new Set(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]));
    const outside = [...asked].filter((name) => !existsSync(join(folder, name)));
    expect(outside.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))).toEqual([]);
    expect(outside).toContain('node:sqlite');
    // Imported in this form they would bring undici and http2 along.
    expect(outside.filter((name) => /^(node:)?(https?|http2)$/.test(name))).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies');
  });

  it('holds no character for which V8 would keep the whole chunk in two bytes each', () => {
    const wide = chunks.filter(({ code }) => [...code].some((sign) => sign.charCodeAt(0) > 0xff));
    expect(wide.map(({ fileName }) => fileName)).toEqual([]);
    expect(chunks.some(({ code }) => code.includes('\\u0417\\u0430\\u043A\\u0443\\u043F\\u043A\\u0438'))).toBe(true);
  });

  it('is small, because jira.js is there only with what is used of it', () => {
    const sizeOf = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(sizeOf(chunks.map(({ fileName }) => fileName))).toBeLessThan(4_500_000);
    expect(sizeOf(loadedChunks(...actionOf('run')))).toBeLessThan(2_200_000);
    expect(sizeOf(loadedChunks(...actionOf('status')))).toBeLessThan(900_000);
    const kept = chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .filter((path) => path.includes('/jira.js/dist/cloud/api/'));
    expect(kept.some((path) => path.endsWith('/issues.js'))).toBe(true);
    expect(kept.some((path) => path.endsWith('/dashboards.js'))).toBe(false);
    const left = chunks.flatMap(({ moduleIds }) => moduleIds);
    expect(left.filter((path) => /node_modules\/(form-data|mime-db|@opentelemetry)\//.test(path))).toEqual([]);
  });

  it('names the source file of every place in the code', () => {
    const main = JSON.parse(readFileSync(join(folder, 'main.js.map'), 'utf8')) as { sources: string[] };
    expect(main.sources.some((path) => path.endsWith('src/cli/main.ts'))).toBe(true);
    const breaking = 'data:text/javascript,process.stdout.write=()=>{throw new TypeError("broken")}';
    const { stderr } = run('--import', breaking, join(folder, 'main.js'), 'schema');
    const [, file = '', line] = /^Unexpected: broken \(at (src\/\S+\.ts):(\d+):\d+\)\n/.exec(stderr) ?? [stderr];
    expect(file).toBe('src/cli/output.ts');
    expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain(
      'process.stdout.write(`${JSON.stringify(',
    );
  });

  it('has the licence of each package that went into it', () => {
    const text = readFileSync(join(folder, 'licences.txt'), 'utf8');
    const inside = new Set(
      chunks
        .flatMap(({ moduleIds }) => moduleIds)
        .map((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
        .filter((name) => name !== undefined),
    );
    expect(inside.size).toBeGreaterThan(40);
    for (const name of inside)
      expect(text).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    expect(text).toContain('Permission is hereby granted, free of charge');
  });

  it('says its version, keeps its options and finds its examples wherever it lies', () => {
    const main = join(folder, 'main.js');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(run(main, '--version').stdout).toBe(`${version}\n`);
    expect(run(main, 'statsu').stderr).toContain('(Did you mean status?)');
    expect(existsSync(join(folder, 'config', 'examples', 'procurement.yaml'))).toBe(true);
    expect(readFileSync(main, 'utf8').split('\n', 1)[0]).toBe(
      `#!/usr/bin/env -S ${cliOf('package.json').replace(/ \S+$/, '')}`,
    );
    expect(statSync(main).mode & 0o111).toBe(0o111);
  });
});

function run(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: place, encoding: 'utf8' });
}

function cliOf(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { scripts: { cli: string } }).scripts.cli;
}

describe("jira.js's operations", () => {
  it('are the same names as the sources take', () => {
    const code = fromPublicEntry(readFileSync('src/connectors/jira/jira-js.ts', 'utf8'));
    expect(code).toMatch(
      /^export \{ getFields, searchAndReconsileIssuesUsingJqlPost as searchJql, .* \} from 'jira.js\/cloud';\n$/,
    );
  });

  it('stop the build when they are taken in another form', () => {
    expect(() => fromPublicEntry('export const getIssue = api.getIssue;\n')).toThrow('has changed its form');
    expect(() => fromPublicEntry('export const { a } = b;\nexport function c() {}\n')).toThrow('has changed its form');
  });
});
