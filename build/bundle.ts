// The one thing that is shipped, as package and in the image: everything in one folder that needs nothing but Node.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, type RolldownOutput, rolldown } from 'rolldown';
import { jiraOperations } from './jira-operations.ts';
import { leaveOut } from './leave-out.ts';
import { licencesOf } from './licences.ts';
import { plainHttp } from './plain-http.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What packages ask for only where it is installed, inside a try or when it is called. We never install it. */
const OPTIONAL = ['pg-native', 'bullmq-otel', 'redis', 'supports-color'];

export async function bundle(folder: string): Promise<readonly OutputChunk[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { output } = await writeCode(folder);
  chmodSync(join(folder, 'main.js'), 0o755);
  const chunks = output.filter((one) => one.type === 'chunk');
  writeFileSync(join(folder, 'licences.txt'), licencesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
  writeFileSync(join(folder, 'package.json'), packageJson());
  for (const path of ['config/sync.example.yaml', 'config/examples']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  return chunks;
}

async function writeCode(folder: string): Promise<RolldownOutput> {
  const build = await rolldown({
    cwd: ROOT,
    input: { main: 'src/cli/main.ts' },
    platform: 'node',
    external: OPTIONAL,
    // What Node would load is its CommonJS form, of which nothing can be left out.
    resolve: { alias: { bullmq: join(ROOT, 'node_modules/bullmq/dist/esm/index.js') } },
    plugins: [jiraOperations(), leaveOut(), plainHttp()],
    onLog(level, log, next) {
      // A package that is not found would only be missed when somebody runs the code.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      next(level, log);
    },
  });
  try {
    return await build.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      // Names of error classes stand in logs and decide what becomes of the work.
      keepNames: true,
      // V8 keeps a text with a single wide character in two bytes a character.
      charset: 'ascii',
      minify: true,
      comments: { legal: false },
      sourcemap: true,
      sourcemapExcludeSources: true,
    });
  } finally {
    await build.close();
  }
}

function packageJson(): string {
  const { name, version, description, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  // Not in our own package.json: a clone is set up by any Node, and brings the right one along.
  const engines = { node: '>=26' };
  const own = { name, version, description, license, type: 'module', bin: { [name]: 'main.js' }, engines };
  return `${JSON.stringify(own, null, 2)}\n`;
}
