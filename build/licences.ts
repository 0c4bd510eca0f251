// Everything that is copied into the bundle brings its licence along.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Package = { readonly name: string; readonly version: string; readonly licence: string; readonly text: string };

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt|markdown))?$/i;

/** `modules`: paths of the files that went into the bundle. */
export function licencesOf(modules: readonly string[]): string {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== null));
  const packages = [...folders]
    .map(read)
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  const parts = packages.map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text}`);
  return `This program contains the following packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** Null for our own files and for what the bundler made. */
function packageFolder(path: string): string | null {
  const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
  if (found === null) return null;
  const [folder] = found;
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
}

function read(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  const licence = typeof license === 'string' ? license : (license?.type ?? 'see below');
  // Some publish only the name of their licence.
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  if (text === '' && licence === 'see below') throw new Error(`${name} says nothing of its licence`);
  return { name, version, licence, text: text === '' ? `Licence: ${licence}` : text };
}
