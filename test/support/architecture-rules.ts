// The rules of docs/architecture.md that a program can check. Each answers sentences that name file, line and rule.
import type { Import, SourceFile } from './source-tree.ts';

/** Folder or single file directly under src -> what of src it may import. `types:` allows only `import type`. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: ['model'],
  nearest: [],
  ports: [],
  mapping: ['model', 'errors'],
  connectors: ['model', 'errors', 'nearest', 'ports'],
  state: ['model', 'errors', 'ports'],
  profiles: ['model', 'errors', 'nearest', 'mapping'],
  sync: [
    'model',
    'errors',
    'ports',
    'mapping',
    'profiles',
    'types:work',
    'types:connectors/connector.ts',
    'types:state/store.ts',
  ],
  work: ['model', 'errors', 'ports', 'sync', 'types:state', 'types:connectors/connector.ts', 'types:profiles'],
  triggers: ['model', 'errors', 'ports', 'work', 'sync/sweep.ts', 'types:connectors/connector.ts', 'types:state'],
  log: ['model', 'errors', 'ports'],
  config: [
    'model',
    'errors',
    'nearest',
    'ports',
    'profiles',
    'connectors/registry.ts',
    'state/postgres/address.ts',
    'types:state/store.ts',
  ],
  sandbox: ['ports'],
  daemon: [
    'model',
    'errors',
    'nearest',
    'ports',
    'log',
    'config',
    'mapping',
    'profiles',
    'connectors',
    'state',
    'sync',
    'work',
    'triggers',
  ],
};

/** Package -> where it may be used; a name that is not here may not be used in src at all. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  axios: ['connectors'],
  'jira.js': ['connectors/jira'],
  zod: ['connectors', 'profiles', 'config', 'sandbox', 'state'],
  yaml: ['profiles', 'config'],
  '@marcbachmann/cel-js': ['profiles'],
  croner: ['profiles', 'triggers'],
  fastify: ['triggers'],
  'prom-client': ['triggers'],
  pino: ['log'],
  commander: ['cli'],
  'cli-table3': ['cli'],
  bullmq: ['work', 'daemon'],
  ioredis: ['work', 'daemon'],
  pg: ['state'],
  'node:sqlite': ['state'],
  'node:fs': ['state', 'config', 'daemon', 'cli'],
  'node:http': ['connectors', 'sandbox'],
  'node:https': ['connectors', 'sandbox'],
  'node:net': ['connectors', 'sandbox', 'triggers'],
  'node:dns': ['connectors'],
  'node:child_process': ['cli'],
};
/** Pure parts of Node that change nothing and ask nobody; `sync` does without even most packages. */
const PURE_NODE = new Set(['node:crypto', 'node:path', 'node:url', 'node:util', 'node:buffer', 'node:querystring']);

const MAY_TOUCH_THE_WORLD = ['ports', 'cli', 'daemon'];
const WORLD =
  /^(Date\.now|new Date\(\)|Math\.random|performance(\..+)?|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|process(\..+)?|Temporal\.Now|AbortSignal\.timeout|crypto\.(getRandomValues|randomUUID)|globalThis(\..+)?|console(\..+)?|eval|Function)$/;

const BANNED_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'base', 'manager', 'service', 'misc'];

export const SOURCE_LINES = 400;
export const TEST_LINES = 600;
const MEDIAN_LINES = 150;
const NINE_IN_TEN_LINES = 250;

/** `src/connectors/jira/client.ts` -> `connectors/jira/client.ts`; `src/model.ts` -> `model`. */
function place(path: string): string {
  const inside = path.replace(/^src\//, '');
  return inside.includes('/') ? inside : inside.replace(/\.ts$/, '');
}

function unit(path: string): string {
  return place(path).split('/')[0] ?? '';
}

function isWithin(path: string, folder: string): boolean {
  const where = place(path);
  return where === folder || where.startsWith(`${folder}/`);
}

function mayImport(from: string, one: Import, target: string): boolean {
  const source = unit(from);
  if (source === 'cli') return true;
  if (source === unit(target)) return true;
  for (const rule of MAY_IMPORT[source] ?? []) {
    const typesOnly = rule.startsWith('types:');
    const allowed = rule.replace('types:', '');
    if (isWithin(target, allowed) && (one.typeOnly || !typesOnly)) return true;
  }
  return false;
}

export function folderProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const one of file.imports) {
      if (!one.file) continue;
      const where = `${file.path}:${one.line}`;
      if (!one.file.startsWith('src/'))
        problems.push(`${where} imports ${one.from}: src may import nothing outside src.`);
      else if (!mayImport(file.path, one, one.file)) {
        const allowed = (MAY_IMPORT[unit(file.path)] ?? ['nothing: the folder is not in the table']).join(', ');
        problems.push(`${where} imports ${one.file}: ${unit(file.path)} may import only ${allowed || 'nothing'}.`);
      }
    }
  }
  return problems;
}

/** connectors/jira must not know connectors/bitrix24; only the registry knows both. The sandboxes likewise. */
export function siblingProblems(files: readonly SourceFile[]): string[] {
  const product = (path: string) => /^src\/(connectors|sandbox)\/([^/]+)\//.exec(path)?.[2] ?? null;
  const problems: string[] = [];
  for (const file of files) {
    for (const one of file.imports) {
      const [own, other] = [product(file.path), one.file ? product(one.file) : null];
      if (!own || !other || own === other || unit(file.path) !== unit(one.file ?? '')) continue;
      problems.push(`${file.path}:${one.line} imports ${one.file}: one product may not import another.`);
    }
  }
  return problems;
}

function packageName(from: string): string {
  if (from.startsWith('node:')) return from.split('/')[0] ?? from;
  return from.startsWith('@') ? from.split('/').slice(0, 2).join('/') : (from.split('/')[0] ?? from);
}

export function packageProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const one of file.imports) {
      if (one.file) continue;
      const name = packageName(one.from);
      const where = `${file.path}:${one.line}`;
      if (PURE_NODE.has(name)) continue;
      const places = PACKAGES[name];
      if (unit(file.path) === 'cli' && (name.startsWith('node:') || places?.includes('cli'))) continue;
      if (!places) problems.push(`${where} imports ${name}: the package has no place in the architecture yet.`);
      else if (!places.some((folder) => isWithin(file.path, folder))) {
        problems.push(`${where} imports ${name}: it belongs in ${places.join(', ')} only.`);
      }
    }
  }
  return problems;
}

export function cycleProblems(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const problems: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      problems.push(`${[...trail.slice(start), path].join(' -> ')}: imports may not run in a circle.`);
      return;
    }
    if (done.has(path)) return;
    for (const one of graph.get(path) ?? []) if (one.file) visit(one.file, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return problems;
}

export function globalProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    if (MAY_TOUCH_THE_WORLD.some((folder) => isWithin(file.path, folder))) continue;
    for (const { name, line } of file.globals) {
      if (!WORLD.test(name)) continue;
      problems.push(`${file.path}:${line} uses ${name}: take a Clock, Random, Log or a value instead (ports.ts).`);
    }
  }
  return problems;
}

export function sizeProblems(files: readonly SourceFile[], limit: number): string[] {
  const tooLong = files.filter((file) => file.lines > limit);
  return tooLong.map(
    (file) => `${file.path}:${file.lines} is too long: at most ${limit} lines, split it by what it does.`,
  );
}

export function medianProblems(files: readonly SourceFile[]): string[] {
  const sizes = files.map((file) => file.lines).sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const ninth = sizes[Math.floor(sizes.length * 0.9)] ?? 0;
  const problems: string[] = [];
  if (median > MEDIAN_LINES)
    problems.push(`src: the median file has ${median} lines, at most ${MEDIAN_LINES} are meant.`);
  if (ninth > NINE_IN_TEN_LINES) {
    problems.push(`src: nine in ten files have up to ${ninth} lines, at most ${NINE_IN_TEN_LINES} are meant.`);
  }
  return problems;
}

export function nameProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const part of file.path.split('/')) {
      // A test says in its name which servers it needs.
      const stem = part.replace(/((\.(redis|postgres))*\.test)?\.ts$/, '');
      if (BANNED_NAMES.includes(stem)) problems.push(`${file.path}:1 is named "${stem}": name it after what it does.`);
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) problems.push(`${file.path}:1: "${part}" is not kebab-case.`);
    }
    if (file.hasDefaultExport) problems.push(`${file.path}:1 has a default export: exports are named.`);
  }
  return problems;
}

export function classProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    for (const { name, base, line } of file.classes) {
      if (base && /Error$|Refusal$|Refused$/.test(base)) continue;
      problems.push(`${file.path}:${line} declares class ${name}: only errors are classes, use a factory function.`);
    }
  }
  return problems;
}

/** The engine works for any pair of products. */
export function productNameProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    if (unit(file.path) !== 'sync') continue;
    file.text.split('\n').forEach((line, index) => {
      const name = /bitrix|atlassian/i.exec(line)?.[0];
      if (name) problems.push(`${file.path}:${index + 1} names ${name}: sync knows sides, no products.`);
    });
  }
  return problems;
}

/** A test that is skipped or alone hides what it does not run. */
export function hiddenTestProblems(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  for (const file of files) {
    if (!file.path.endsWith('.test.ts')) continue;
    for (const { name, line } of file.globals) {
      const hidden =
        /^(it|test|describe)\.(only|skip|todo)$/.test(name) || /^(xit|xtest|xdescribe|fit|fdescribe)$/.test(name);
      if (hidden) problems.push(`${file.path}:${line} uses ${name}: every test runs.`);
    }
  }
  return problems;
}
