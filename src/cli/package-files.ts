// What comes with the program besides code: its package.json, and the examples of configuration beside that. A clone has
// them above `src`, the bundle in its own folder.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function packageFile(path: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, path);
}

export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}
